"""Sent, asked about, settled or given back: each answer of a rail, to the cent, once."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from accounts.models import Account, AccountTransaction
from tests.support import all_the_money
from transfers.models import Biller, Payment
from transfers.outside import rails, working
from transfers.tests.life.scenes import D, State, assert_returned, assert_settled, now_is
from transfers.tests.scripted import (
    ACCEPTED,
    NAMES,
    NOT_FOUND,
    NOT_SENT,
    PAID,
    REFUSED,
    UNKNOWN,
    ScriptedRail,
    internal,
    pay_out,
)
from transfers.tests.support import an_account, balance
from wekeza_portal import clock
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.rails.base import Status

pytestmark = pytest.mark.django_db


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
