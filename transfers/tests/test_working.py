"""The life of a payment out of the bank: each state, each answer, in every order, to the cent, once."""

import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from accounts import checking
from accounts.models import Account, AccountTransaction, LimitUsage, Posting
from tests.support import all_the_money
from transfers.models import Biller, KnownPayee, Payment
from transfers.outside import finishing, rails, working
from transfers.payees import newness
from transfers.tests.scripted import (
    ACCEPTED,
    NAMES,
    NOT_FOUND,
    NOT_SENT,
    PAID,
    REFUSED,
    UNKNOWN,
    ScriptedRail,
    be_due,
    internal,
    pay_out,
    prepare_out,
    scripted,
)
from transfers.tests.support import an_account, balance, confirm, owner_of
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.staff import switches

pytestmark = pytest.mark.django_db
D = Decimal
State = Payment.State
NOON = datetime(2026, 11, 25, 9, tzinfo=clock.NAIROBI)


@pytest.fixture
def at() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sender(at: Any) -> Account:
    return an_account("Emmanuel Odenyire", "200000.00")


@pytest.fixture
def played() -> Iterator[dict[str, ScriptedRail]]:
    with scripted() as rails_by_name:
        yield rails_by_name


@pytest.fixture
def mpesa(played: dict[str, ScriptedRail]) -> ScriptedRail:
    return played["mpesa"]


def now_is(payment: Payment, state: str) -> Payment:
    payment.refresh_from_db()
    assert payment.state == state
    return payment


def used(sender: Account) -> Decimal:
    row = LimitUsage.objects.filter(customer=owner_of(sender), code="DAILY_OUT").first()
    return row.used if row else D(0)


def assert_settled(sender: Account, payment: Payment, opening: Decimal) -> None:
    """Gone from the customer with its fee, in the nostro, the fee earned but for the taxman's part."""
    now_is(payment, State.SETTLED)
    rail, excise = payment.rail.lower(), _excise(payment)
    assert balance(sender) == opening - payment.amount - payment.fee
    wanted = {f"nostro.{rail}": payment.amount, "fees.income": payment.fee - excise, "tax.excise": excise}
    assert internal() == {name: amount for name, amount in wanted.items() if amount}
    assert used(sender) == payment.amount
    assert list(checking.differences()) == []


def assert_returned(sender: Account, payment: Payment, opening: Decimal) -> None:
    """Amount and fee are back, nothing stands in any account of ours, and the limits are as before."""
    now_is(payment, State.RETURNED)
    assert (balance(sender), internal(), used(sender)) == (opening, {}, D(0))
    assert KnownPayee.objects.get(customer_id=payment.customer_id).first_day_sum == 0
    assert list(checking.differences()) == []


def _excise(payment: Payment) -> Decimal:
    from accounts.models import Instruction

    return D(Instruction.objects.get(pk=payment.pk).payload["excise"])


# --- The way it should go -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rail", NAMES)
def test_paid_money_arrives_once_and_the_fee_is_earned(
    sender: Account, played: dict[str, ScriptedRail], rail: str
) -> None:
    opening, stranger = balance(sender), an_account("Third Person", "777.77")
    played[rail].to_send = [PAID]
    payment = pay_out(sender, rail)
    assert now_is(payment, State.RECEIVED).due_at is not None
    assert internal()[f"rail.{rail}"] == payment.amount
    assert internal().get("fees.pending", D(0)) == payment.fee
    assert working.work() == 1
    assert_settled(sender, payment, opening)
    assert (payment.receipt, payment.due_at) == ("SRCPT00001", None)
    assert [order.id for order in played[rail].sent] == [payment.pk]
    assert balance(stranger) == D("777.77")
    assert working.work() == 0


@pytest.mark.parametrize("rail", NAMES)
def test_refused_money_comes_back_with_its_fee(sender: Account, played: dict[str, ScriptedRail], rail: str) -> None:
    opening = balance(sender)
    played[rail].to_send = [REFUSED]
    payment = pay_out(sender, rail)
    working.work()
    assert_returned(sender, payment, opening)
    assert (payment.reason, payment.reason_code) == ("not_registered", "2040")
    back = AccountTransaction.objects.filter(account=sender, txn_type="REVERSAL_IN").values_list("amount", flat=True)
    assert sorted(back) == sorted(amount for amount in (payment.amount, payment.fee) if amount)
    assert OutboxMessage.objects.filter(cause=f"payment-returned:{payment.pk}").count() >= 1


def test_accepted_is_sent_and_asked_about_at_30_seconds_2_10_and_60_minutes_then_hourly_by_staff_too(
    sender: Account, mpesa: ScriptedRail, at: time_machine.Traveller
) -> None:
    payment = pay_out(sender)
    working.work()
    assert now_is(payment, State.SENT).rail_ids == {"conversation": "AG_1"}
    for number, wait in enumerate((*working.ASK_AGAIN, timedelta(hours=1)), start=1):
        assert payment.due_at == clock.now() + wait
        assert payment.with_staff_since is None or number > 4
        at.shift(wait - timedelta(seconds=1))
        assert working.work() == 0
        at.shift(1)
        assert working.work() == 1
        payment.refresh_from_db()
        assert len(mpesa.asked) == number
    assert payment.with_staff_since is not None
    assert (payment.state, len(mpesa.sent)) == (State.SENT, 1)


def test_unknown_is_never_sent_again_nor_given_back_however_long_it_takes(
    sender: Account, mpesa: ScriptedRail, at: time_machine.Traveller
) -> None:
    mpesa.to_send = [UNKNOWN]
    payment = pay_out(sender)
    opening = all_the_money()
    for _hour in range(48):
        working.work()
        at.shift(3600)
    now_is(payment, State.UNKNOWN)
    assert (len(mpesa.sent), all_the_money()) == (1, opening)
    mpesa.to_ask = [PAID]
    working.work()
    now_is(payment, State.SETTLED)


# --- What never arrived ---------------------------------------------------------------------------------------


def test_what_was_never_sent_stays_received_is_tried_again_under_its_id_and_goes_back_after_ten_minutes(
    sender: Account, mpesa: ScriptedRail, at: time_machine.Traveller
) -> None:
    opening = balance(sender)
    mpesa.to_send = [NOT_SENT]
    payment = pay_out(sender)
    working.work()
    assert now_is(payment, State.RECEIVED).due_at == clock.now() + working.SEND_AGAIN
    at.shift(599)
    working.work()
    now_is(payment, State.RECEIVED)
    at.shift(15)
    working.work()
    assert_returned(sender, payment, opening)
    assert payment.reason == "later"
    assert {order.id for order in mpesa.sent} == {payment.pk}
    assert len(mpesa.sent) == 3


def test_after_a_rest_of_the_rail_it_goes_through(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    opening = balance(sender)
    mpesa.to_send = [NOT_SENT, NOT_SENT, PAID]
    payment = pay_out(sender)
    for _try in range(3):
        working.work()
        at.shift(15)
    assert_settled(sender, payment, opening)
    assert payment.sends == 3


def test_what_they_never_had_is_sent_again_under_the_same_id(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    opening = balance(sender)
    mpesa.to_send, mpesa.to_ask = [UNKNOWN, PAID], [NOT_FOUND]
    payment = pay_out(sender)
    working.work()
    at.shift(30)
    working.work()
    now_is(payment, State.RECEIVED)
    at.shift(15)
    working.work()
    assert_settled(sender, payment, opening)
    assert [order.id for order in mpesa.sent] == [payment.pk] * 2


def test_what_they_took_is_not_given_back_because_they_forget_it(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    mpesa.to_ask = [NOT_FOUND]
    payment = pay_out(sender)
    for _hour in range(6):
        working.work()
        at.shift(3600)
    assert now_is(payment, State.SENT).with_staff_since is not None
    assert len(mpesa.sent) == 1


def test_never_heard_of_it_is_not_believed_while_the_call_may_be_under_way(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    """Staff ask while a worker's call is on its way: their "not found" is older than the order."""
    payment = pay_out(sender)
    mpesa.to_ask = [NOT_FOUND]
    at.shift(620)
    mpesa.to_send = [lambda order: working.enquire_now(Payment.objects.get(pk=payment.pk)) and ACCEPTED]
    working.work()
    now_is(payment, State.SENT)
    assert len(mpesa.sent) == 1


def test_an_overtaken_not_sent_undoes_nothing(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    """A worker that stood still says "not sent" of its own try, after another one's was accepted."""
    payment = pay_out(sender)
    stale = Payment.objects.get(pk=payment.pk)
    stale.sends = 1
    mpesa.to_send = [UNKNOWN, ACCEPTED]
    mpesa.to_ask = [NOT_FOUND]
    for wait in (0, 30, 15):
        at.shift(wait)
        working.work()
    assert now_is(payment, State.SENT).sends == 2
    at.shift(700)
    working.take_note(stale, NOT_SENT, asked=False)
    now_is(payment, State.SENT)


def test_a_worker_that_stood_still_after_its_claim_sends_nothing(
    sender: Account, mpesa: ScriptedRail, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = pay_out(sender)
    claim = working._claim_next

    def asleep() -> Any:
        claimed = claim()
        if claimed:
            at.shift(45)
        return claimed

    with monkeypatch.context() as patch:
        patch.setattr(working, "_claim_next", asleep)
        working.work()
    assert mpesa.sent == []
    assert (now_is(payment, State.RECEIVED).sends, payment.sent_at) == (1, None)
    at.shift(15)
    working.work()
    assert (now_is(payment, State.SENT).sends, [order.id for order in mpesa.sent]) == (2, [payment.pk])


@pytest.mark.parametrize("change", ["moved", "emptied", "gone"])
def test_a_bill_goes_to_the_account_it_was_confirmed_for_whatever_the_directory_says_later(
    sender: Account, played: dict[str, ScriptedRail], at: Any, change: str
) -> None:
    biller = Biller.objects.get(code="KPLC_PREPAID")
    payment = pay_out(sender, "bills")
    if change == "gone":
        biller.delete()
    else:
        Biller.objects.filter(pk=biller.pk).update(paybill="999999" if change == "moved" else "")
    working.work()
    (order,) = played["bills"].sent
    assert order.destination["paybill"] == biller.paybill
    working.enquire_now(now_is(payment, State.SENT))
    assert played["bills"].asked[0].destination == order.destination


def test_a_rail_that_is_not_there_gives_the_money_back_in_the_end(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    from wekeza_portal.rails.base import rails as registered

    opening = balance(sender)
    payment = pay_out(sender)
    del registered._entries["mpesa"]
    assert rails.enquire(payment).status is Status.UNKNOWN
    working.work()
    at.shift(600)
    working.work()
    assert_returned(sender, payment, opening)


# --- Frozen and closed accounts -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT"])
def test_a_frozen_account_gets_its_money_back_all_the_same(sender: Account, mpesa: ScriptedRail, status: str) -> None:
    opening = balance(sender)
    payment = pay_out(sender)
    Account.objects.filter(pk=sender.pk).update(status=status)
    mpesa.to_send = [REFUSED]
    working.work()
    assert_returned(sender, payment, opening)


def test_money_of_an_account_that_is_gone_waits_for_people_and_blocks_nobody(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    payment = pay_out(sender)
    with connection.cursor() as cursor:  # as branch scripts do
        cursor.execute("DELETE FROM transactions WHERE account_id = %s", [sender.pk])
        cursor.execute("DELETE FROM accounts WHERE account_id = %s", [sender.pk])
    mpesa.to_send, mpesa.to_ask = [REFUSED], [REFUSED]
    other = an_account("Wanjiku Mwangi", "50000.00")
    second = pay_out(other, number=1)
    assert working.work() == 2
    now_is(second, State.RETURNED)
    assert now_is(payment, State.UNKNOWN).with_staff_since is not None
    assert internal() == {"rail.mpesa": payment.amount, "fees.pending": payment.fee}
    at.shift(3600)
    working.work()
    assert (now_is(payment, State.UNKNOWN).sends, len(mpesa.sent)) == (1, 2)


# --- Callbacks in every order ---------------------------------------------------------------------------------


def tell(payment: Payment, status: str, **words: str) -> RailCallback:
    """A callback as it comes, worked through by the worker."""
    name = "mpesa.status" if status in ("NOT_FOUND",) else "mpesa.result"
    body = json.dumps({"order": str(payment.pk), "status": status, **words}).encode()
    row = callbacks.store(name, body, {}, "127.0.0.1")
    callbacks.work_through()
    row.refresh_from_db()
    return row


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


# --- A rail that stops ------------------------------------------------------------------------------------------


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


# --- Limits -------------------------------------------------------------------------------------------------


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


# --- kill -9 between two lines ------------------------------------------------------------------------------


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
