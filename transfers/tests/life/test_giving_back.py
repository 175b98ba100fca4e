"""Money goes back without a refusal only where nothing has left that could still arrive: slow workers, late orders."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts import checking
from accounts.models import Account, Posting
from transfers.models import Payment
from transfers.outside import working
from transfers.tests.life.scenes import now_is
from transfers.tests.scripted import (
    ACCEPTED,
    NOT_FOUND,
    NOT_SENT,
    PAID,
    UNKNOWN,
    ScriptedRail,
    be_due,
    pay_out,
)
from transfers.tests.support import balance
from transfers.tests.ways import PESALINK, ordered
from wekeza_portal import clock
from wekeza_portal.rails import tokens
from wekeza_portal.rails.base import Order, Outcome
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.rails.tests.talking import executions
from wekeza_portal.rails.wire import RAIL_SECONDS
from wekeza_portal.stopping import stopping

pytestmark = pytest.mark.django_db
State = Payment.State
OUTAGE = timedelta(minutes=15)


def after_an_outage(sender: Account, at: Any) -> Payment:
    """A payment that waited longer for its rail than it is kept, and has never left."""
    payment = pay_out(sender)
    at.shift(OUTAGE)
    be_due(payment)
    return payment


def test_a_claim_outlives_three_calls_and_no_call_is_believed_over_before_it_is() -> None:
    call = timedelta(seconds=RAIL_SECONDS)
    assert 3 * call <= working.CLAIM
    assert call < working.ON_ITS_WAY < working.CLAIM
    assert timedelta(minutes=5) <= working.LATE_ARRIVAL


# --- What may have left -------------------------------------------------------------------------------------------


def test_what_left_a_minute_ago_is_not_given_back_because_they_do_not_know_it_yet(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    opening, payment = balance(sender), after_an_outage(sender, at)
    mpesa.to_send, mpesa.to_ask = [UNKNOWN], [NOT_FOUND]
    working.work()
    left = now_is(payment, State.UNKNOWN).sent_at
    assert left == clock.now()
    at.shift(61)
    working.work()
    assert now_is(payment, State.UNKNOWN).due_at == left + working.LATE_ARRIVAL
    assert balance(sender) == opening - payment.amount - payment.fee
    mpesa.to_ask = [PAID]  # it had stood in a queue of theirs
    at.move_to(payment.due_at)
    working.work()
    now_is(payment, State.SETTLED)
    assert (len(mpesa.sent), list(checking.differences())) == (1, [])


def test_what_never_arrived_goes_back_once_nothing_can_still_arrive(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    opening, payment = balance(sender), after_an_outage(sender, at)
    mpesa.to_send, mpesa.to_ask = [UNKNOWN], [NOT_FOUND]
    working.work()
    at.move_to(now_is(payment, State.UNKNOWN).due_at)
    working.work()
    at.move_to(now_is(payment, State.UNKNOWN).due_at)
    at.shift(-1)
    working.enquire_now(payment)
    now_is(payment, State.UNKNOWN)
    at.shift(1)
    working.work()
    now_is(payment, State.RETURNED)
    assert (balance(sender), len(mpesa.sent), list(checking.differences())) == (opening, 1, [])


def test_not_sent_says_only_of_its_own_try_that_nothing_left(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    """The first order vanished, the second was never sent because the rail rests: the first may still arrive."""
    opening, payment = balance(sender), pay_out(sender)
    at.shift(working.GIVEN_UP - timedelta(seconds=40))
    be_due(payment)
    mpesa.to_send, mpesa.to_ask = [UNKNOWN, NOT_SENT], [NOT_FOUND]
    working.work()
    left = clock.now()
    for wait in (30, 15):
        at.shift(wait)
        working.work()
    assert (now_is(payment, State.UNKNOWN).sent_at, payment.sends) == (left, 2)
    assert payment.due_at == left + working.LATE_ARRIVAL
    assert balance(sender) == opening - payment.amount - payment.fee
    at.move_to(payment.due_at)
    working.work()
    now_is(payment, State.RETURNED)
    assert balance(sender) == opening


def test_an_early_never_had_it_is_no_reason_ten_minutes_later_they_are_asked_once_more(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    """Asked half a minute after it left they had not seen it; it arrived after that, and the rail has rested since."""
    payment = pay_out(sender)
    mpesa.to_send, mpesa.to_ask = [UNKNOWN, NOT_SENT], [NOT_FOUND, PAID]
    working.work()
    at.shift(30)
    working.work()
    payment.refresh_from_db()
    while payment.state == State.RECEIVED:
        at.move_to(payment.due_at)
        working.work()
        payment.refresh_from_db()
    assert clock.now() >= payment.received_at + working.GIVEN_UP
    assert (now_is(payment, State.SETTLED).state, len(mpesa.asked)) == (State.SETTLED, 2)
    assert list(checking.differences()) == []


def test_what_has_never_left_goes_back_at_once(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    opening, payment = balance(sender), after_an_outage(sender, at)
    mpesa.to_send = [NOT_SENT]
    working.work()
    assert (now_is(payment, State.RETURNED).sent_at, balance(sender)) == (None, opening)


def test_a_resting_rail_that_cannot_be_asked_keeps_what_may_have_arrived(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    payment = after_an_outage(sender, at)
    mpesa.to_send, mpesa.to_ask = [UNKNOWN], [NOT_SENT]
    working.work()
    for _hour in range(12):
        at.shift(3600)
        working.work()
    assert now_is(payment, State.UNKNOWN).with_staff_since is not None
    assert len(mpesa.sent) == 1


@pytest.mark.parametrize("question", ["AG_FIRST", "AG_NEVER_ASKED"])
def test_an_answer_to_an_earlier_question_gives_nothing_back(
    sender: Account, mpesa: ScriptedRail, at: Any, question: str
) -> None:
    """They knew nothing when they were asked first; their answer is late, and an order has left since."""
    payment = after_an_outage(sender, at)
    asked = iter(["AG_FIRST", "AG_SECOND"])
    mpesa.to_send = [UNKNOWN]
    mpesa.to_ask = [lambda order: replace(ACCEPTED, rail_ids={"conversation": next(asked)})]
    working.work()
    for _ask in range(2):
        at.shift(400)
        working.work()
    working.take_note(payment, replace(NOT_FOUND, rail_ids={"conversation": question}), asked=True)
    assert now_is(payment, State.UNKNOWN).rail_ids["asked_conversation"] == "AG_SECOND"
    working.take_note(payment, replace(NOT_FOUND, rail_ids={"conversation": "AG_SECOND"}), asked=True)
    now_is(payment, State.RETURNED)


def test_what_is_sent_again_makes_every_answer_to_an_earlier_question_old(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    payment = pay_out(sender)
    mpesa.to_send, late = [UNKNOWN], replace(NOT_FOUND, rail_ids={"conversation": "AG_1"})
    mpesa.to_ask = [ACCEPTED]
    for wait in (0, 30):
        at.shift(wait)
        working.work()
    working.take_note(payment, late, asked=True)
    now_is(payment, State.RECEIVED)
    at.shift(15)
    working.work()
    at.shift(OUTAGE)
    working.take_note(payment, late, asked=True)  # reported twice
    assert (now_is(payment, State.UNKNOWN).sends, len(mpesa.sent)) == (2, 2)


# --- kill -9 --------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """As kill -9 between two lines: nothing after it runs."""


@pytest.mark.parametrize("arrived", [True, False])
def test_a_kill_between_leave_and_answer_gives_nothing_back_that_may_still_arrive(
    sender: Account, mpesa: ScriptedRail, at: Any, arrived: bool
) -> None:
    opening, payment = balance(sender), after_an_outage(sender, at)
    mpesa.to_send = [Killed()]
    mpesa.to_ask = [NOT_FOUND]
    with pytest.raises(Killed):
        working.work()
    left = now_is(payment, State.SENDING).sent_at
    assert left == clock.now()  # written before it left
    while clock.now() + timedelta(seconds=61) < left + working.LATE_ARRIVAL:
        at.shift(61)
        working.work()
        assert now_is(payment, State.UNKNOWN).sends == 1
    mpesa.to_ask = [PAID if arrived else NOT_FOUND]
    at.shift(61)
    working.work()
    now_is(payment, State.SETTLED if arrived else State.RETURNED)
    assert balance(sender) == opening - (payment.amount + payment.fee if arrived else 0)
    assert (len(mpesa.sent), list(checking.differences())) == (1, [])


def test_a_kill_between_claim_and_leave_is_known_to_have_sent_nothing(
    sender: Account, mpesa: ScriptedRail, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, payment = balance(sender), after_an_outage(sender, at)

    def die(_payment: Payment) -> bool:
        raise Killed()

    with monkeypatch.context() as patch:
        patch.setattr(working, "_may_leave", die)
        with pytest.raises(Killed):
            working.work()
    assert now_is(payment, State.SENDING).sent_at is None
    mpesa.to_ask = [NOT_FOUND]
    at.shift(61)
    working.work()
    now_is(payment, State.RETURNED)
    assert (balance(sender), mpesa.sent) == (opening, [])


# --- A slow rail ----------------------------------------------------------------------------------------------------


def test_a_slow_rail_keeps_the_worker_for_one_round_s_time_and_no_longer(
    sender: Account, mpesa: ScriptedRail, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty answers of nine seconds each would keep it three minutes."""
    passed = iter(range(0, 1000, 9))
    monkeypatch.setattr(working.time, "monotonic", lambda: float(next(passed)))
    for number in range(20):
        pay_out(sender, amount="100.00", number=number)
    assert working.work() == 1
    assert len(mpesa.sent) == 1


def test_told_to_stop_the_worker_ends_the_call_under_way_and_begins_no_other(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    payments = [pay_out(sender, amount="100.00", number=number) for number in range(3)]
    mpesa.to_send = [lambda order: stopping.set() or PAID]
    try:
        assert working.work() == 1
    finally:
        stopping.clear()
    assert sorted(Payment.objects.values_list("state", flat=True)) == [State.RECEIVED, State.RECEIVED, State.SETTLED]
    mpesa.to_send = [PAID]
    assert (working.work(), len(mpesa.sent)) == (2, len(payments))


# --- Two workers ----------------------------------------------------------------------------------------------------


class Held:
    """A worker that stands still at a seam of its call until it is let go on; everybody else passes."""

    def __init__(self) -> None:
        self.stands, self.go = threading.Event(), threading.Event()
        self.failed: list[BaseException] = []
        self.thread = threading.Thread(target=self._work)

    def __enter__(self) -> "Held":
        self.thread.start()
        assert self.stands.wait(30)
        return self

    def __exit__(self, *_: Any) -> None:
        self.release()

    def release(self) -> None:
        self.go.set()
        self.thread.join(30)
        assert not self.thread.is_alive()
        assert self.failed == []

    def here(self) -> None:
        if threading.current_thread() is self.thread:
            self.stands.set()
            assert self.go.wait(30)

    def _work(self) -> None:
        from django.db import connection

        try:
            working.work(1)
        except BaseException as error:
            self.failed.append(error)
        finally:
            connection.close()


def waiting_for_a_token(monkeypatch: pytest.MonkeyPatch) -> Held:
    """The named seam: the claim is made, the order is ready, the token is not."""
    held, bearer = Held(), tokens.bearer

    def slow(*arguments: Any, **more: Any) -> str:
        token = bearer(*arguments, **more)
        held.here()
        return token

    monkeypatch.setattr(tokens, "bearer", slow)
    return held


def overtaken(at: Any, sender: Account, held: Held) -> Payment:
    """One worker waits for a token while another one asks, hears that they never had it, and gives the money back."""
    payment = ordered(sender, PESALINK)
    at.shift(OUTAGE)
    be_due(payment)
    with held:
        at.shift(61)
        assert working.work(1) == 1
        now_is(payment, State.RETURNED)
    return payment


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_last_look_at_its_claim_an_overtaken_worker_pays_what_was_given_back(
    railsim: Simulator, sender: Account, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "_may_leave", lambda payment: True)
    payment = overtaken(at, sender, waiting_for_a_token(monkeypatch))
    assert [row[0] for row in executions(railsim)] == [payment.pk.hex]


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_an_overtaken_worker_sends_nothing(
    railsim: Simulator, sender: Account, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = balance(sender)
    payment = overtaken(at, sender, waiting_for_a_token(monkeypatch))
    assert executions(railsim) == []
    assert (now_is(payment, State.RETURNED).sent_at, balance(sender)) == (None, opening)
    assert (Posting.objects.count(), list(checking.differences())) == (2, [])


def late(order: Order, held: Held, then: Outcome) -> Outcome:
    """The order has left and is still on its way when the worker stands still."""
    held.here()
    return then


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_careful", [False, True])
def test_an_order_on_its_way_is_given_back_only_by_those_who_believe_too_soon(
    sender: Account, mpesa: ScriptedRail, at: Any, monkeypatch: pytest.MonkeyPatch, is_careful: bool
) -> None:
    if not is_careful:
        monkeypatch.setattr(working, "LATE_ARRIVAL", timedelta(0))
    payment, held = after_an_outage(sender, at), Held()
    arrives: Callable[[Order], Outcome] = lambda order: late(order, held, PAID)  # noqa: E731 - a line of the script
    mpesa.to_send, mpesa.to_ask = [arrives], [NOT_FOUND]
    with held:
        at.shift(61)
        assert working.work(1) == 1
        now_is(payment, State.UNKNOWN if is_careful else State.RETURNED)
    now_is(payment, State.SETTLED if is_careful else State.RETURNED)
    assert (payment.contradicted_at is None) is is_careful
    assert len(mpesa.sent) == 1
