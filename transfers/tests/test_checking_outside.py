"""checkledger on payments out of the bank: silent when they tie, exact when somebody wrote into the tables."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts import checking
from accounts.models import Account, PostingLeg
from transfers.models import Payment
from transfers.outside import working
from transfers.tests.scripted import ACCEPTED, PAID, REFUSED, ScriptedRail, pay_out, scripted
from transfers.tests.support import an_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def mpesa() -> Iterator[ScriptedRail]:
    with scripted() as played:
        yield played["mpesa"]


@pytest.fixture
def three(mpesa: ScriptedRail) -> list[Payment]:
    """One settled, one given back, one on its way."""
    sender: Account = an_account("Emmanuel Odenyire", "90000.00")
    made = []
    for number, answer in enumerate((PAID, REFUSED, ACCEPTED)):
        mpesa.to_send = [answer]
        made.append(pay_out(sender, number=number))
        working.work()
    return made


def kinds() -> list[str]:
    return sorted({difference.kind for difference in checking.differences()})


def set_state(payment: Payment, state: str) -> None:
    Payment.objects.filter(pk=payment.pk).update(state=state)


SPOILED: dict[str, tuple[Callable[[list[Payment]], Any], list[str]]] = {
    "a settled one said to be on its way": (
        lambda three: set_state(three[0], "SENT"),
        ["payment_without_end", "rail_account"],
    ),
    "a returned one said to be settled": (lambda three: set_state(three[1], "SETTLED"), ["payment_without_end"]),
    "one on its way said to be returned": (
        lambda three: set_state(three[2], "RETURNED"),
        ["payment_without_end", "rail_account"],
    ),
    "one that is gone": (lambda three: three[2].delete(), ["payment_missing", "rail_account"]),
    "another amount in the rail's account": (
        lambda three: PostingLeg.objects.filter(internal_account="rail.mpesa", amount__gt=0).update(amount="1.00"),
        ["beyond_payment", "legs_changed", "rail_account", "unbalanced"],
    ),
}


def test_it_is_silent_while_everything_ties(three: list[Payment]) -> None:
    states = [Payment.objects.get(pk=payment.pk).state for payment in three]
    assert (states, kinds()) == (["SETTLED", "RETURNED", "SENT"], [])


@pytest.mark.parametrize("what", SPOILED)
def test_it_names_what_does_not_tie(three: list[Payment], what: str) -> None:
    spoil, found = SPOILED[what]
    spoil(three)
    assert kinds() == found
