"""A deposit by prompt: the phone is asked once, the account is credited once, whatever M-Pesa says and how often."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts import instructions
from accounts.models import Account, AccountTransaction, Instruction, LimitUsage, Posting
from tests.factories import AccountFactory, FeeFactory
from transfers.collecting import crediting, errors, preparing, working
from transfers.models import Deposit, Incoming
from transfers.outside.errors import WholeShillings
from transfers.tests.collecting.scenes import (
    NOSTRO,
    OTHER_PHONE,
    PHONE,
    RECEIPT,
    SUSPENSE,
    D,
    InState,
    State,
    ask,
    assert_books_tie,
    confirm,
    now_is,
    prepare,
    prompted,
    tell_c2b,
    tell_stk,
)
from transfers.tests.scripted import ScriptedRail, internal
from transfers.tests.support import as_actor, balance, owner_of, what_was_written
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.ratelimit import TooMany
from wekeza_portal.staff import switches
from wekeza_portal.staff.models import PortalSwitch

pytestmark = pytest.mark.django_db
TAKEN = Outcome(Status.ACCEPTED, "0", rail_ids={"checkout": "ws_CO_1"})
PAID = Outcome(Status.PAID, "0")
STILL_OPEN = Outcome(Status.ACCEPTED, "500.001.1001")
SILENT = Outcome(Status.UNKNOWN, "503", "HTTP 503", "later")
NOT_SENT = Outcome(Status.NOT_SENT, "ConnectError", "no answer", "later")
CANCELLED = Outcome(Status.REFUSED, "1032", "cancelled by the payer", "cancelled")


def credited(account: Account, amount: str = "1500.00") -> None:
    """Exactly once, from the bank's own money at M-Pesa."""
    assert balance(account) == D("2000.00") + D(amount)
    assert internal() == {NOSTRO: -D(amount)}
    assert AccountTransaction.objects.filter(account_id=account.account_id, txn_type="MOBILE_MONEY_IN").count() == 1
    assert_books_tie()


# --- Asking -------------------------------------------------------------------------------------------------------


def test_confirming_moves_nothing_and_is_done_once(account: Account) -> None:
    instruction = prepare(account)
    for _again in range(3):
        confirm(instruction, with_code=False)
    instruction.refresh_from_db()
    deposit = Deposit.objects.get()
    assert (instruction.state, deposit.state, deposit.amount, deposit.is_own_phone) == ("DONE", "ASKED", D(1500), True)
    assert (Posting.objects.count(), balance(account)) == (0, D("2000.00"))
    assert not LimitUsage.objects.exists()
    assert_books_tie()


def test_another_phone_is_never_asked_without_a_code(account: Account) -> None:
    for _twice in range(2):  # also where it was asked before
        Deposit.objects.update(state=State.REFUSED)
        instruction = prepare(account, msisdn=OTHER_PHONE)
        with pytest.raises(instructions.StepUpRequired):
            confirm(instruction, with_code=False)
        confirm(instruction)
    assert set(Deposit.objects.values_list("is_own_phone", flat=True)) == {False}


def ring(account: Account, msisdn: str, times: int, at: Any) -> None:
    for _time in range(times):
        confirm(prepare(account, msisdn=msisdn))
        at.shift(121)


def test_no_phone_can_be_made_to_ring_for_ever(account: Account, at: Any) -> None:
    ready = prepare(account, msisdn=OTHER_PHONE)
    ring(account, OTHER_PHONE, preparing.ONE_PHONE.limit, at)
    with pytest.raises(TooMany):
        prepare(account, msisdn=OTHER_PHONE)
    with pytest.raises(TooMany):
        confirm(ready)
    stranger = AccountFactory(balance=D("1.00"))
    with pytest.raises(TooMany):
        prepare(stranger, msisdn=OTHER_PHONE)
    at.shift(3600)
    prepare(stranger, msisdn=OTHER_PHONE)


def test_nobody_uses_up_what_a_phones_owner_may_ask_of_it(account: Account, at: Any) -> None:
    stranger = AccountFactory(balance=D("1.00"))
    ring(stranger, PHONE, preparing.ONE_PHONE.limit, at)
    confirm(prepare(account, msisdn=PHONE))


def test_drafts_alone_close_a_phone_to_nobody(account: Account) -> None:
    for _time in range(preparing.PROMPTS.limit):
        prepare(account, msisdn=OTHER_PHONE)
    prepare(AccountFactory(balance=D("1.00")), msisdn=OTHER_PHONE)


def test_a_phone_that_is_being_asked_is_not_asked_again(account: Account, at: Any) -> None:
    first, second = prepare(account), prepare(account, "700")
    confirm(first)
    with pytest.raises(errors.StillAsking):
        confirm(second)
    at.shift(121)
    confirm(second)


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [("9", errors.BelowLeast), ("150001", errors.AboveMost), ("100.50", WholeShillings), ("0.01", errors.BelowLeast)],
)
def test_it_refuses_an_amount_out_of_bounds(account: Account, amount: str, refusal: type[Exception]) -> None:
    before = what_was_written()
    with pytest.raises(refusal):
        prepare(account, amount)
    assert what_was_written() == before


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_it_refuses_an_account_that_can_not_receive(account: Account, status: str) -> None:
    instruction = prepare(account)
    Account.objects.filter(pk=account.pk).update(status=status)
    with pytest.raises(errors.AccountNotOpen):
        prepare(account)
    with pytest.raises(preparing.AccountsChanged):
        confirm(instruction)


def test_it_refuses_a_strangers_account_and_writes_down_who_tried(account: Account) -> None:
    stranger = AccountFactory(balance=D("1.00"))
    wish = preparing.Wish(stranger.account_number, "254722000111", D(100))
    with pytest.raises(errors.UnknownAccount):
        preparing.prepare_deposit(owner_of(account), wish, actor=as_actor(owner_of(account)))
    assert AuditEvent.objects.filter(verb="access.denied").count() == 1


@pytest.mark.parametrize("code", [switches.MOBILE_MONEY, switches.MPESA])
def test_switched_off_it_is_refused_everywhere(account: Account, phone: ScriptedRail, code: str) -> None:
    """At the form, between form and confirm, and between confirm and the prompt."""
    ready, asked = prepare(account), ask(account, "700")
    PortalSwitch.objects.create(
        code=code, is_on=False, notice_en="Off today.", since=clock.today(), changed_at=clock.now()
    )
    for refused in (lambda: prepare(account), lambda: confirm(ready)):
        with pytest.raises(switches.SwitchedOff, match="Off today"):
            refused()
    working.work()
    assert (now_is(asked, State.REFUSED).reason, phone.sent) == ("off", [])


def test_without_a_confirmed_paybill_no_phone_is_asked(account: Account, settings: Any) -> None:
    settings.MPESA_PAYBILL_CONFIRMED = "999999"
    with pytest.raises(errors.PaybillNotConfirmed):
        prepare(account)


def test_a_fee_that_changed_since_the_review_is_said_first(account: Account, at: Any) -> None:
    instruction = prepare(account)
    FeeFactory(code="MOBILE_DEPOSIT", amount=D("10.00"), effective_from=clock.today())
    with pytest.raises(preparing.FeeChanged):
        confirm(instruction)


def test_a_dated_fee_is_kept_from_what_comes_in(account: Account, at: Any) -> None:
    FeeFactory(code="MOBILE_DEPOSIT", amount=D("23.00"), effective_from=clock.today())
    prompted(account)
    tell_stk()
    assert balance(account) == D("3477.00")
    assert internal() == {NOSTRO: D("-1500.00"), "fees.income": D("20.00"), "tax.excise": D("3.00")}
    row = Incoming.objects.get()
    assert (row.amount, row.fee, row.excise) == (D(1500), D("23.00"), D("3.00"))
    assert_books_tie()


# --- Sending and being told ---------------------------------------------------------------------------------------


def test_it_is_paid_and_told_once(account: Account, phone: ScriptedRail) -> None:
    deposit = ask(account)
    phone.to_send = [TAKEN]
    working.work()
    assert (now_is(deposit, State.PROMPTED).checkout, balance(account)) == ("ws_CO_1", D("2000.00"))
    assert phone.sent[0].destination == {"phone": "254722000111"}
    tell_stk()
    now_is(deposit, State.RECEIVED)
    credited(account)
    row = AccountTransaction.objects.get(txn_type="MOBILE_MONEY_IN")
    assert row.description == "M-Pesa deposit from 0722 000 111 SKQ1AB2CD3 - Online"
    cause = f"money-received:{Incoming.objects.get().pk}"
    assert (OutboxMessage.objects.filter(cause=cause).count(), InboxItem.objects.filter(cause=cause).count()) == (1, 1)
    assert "KES 1,500.00" in OutboxMessage.objects.get(cause=cause).body
    assert working.work() == 0


def test_twenty_callbacks_credit_once(account: Account) -> None:
    deposit = prompted(account)
    for number in range(20):
        tell_stk()
        tell_stk(code="0")  # the same word as a string
        tell_c2b(deposit.reference.replace("-", ""), amount="1500.00", OrgAccountBalance=f"{number}.00")
    now_is(deposit, State.RECEIVED)
    credited(account)
    assert Incoming.objects.get().receipt == RECEIPT


WORDS: dict[str, Callable[[Deposit], Any]] = {
    "stk": lambda deposit: tell_stk(),
    "paybill": lambda deposit: tell_c2b(deposit.reference.replace("-", ""), amount="1500.00"),
    "query": lambda deposit: working.take_note(deposit, PAID, asked=True),
    "cancelled": lambda deposit: tell_stk(code=1032),
    "open": lambda deposit: working.take_note(deposit, STILL_OPEN, asked=True),
}


@pytest.mark.parametrize("order", list(itertools.permutations(WORDS)), ids="-".join)
def test_in_every_order_it_is_credited_once(account: Account, order: tuple[str, ...]) -> None:
    deposit = prompted(account)
    for word in order * 2:
        WORDS[word](deposit)
    now_is(deposit, State.RECEIVED)
    credited(account)
    assert Incoming.objects.get().receipt == RECEIPT
    first_paid = min(order.index(word) for word in ("stk", "paybill", "query"))
    is_contradicted = order.index("cancelled") > first_paid
    assert (deposit.contradicted_at is not None) == is_contradicted
    assert AuditEvent.objects.filter(verb="deposit.contradicted").count() == is_contradicted


@pytest.mark.parametrize("code", [1032, "1032", 1, "1", 2001, 1037, "SFC_IC0003", 7777, "17"])
def test_a_refusal_credits_nothing_and_says_why(account: Account, code: Any) -> None:
    deposit = prompted(account)
    tell_stk(code=code)
    assert now_is(deposit, State.REFUSED).reason_code == str(code)
    assert (balance(account), Posting.objects.count()) == (D("2000.00"), 0)


def test_paid_after_all_is_credited(account: Account) -> None:
    """M-Pesa said that nobody answered, and a minute later that it was paid: the customer's money is here."""
    deposit = prompted(account)
    tell_stk(code=1037)
    tell_stk()
    now_is(deposit, State.RECEIVED)
    credited(account)


def test_where_the_paybills_report_hides_the_phone_the_receipt_names_the_one_that_was_asked(account: Account) -> None:
    deposit = prompted(account)
    tell_c2b(deposit.reference.replace("-", ""), amount="1500.00", FirstName="", LastName="")
    assert Incoming.objects.get().phone == "254722000111"


def test_without_receipt_and_amount_it_is_what_was_asked(account: Account) -> None:
    deposit = prompted(account)
    tell_stk(receipt=None, amount=None, phone=None)
    now_is(deposit, State.RECEIVED)
    assert Incoming.objects.get().receipt is None
    tell_stk()
    assert Incoming.objects.get().receipt == RECEIPT
    credited(account)


@pytest.mark.parametrize("amount", [1499, 1501, 15000])
def test_another_amount_goes_to_suspense_and_people(account: Account, amount: int) -> None:
    deposit = prompted(account)
    for _again in range(3):
        tell_stk(amount=amount)
    now_is(deposit, State.HELD)
    assert deposit.with_staff_since is not None
    row = Incoming.objects.get()
    assert (row.state, row.why, row.amount) == (InState.SUSPENSE, "amount", D(amount))
    assert balance(account) == D("2000.00")
    assert internal() == {NOSTRO: -D(amount), SUSPENSE: D(amount)}
    assert InboxItem.objects.filter(cause=f"deposit-held:{deposit.pk}").count() == 1
    assert_books_tie()


def test_an_account_closed_meanwhile_sends_it_to_suspense(account: Account) -> None:
    deposit = prompted(account)
    Account.objects.filter(pk=account.pk).update(status="DISABLED")
    tell_stk()
    now_is(deposit, State.HELD)
    assert Incoming.objects.get().why == "closed"
    assert internal() == {NOSTRO: D(-1500), SUSPENSE: D(1500)}
    assert_books_tie()


def test_an_account_number_given_to_somebody_else_is_not_credited(account: Account) -> None:
    prompted(account)
    stranger = AccountFactory(balance=D("5.00"))
    Account.objects.filter(pk=account.pk).update(customer=stranger.customer)
    tell_stk()
    assert (Incoming.objects.get().why, balance(account)) == ("closed", D("2000.00"))


def test_a_second_payment_under_the_same_reference_is_other_money(account: Account) -> None:
    deposit = prompted(account)
    tell_stk()
    tell_c2b(deposit.reference.replace("-", ""), amount="1500.00", receipt="SOTHER0001")
    assert list(Incoming.objects.order_by("received_at", "state").values_list("state", "why")) == [
        (InState.CREDITED, ""),
        (InState.SUSPENSE, "second"),
    ]
    assert balance(account) == D("3500.00")
    assert internal() == {NOSTRO: D(-3000), SUSPENSE: D(1500)}
    assert_books_tie()


# --- A lost callback ----------------------------------------------------------------------------------------------


def test_a_lost_callback_is_asked_about_after_30_s_2_10_and_60_min_then_staff(
    account: Account, phone: ScriptedRail, at: Any
) -> None:
    deposit = ask(account)
    phone.to_send, phone.to_ask = [TAKEN], [SILENT]
    working.work()
    for wait in (30, 120, 600, 3600):
        at.shift(wait - 1)
        assert working.work() == 0
        at.shift(1)
        assert working.work() == 1
    assert (now_is(deposit, State.UNKNOWN).enquiries, len(phone.sent)) == (4, 1)
    assert deposit.with_staff_since == clock.now()
    phone.to_ask = [PAID]
    at.shift(3600)
    working.work()
    now_is(deposit, State.RECEIVED)
    credited(account)


def test_the_answer_to_a_question_credits_what_was_asked(account: Account, phone: ScriptedRail, at: Any) -> None:
    deposit = ask(account)
    phone.to_send, phone.to_ask = [TAKEN], [STILL_OPEN, PAID]
    working.work()
    at.shift(30)
    working.work()
    now_is(deposit, State.PROMPTED)
    at.shift(120)
    working.work()
    now_is(deposit, State.RECEIVED)
    credited(account)


def test_a_prompt_whose_answer_was_lost_is_never_sent_again_and_found_by_phone_and_amount(
    account: Account, phone: ScriptedRail, at: Any
) -> None:
    deposit = ask(account)
    phone.to_send = [SILENT]
    working.work()
    for _round in range(5):
        at.shift(601)
        working.work()
    assert (len(phone.sent), now_is(deposit, State.UNKNOWN).checkout) == (1, None)
    tell_stk(checkout="ws_CO_9")
    assert now_is(deposit, State.RECEIVED).checkout == "ws_CO_9"
    credited(account)


def test_a_result_during_the_call_is_looked_at_again_after_it(account: Account, phone: ScriptedRail, at: Any) -> None:
    deposit = ask(account)
    phone.to_send = [lambda order: tell_stk().state and TAKEN]
    working.work()
    now_is(deposit, State.PROMPTED)
    at.shift(6)
    callbacks.work_through()
    now_is(deposit, State.RECEIVED)
    credited(account)


def test_two_prompts_whose_answers_were_lost_are_not_guessed_between(
    account: Account, phone: ScriptedRail, at: Any
) -> None:
    phone.to_send = [SILENT]
    for _twice in range(2):
        ask(account)
        working.work()
        at.shift(121)
    tell_stk(checkout="ws_CO_9")
    row = Incoming.objects.get()
    assert (row.state, row.why, row.phone) == (InState.SUSPENSE, "prompt", "254722000111")
    assert balance(account) == D("2000.00")
    one = Deposit.objects.order_by("asked_at").first()
    assert one is not None
    tell_c2b(one.reference.replace("-", ""), amount="1500.00")  # the paybill's own report says whose it is
    assert now_is(one, State.RECEIVED)
    assert (balance(account), internal()) == (D("3500.00"), {NOSTRO: D(-1500)})
    assert_books_tie()


def test_a_paid_prompt_of_nobodys_goes_to_suspense_and_an_unpaid_one_is_ignored(account: Account, at: Any) -> None:
    refused = tell_stk(checkout="ws_CO_x", code=1032)
    assert refused.state == RailCallback.State.NEW
    tell_stk(checkout="ws_CO_x", receipt="SNOBODY001")
    assert internal() == {NOSTRO: D(-1500), SUSPENSE: D(1500)}
    assert_books_tie()


def test_what_never_left_is_tried_again_for_two_minutes(account: Account, phone: ScriptedRail, at: Any) -> None:
    deposit = ask(account)
    phone.to_send = [NOT_SENT]
    working.work()
    assert now_is(deposit, State.ASKED).sent_at is None
    for _try in range(9):
        at.shift(15)
        working.work()
    assert now_is(deposit, State.REFUSED).reason == "later"
    assert Posting.objects.count() == 0


# --- kill -9 ------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """As kill -9 between two lines: nothing after it runs."""


def die(*_: Any, **__: Any) -> Any:
    raise Killed()


@pytest.mark.parametrize("seam", ["_call", "take_note"])
def test_a_worker_killed_while_sending_asks_no_phone_twice(
    account: Account, phone: ScriptedRail, at: Any, monkeypatch: pytest.MonkeyPatch, seam: str
) -> None:
    deposit = ask(account)
    phone.to_send, phone.to_ask = [TAKEN], [PAID]
    with monkeypatch.context() as patch:
        patch.setattr(working, seam, die)
        with pytest.raises(Killed):
            working.work()
    for _round in range(6):
        at.shift(61)
        working.work()
    assert len(phone.sent) == (1 if seam == "take_note" else 0)
    now_is(deposit, State.UNKNOWN)
    tell_c2b(deposit.reference.replace("-", ""), amount="1500.00")
    now_is(deposit, State.RECEIVED)
    credited(account)


SEAMS: dict[str, tuple[Any, str]] = {
    "before posting": (crediting.ledger, "receive"),
    "after posting": (crediting, "_credited"),
    "before the message": (crediting.messages, "credited"),
    "before the deposit": (crediting, "receive"),
}


@pytest.mark.parametrize("seam", SEAMS)
def test_a_worker_killed_while_crediting_credits_once(
    account: Account, monkeypatch: pytest.MonkeyPatch, seam: str
) -> None:
    deposit = prompted(account)
    with monkeypatch.context() as patch:
        patch.setattr(*SEAMS[seam], die)
        with pytest.raises(Killed):
            tell_stk()
    now_is(deposit, State.PROMPTED)
    assert balance(account) == D("2000.00")
    tell_stk()
    now_is(deposit, State.RECEIVED)
    credited(account)


def test_a_draft_that_ran_out_or_was_cancelled_asks_no_phone(account: Account, at: Any) -> None:
    late, given_up = prepare(account), prepare(account)
    customer = late.customer
    instructions.cancel(customer=customer, instruction_id=given_up.id, actor=as_actor(customer))
    with pytest.raises(instructions.InstructionCancelled):
        confirm(given_up, with_code=False)
    at.shift(timedelta(hours=25))
    with pytest.raises(instructions.InstructionExpired):
        confirm(late, with_code=False)
    assert not Deposit.objects.exists()
    assert Instruction.objects.filter(state="DONE").count() == 0
