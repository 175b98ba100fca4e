"""What a rail reports, in every order and however often: the first certain word decides, the opposite calls people."""

import itertools
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account, Posting
from tests.support import all_the_money
from transfers.models import Payment
from transfers.outside import working
from transfers.tests.life.scenes import D, State, assert_returned, assert_settled, now_is, tell
from transfers.tests.scripted import (
    ACCEPTED,
    NOT_FOUND,
    NOT_SENT,
    PAID,
    REFUSED,
    UNKNOWN,
    ScriptedRail,
    internal,
    pay_out,
)
from transfers.tests.support import balance
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.rails.models import RailCallback

pytestmark = pytest.mark.django_db


def test_a_result_before_the_acknowledgement_counts_once(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    opening = balance(sender)
    payment = pay_out(sender)
    mpesa.to_send = [lambda order: tell(payment, "PAID", amount="1200", receipt="SFIRST").state and ACCEPTED]
    working.work()
    assert_settled(sender, payment, opening)
    assert (payment.receipt, payment.rail_ids) == ("SFIRST", {"conversation": "AG_1"})


def test_a_callback_about_what_was_never_sent_settles_nothing(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    payment = pay_out(sender)
    row = tell(payment, "PAID", amount="1200")
    assert (row.state, now_is(payment, State.RECEIVED).sends) == (RailCallback.State.NEW, 0)
    for _again in range(3):
        at.shift(600)
        callbacks.work_through()
    row.refresh_from_db()
    assert row.state == RailCallback.State.IGNORED
    now_is(payment, State.RECEIVED)


@pytest.mark.parametrize("whose", ["another rail's", "nobody's"])
def test_a_callback_of_another_rail_or_of_nobody_is_ignored(sender: Account, played: Any, at: Any, whose: str) -> None:
    """M-Pesa's secret address speaks of PesaLink's payment, or of one that is none: looked at thrice, kept, ignored."""
    payment = pay_out(sender, "pesalink")
    working.work()
    before = internal()
    row = tell(payment if whose == "another rail's" else Payment(id=uuid.uuid4()), "PAID", amount="1200")
    assert (row.state, row.reason) == (RailCallback.State.NEW, "no payment with this id on this rail")
    for _again in range(2):
        at.shift(600)
        callbacks.work_through()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.reason) == (
        RailCallback.State.IGNORED,
        3,
        "no payment with this id on this rail",
    )
    assert (now_is(payment, State.SENT).contradicted_at, internal()) == (None, before)


@pytest.mark.parametrize("amount", ["1199", "1200.01", "12000", "0"])
def test_another_amount_moves_nothing_and_calls_people_once(sender: Account, mpesa: ScriptedRail, amount: str) -> None:
    payment = pay_out(sender)
    working.work()
    before = (all_the_money(), internal())
    for number in range(3):
        row = tell(payment, "PAID", amount=amount, receipt=f"S{number}")
        assert row.state == RailCallback.State.DONE
        assert amount in row.reason or amount == "0"
    assert (all_the_money(), internal()) == before
    assert now_is(payment, State.SENT).contradicted_at is not None
    assert AuditEvent.objects.filter(verb="payment.contradicted").count() == 1


def test_another_amount_in_an_answer_moves_nothing_either(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    mpesa.to_ask = [Outcome(Status.PAID, "0", amount=D("1.00"))]
    payment = pay_out(sender)
    working.work()
    at.shift(30)
    working.work()
    assert now_is(payment, State.SENT).contradicted_at is not None


@pytest.mark.parametrize("at_once", [True, False])
def test_another_amount_is_for_people_and_the_rail_is_asked_once_an_hour(
    sender: Account, mpesa: ScriptedRail, at: Any, at_once: bool
) -> None:
    other = Outcome(Status.PAID, "0", amount=D("1.00"))
    mpesa.to_send, mpesa.to_ask = [other if at_once else ACCEPTED], [other] * 50
    payment = pay_out(sender)
    working.work()
    for _minute in range(100):
        at.shift(60)
        working.work()
    row = now_is(payment, State.SENT)
    assert row.with_staff_since is not None
    assert len(mpesa.asked) <= 3


@pytest.mark.parametrize("word", ["paid", "refused"])
def test_after_another_amount_their_word_alone_ends_nothing(
    sender: Account, mpesa: ScriptedRail, at: Any, word: str
) -> None:
    """The rail said that money left: giving it back, or settling, is for two people with its papers in hand."""
    payment = pay_out(sender)
    working.work()
    tell(payment, "PAID", amount="1100", receipt="S1")
    before = (all_the_money(), internal())
    LAST_WORDS[word](payment)
    LAST_WORDS[word](payment)
    tell(payment, "REFUSED", code="by hand")  # whatever a rail calls it
    assert (all_the_money(), internal()) == before
    now_is(payment, State.SENT)


def test_what_was_paid_in_another_amount_is_never_sent_again(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    mpesa.to_send, mpesa.to_ask = [Outcome(Status.PAID, "0", amount=D("1.00"))], [Outcome(Status.NOT_FOUND)] * 9
    payment = pay_out(sender)
    working.work()
    for _hour in range(5):
        at.shift(3700)
        working.work()
    assert len(mpesa.sent) == 1
    now_is(payment, State.SENT)


LAST_WORDS: dict[str, Callable[[Payment], Any]] = {
    "paid": lambda payment: tell(payment, "PAID", amount="1200", receipt="SABC"),
    "refused": lambda payment: tell(payment, "REFUSED", customer="not_registered"),
    "timeout": lambda payment: tell(payment, "UNKNOWN", code="timeout"),
    "not found": lambda payment: tell(payment, "NOT_FOUND"),
}


@pytest.mark.parametrize("order", list(itertools.permutations(LAST_WORDS)), ids="-".join)
def test_in_every_order_the_first_certain_word_decides_and_the_opposite_calls_people(
    sender: Account, mpesa: ScriptedRail, order: tuple[str, ...]
) -> None:
    opening = balance(sender)
    payment = pay_out(sender)
    working.work()
    for word in order * 2:
        LAST_WORDS[word](payment)
    first = next(word for word in order if word in ("paid", "refused"))
    (assert_settled if first == "paid" else assert_returned)(sender, payment, opening)
    assert payment.contradicted_at is not None
    assert AuditEvent.objects.filter(verb="payment.contradicted").count() == 1
    assert Posting.objects.count() == 2


def test_a_token_that_comes_after_the_settlement_reaches_the_customer(
    sender: Account, played: dict[str, ScriptedRail], at: Any
) -> None:
    played["bills"].to_send = [PAID]
    payment = pay_out(sender, "bills")
    working.work()
    told = OutboxMessage.objects.filter(cause=f"payment-token:{payment.pk}")
    assert (now_is(payment, State.SETTLED).token, told.count()) == ("", 0)
    late = Outcome(Status.PAID, "0", token="12345678901234567890")
    for _twice in range(2):
        working.take_note(payment, late, asked=False)
    assert now_is(payment, State.SETTLED).token
    assert told.values("channel", "cause").distinct().count() == told.count() > 0
    assert "12345678901234567890" not in payment.token


def test_terminal_states_never_move_back(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    for first, state in ((PAID, State.SETTLED), (REFUSED, State.RETURNED)):
        mpesa.to_send = [first]
        payment = pay_out(sender)
        working.work()
        finished = now_is(payment, state).finished_at
        for outcome, asked in itertools.product((PAID, REFUSED, UNKNOWN, NOT_SENT, NOT_FOUND, ACCEPTED), (True, False)):
            working.take_note(payment, outcome, asked=asked)
        assert now_is(payment, state).finished_at == finished
        assert payment.due_at is None
