"""A stop that meets an order of which something has left: it is held, or given back, only once nothing can arrive."""

from typing import Any

import pytest

from accounts import checking
from accounts.freezing import stopping
from accounts.models import Account, Freeze
from tests.factories import UserFactory
from transfers.models import Payment
from transfers.outside import held, working
from transfers.tests.life.scenes import assert_returned, assert_settled, now_is
from transfers.tests.scripted import NOT_FOUND, PAID, UNKNOWN, ScriptedRail, pay_out
from transfers.tests.support import as_actor, balance, owner_of
from wekeza_portal import clock

pytestmark = pytest.mark.django_db(transaction=True)
State = Payment.State


@pytest.fixture
def lost(sender: Account, mpesa: ScriptedRail, at: Any) -> Payment:
    """Sent into silence, and half a minute later they had not seen it: to be sent again in a moment."""
    UserFactory(customer=owner_of(sender))
    payment = pay_out(sender)
    mpesa.to_send, mpesa.to_ask = [UNKNOWN], [NOT_FOUND]
    working.work()
    at.move_to(now_is(payment, State.UNKNOWN).due_at)
    working.work()
    return now_is(payment, State.RECEIVED)


def stop(sender: Account) -> None:
    customer = owner_of(sender)
    stopping.stop(customer.user_id, by=Freeze.By.INSIDE, actor=as_actor(customer))


def take_back(sender: Account, payment: Payment) -> None:
    held.take_back(owner_of(sender), payment.pk, as_actor(owner_of(sender)))


def test_what_has_left_is_not_taken_back_while_it_can_still_arrive(
    sender: Account, mpesa: ScriptedRail, lost: Payment, at: Any
) -> None:
    opening, left = balance(sender) + lost.amount + lost.fee, lost.sent_at
    stop(sender)
    assert now_is(lost, State.UNKNOWN).due_at == left + working.LATE_ARRIVAL
    with pytest.raises(held.NotHeld):
        take_back(sender, lost)
    assert held.shown(owner_of(sender)) is None
    mpesa.to_ask = [PAID]  # it had stood in a queue of theirs
    at.move_to(lost.due_at)
    working.work()
    assert_settled(sender, lost, opening)
    assert len(mpesa.sent) == 1


def test_once_nothing_can_arrive_it_is_held_like_what_has_never_left(
    sender: Account, mpesa: ScriptedRail, lost: Payment, at: Any
) -> None:
    opening = balance(sender) + lost.amount + lost.fee
    stop(sender)
    at.move_to(now_is(lost, State.UNKNOWN).due_at)
    working.work()
    assert now_is(lost, State.RECEIVED).is_held
    assert (lost.due_at, lost.sent_at) == (None, None)
    at.shift(3600)
    assert working.work() == 0
    take_back(sender, lost)
    assert_returned(sender, lost, opening)
    assert len(mpesa.sent) == 1


def test_an_earlier_question_of_the_staff_neither_sends_it_nor_makes_it_one_to_take_back(
    sender: Account, mpesa: ScriptedRail, lost: Payment, at: Any
) -> None:
    stop(sender)
    due = now_is(lost, State.UNKNOWN).due_at
    at.shift(60)
    working.enquire_now(lost)
    assert (now_is(lost, State.UNKNOWN).due_at, clock.now() < due) == (due, True)
    assert working.work() == 0
    assert (len(mpesa.sent), list(checking.differences())) == (1, [])


def test_the_worker_that_meets_it_during_a_stop_asks_first_too(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    """The stop came while nobody knew where it was; half a minute later they said that they had not seen it."""
    UserFactory(customer=owner_of(sender))
    opening, payment = balance(sender), pay_out(sender)
    mpesa.to_send, mpesa.to_ask = [UNKNOWN], [NOT_FOUND]
    working.work()
    left = now_is(payment, State.UNKNOWN).sent_at
    assert left is not None
    stop(sender)
    for _ in range(4):
        at.move_to(now_is(payment, payment.state).due_at or clock.now())
        working.work()
        payment.refresh_from_db()
    assert payment.is_held
    assert clock.now() >= left + working.LATE_ARRIVAL
    take_back(sender, payment)
    assert_returned(sender, payment, opening)
    assert len(mpesa.sent) == 1
