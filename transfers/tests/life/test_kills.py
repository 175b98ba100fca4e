"""A rail that stops itself, limits that come back, and kill -9 between any two lines."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts import checking
from accounts.models import Account, LimitUsage
from transfers.models import Payment
from transfers.outside import finishing, rails, working
from transfers.payees import newness
from transfers.tests.life.scenes import D, State, assert_returned, assert_settled, now_is
from transfers.tests.scripted import (
    ACCEPTED,
    NOT_FOUND,
    PAID,
    REFUSED,
    UNKNOWN,
    ScriptedRail,
    be_due,
    internal,
    pay_out,
    prepare_out,
)
from transfers.tests.support import balance, confirm, owner_of
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.staff import switches

pytestmark = pytest.mark.django_db


def test_a_rail_that_refuses_everything_is_switched_off_once_and_nobody_else_s_money_leaves(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    """The initiator's password is wrong: what was sent comes back, and what would be sent stays where it is."""
    opening = balance(sender)
    mpesa.to_send = [Outcome(Status.REFUSED, "2001", "initiator's password is wrong", "not_possible", stops_rail=True)]
    payments = [pay_out(sender, number=number) for number in range(2)]
    ready = prepare_out(sender, number=5)
    working.work()
    assert [now_is(payment, State.RETURNED).state for payment in payments]
    for refused in (lambda: prepare_out(sender, number=6), lambda: confirm(ready)):
        with pytest.raises(switches.SwitchedOff) as caught:
            refused()
        assert "M-Pesa is not available" in str(caught.value)
    assert (balance(sender), AuditEvent.objects.filter(verb="rail.stopped").count()) == (opening, 1)
    pay_out(sender, "pesalink", amount="500.00")


def test_the_limits_of_the_day_it_was_paid_get_back_what_returns_the_next_day(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    mpesa.to_send = [UNKNOWN]
    payment = pay_out(sender)
    working.work()
    at.shift(timedelta(days=1))
    mpesa.to_send = [ACCEPTED]
    pay_out(sender, amount="700.00")
    mpesa.to_ask = [REFUSED]
    working.enquire_now(payment)
    now_is(payment, State.RETURNED)
    days = LimitUsage.objects.filter(customer=owner_of(sender), code="DAILY_OUT").order_by("period")
    assert list(days.values_list("period", "used")) == [("2026-11-25", D("0.00")), ("2026-11-26", D("700.00"))]
    assert list(checking.differences()) == []


class Killed(BaseException):
    """As kill -9 between two lines: nothing after it runs."""


def die(*_: Any, **__: Any) -> Any:
    raise Killed()


SEAMS: dict[str, tuple[Any, str]] = {
    "between claim and call": (rails, "send"),
    "between answer and note": (working, "take_note"),
    "between lock and posting": (finishing.ledger, "follow_up"),
    "between posting and state": (finishing, "_finish"),
    "between state and message": (finishing.messages, "confirmed"),
}


@pytest.mark.parametrize("seam", SEAMS)
def test_a_kill_anywhere_pays_once_and_loses_nothing(
    sender: Account, mpesa: ScriptedRail, at: Any, monkeypatch: pytest.MonkeyPatch, seam: str
) -> None:
    opening = balance(sender)
    mpesa.to_send = [PAID]
    mpesa.to_ask = [lambda order: PAID if mpesa.sent else NOT_FOUND]
    payment = pay_out(sender)
    with monkeypatch.context() as patch:
        patch.setattr(*SEAMS[seam], die)
        with pytest.raises(Killed):
            working.work()
    assert now_is(payment, State.SENDING).sends == 1
    assert internal()["rail.mpesa"] == payment.amount
    for _round in range(6):
        at.shift(61)
        working.work()
    assert_settled(sender, payment, opening)
    assert len(mpesa.sent) == 1


@pytest.mark.parametrize("seam", ["reverse", "give_back", "_finish", "returned"])
def test_a_kill_while_it_goes_back_gives_back_once(
    sender: Account, mpesa: ScriptedRail, at: Any, monkeypatch: pytest.MonkeyPatch, seam: str
) -> None:
    places = {
        "reverse": (finishing.ledger, "reverse"),
        "give_back": (newness, "give_back"),
        "_finish": (finishing, "_finish"),
        "returned": (finishing.messages, "returned"),
    }
    opening = balance(sender)
    mpesa.to_send, mpesa.to_ask = [REFUSED], [REFUSED]
    payment = pay_out(sender)
    with monkeypatch.context() as patch:
        patch.setattr(*places[seam], die)
        with pytest.raises(Killed):
            working.work()
    at.shift(61)
    working.work()
    assert_returned(sender, payment, opening)


def test_a_mistake_in_one_payment_does_not_hold_up_the_next(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    mpesa.to_send = [RuntimeError("a mistake of ours"), PAID]
    for number in range(2):
        pay_out(sender, number=number)
    with pytest.raises(RuntimeError):
        working.work()
    working.work()
    assert set(Payment.objects.values_list("state", flat=True)) == {State.SENDING, State.SETTLED}


def test_staff_may_ask_at_any_time_without_harm(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    payment = pay_out(sender)
    for answer in (UNKNOWN, NOT_FOUND, ACCEPTED):
        mpesa.to_ask = [answer]
        working.enquire_now(payment)
        assert now_is(payment, State.RECEIVED).sends == 0
    be_due(payment)
    working.work()
    mpesa.to_ask = [PAID]
    working.enquire_now(payment)
    now_is(payment, State.SETTLED)


def test_the_scripted_rail_sees_a_call_inside_a_transaction(sender: Account, mpesa: ScriptedRail) -> None:
    """The guard itself: no worker may hold a lock for as long as another company takes to answer."""
    payment = pay_out(sender)
    with transaction.atomic(), pytest.raises(AssertionError):
        rails.send(payment)
