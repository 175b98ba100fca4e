"""For 24 hours after a new password nothing is prepared that lets more leave once the cap has ended."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts import instructions, limits
from accounts.models import Account, BranchCustomer, ContactChange, Instruction, OwnLimit, User
from accounts.ownlimits import changing as own_limits
from accounts.profile import changing as contacts
from tests.support import sign_in
from transfers.models import SavedPayee, StandingOrder
from transfers.payees import keeping
from transfers.tests import standing
from transfers.tests.support import as_actor, owner_of, pay
from wekeza_portal import clock
from wekeza_portal.registry import instruction_kinds

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


@pytest.fixture
def me(sender: Account) -> BranchCustomer:
    return owner_of(sender)


def an_order(sender: Account, receiver: Account) -> Instruction:
    return standing.draft(sender, receiver, "5000.00")


def a_payee(sender: Account, receiver: Account) -> Instruction:
    return keeping.prepare_wekeza(owner_of(sender), receiver.account_number, keeping.Extras("Rent", None))


def a_raise(sender: Account, receiver: Account) -> Instruction:
    me = owner_of(sender)
    own_limits.change(customer=me, wanted={"DAILY_OUT": D("1000.00")}, actor=as_actor(me))
    act = own_limits.change(customer=me, wanted={"DAILY_OUT": D("300000.00")}, actor=as_actor(me))
    assert act is not None
    return act


def a_contact(sender: Account, receiver: Account) -> Instruction:
    return contacts.prepare(owner_of(sender), "email", "thief@example.com")


OPENING = [an_order, a_payee, a_raise, a_contact]
Drafted = Callable[[Account, Account], Instruction]


def do(draft: Instruction, customer: BranchCustomer) -> None:
    instructions.approve(customer=customer, instruction_id=draft.id)
    how = instructions.carry_out if instruction_kinds.get(draft.kind).is_act else instructions.confirm
    how(customer=customer, instruction_id=draft.id, actor=as_actor(customer))


def nothing_came_of_it() -> bool:
    there = (StandingOrder.objects, SavedPayee.objects, ContactChange.objects)
    return not any(rows.exists() for rows in there) and not OwnLimit.objects.filter(next_at__isnull=False).exists()


@pytest.mark.parametrize("drafted", OPENING)
def test_it_is_refused_with_the_right_code_too(
    sender: Account, receiver: Account, me: BranchCustomer, drafted: Drafted
) -> None:
    draft = drafted(sender, receiver)
    cap = limits.begin_recovery(me)
    with pytest.raises(limits.JustBackIn) as refusal:
        do(draft, me)
    assert cap.until_text in str(refusal.value)
    assert nothing_came_of_it()


@pytest.mark.parametrize("drafted", OPENING)
def test_no_code_is_sent_for_it_and_the_page_says_until_when(
    sender: Account, receiver: Account, me: BranchCustomer, user: User, drafted: Drafted
) -> None:
    cap = limits.begin_recovery(me)
    client = Client()
    sign_in(client, user)
    draft = drafted(sender, receiver)
    page = client.get(f"/step-up/?for={draft.id}", follow=True).content.decode()
    until = cap.until.astimezone(clock.NAIROBI)
    assert f"Try again on {until:%d/%m/%Y, %H:%M}" in page


@pytest.mark.parametrize("drafted", OPENING)
def test_a_day_later_it_is_done(sender: Account, receiver: Account, me: BranchCustomer, drafted: Drafted) -> None:
    with time_machine.travel(clock.now() - timedelta(hours=24), tick=False):
        limits.begin_recovery(me)
    do(drafted(sender, receiver), me)
    assert not nothing_came_of_it()


def test_a_reminder_moves_nothing_and_is_set_up(sender: Account, receiver: Account, me: BranchCustomer) -> None:
    limits.begin_recovery(me)
    standing.confirm(standing.draft(sender, receiver, mode="REMIND"), sender)
    assert StandingOrder.objects.get().mode == "REMIND"


def test_payments_go_within_the_cap_and_limits_are_lowered(
    sender: Account, receiver: Account, me: BranchCustomer
) -> None:
    limits.begin_recovery(me)
    pay(sender, receiver, "900.00")
    assert own_limits.change(customer=me, wanted={"DAILY_OUT": D("500.00")}, actor=as_actor(me)) is None


def test_every_kind_that_opens_something_also_stops_with_everything() -> None:
    """What must not be done while everything is stopped, and what must not be done just after: one list of acts."""
    kinds = dict(instruction_kinds.items())
    opening: dict[str, Any] = {name: kind for name, kind in kinds.items() if kind.opens}
    assert len(opening) >= 6
    assert all(kind.stops_with_a_freeze for kind in opening.values())
    assert {"CONTACT_CHANGE", "OWN_LIMITS"} <= set(opening)
