"""Suspense worked to zero: two people match money to a customer or give it back; deposits of which nobody knows."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from tests.factories import AccountFactory, BusinessFactory
from transfers.collecting import calling, returning, working
from transfers.models import Deposit, Incoming
from transfers.staff import incoming, incoming_trail, suspense
from transfers.tests.collecting.scenes import (
    NOSTRO,
    RECEIPT,
    SUSPENSE,
    D,
    InState,
    State,
    assert_books_tie,
    now_is,
    prompted,
    tell,
    tell_c2b,
    tell_stk,
)
from transfers.tests.scripted import ScriptedRail, internal
from transfers.tests.support import balance
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
EVIDENCE = "Receipt shown at Moi Avenue on 25 November, seen by A. Njoroge with her ID"
PAID = Outcome(Status.PAID, "0")
SILENT = Outcome(Status.UNKNOWN, "503", "HTTP 503", "later")
REFUSED = Outcome(Status.REFUSED, "R000002", "original receipt is invalid", "not_possible")


@pytest.fixture
def nobodys(account: Account) -> Incoming:
    """KES 500.00 for an account number with a slip in it."""
    tell_c2b("ACC999")
    return Incoming.objects.get()


def url(name: str, *arguments: Any) -> str:
    return reverse(f"admin:{name}", args=arguments)


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def propose(kind: str, row: Any, **changes: str) -> Proposal:
    name = "incoming" if isinstance(row, Incoming) else "deposit"
    payload = {name: str(row.pk), "evidence": EVIDENCE, "receipt": "", "account": "", **changes}
    maker = staff("operations")
    return proposals.propose(kind, payload, reason="r", user=maker, actor=Actor(kind="staff", id=str(maker.pk)))


def approve(proposal: Proposal) -> None:
    checker = staff("risk")
    proposals.approve(proposal.pk, user=checker, actor=Actor(kind="staff", id=str(checker.pk)))


# --- Matching -----------------------------------------------------------------------------------------------------


def test_two_people_match_it_and_suspense_is_zero(account: Account, nobodys: Incoming) -> None:
    proposal = propose(incoming.MATCH, nobodys, account=account.account_number)
    assert (balance(account), internal()[SUSPENSE]) == (D("2000.00"), D("500.00"))
    approve(proposal)
    nobodys.refresh_from_db()
    assert (nobodys.state, nobodys.customer_id) == (InState.MATCHED, account.customer_id)
    assert (balance(account), internal()) == (D("2500.00"), {NOSTRO: D("-500.00")})
    assert InboxItem.objects.filter(cause=f"money-received:{nobodys.pk}").count() == 1
    assert AuditEvent.objects.filter(verb="money.matched_by_hand").count() == 1
    assert all(one.is_clear for one in suspense.accounts())
    assert_books_tie()


def test_the_customer_then_has_it_with_a_receipt(browser: Client, account: Account, nobodys: Incoming) -> None:
    approve(propose(incoming.MATCH, nobodys, account=account.account_number))
    assert "KES 500.00 came in from M-Pesa" in browser.get(f"/save/received/{nobodys.pk}/").content.decode()
    nobodys.refresh_from_db()
    assert f"/view/movements/{nobodys.ended_reference}-2/" in browser.get("/view/").content.decode()


def test_of_two_proposals_one_is_done(account: Account, nobodys: Incoming) -> None:
    first = propose(incoming.MATCH, nobodys, account=account.account_number)
    second = Proposal.objects.create(
        kind=first.kind, payload=first.payload, reason="r", made_by=0, made_by_code="x", made_at=clock.now()
    )
    back = propose_again(nobodys)
    approve(first)
    checker = Actor(kind="staff", id="1")
    for late in (second, back):
        with pytest.raises(incoming.NotWaiting):
            proposals.approve(late.pk, user=staff("risk"), actor=checker)
    assert balance(account) == D("2500.00")


def propose_again(row: Incoming) -> Proposal:
    payload = {"incoming": str(row.pk), "evidence": EVIDENCE, "receipt": ""}
    return Proposal.objects.create(
        kind=incoming.RETURN, payload=payload, reason="r", made_by=0, made_by_code="x", made_at=clock.now()
    )


def test_the_maker_is_not_the_checker(account: Account, nobodys: Incoming) -> None:
    maker = staff("operations")
    payload = {"incoming": str(nobodys.pk), "evidence": EVIDENCE, "account": account.account_number}
    actor = Actor(kind="staff", id=str(maker.pk))
    proposal = proposals.propose(incoming.MATCH, payload, reason="r", user=maker, actor=actor)
    with pytest.raises(proposals.OwnProposal):
        proposals.approve(proposal.pk, user=maker, actor=actor)
    assert balance(account) == D("2000.00")


def test_it_is_matched_to_no_account_that_can_not_receive(account: Account, nobodys: Incoming) -> None:
    company = AccountFactory(customer=None, business=BusinessFactory(), balance=D("7.00"))
    frozen = AccountFactory(status="FROZEN", balance=D("7.00"))
    for number in (company.account_number, frozen.account_number, "ACC000", ""):
        with pytest.raises(incoming.NoSuchAccount):
            propose(incoming.MATCH, nobodys, account=number)
    with pytest.raises(incoming.EvidenceMissing):
        propose(incoming.MATCH, nobodys, account=account.account_number, evidence=" " * 60)
    ready = propose(incoming.MATCH, nobodys, account=account.account_number)
    Account.objects.filter(pk=account.pk).update(status="FROZEN")
    with pytest.raises(incoming.NoSuchAccount):
        approve(ready)
    assert balance(account) == D("2000.00")


def test_a_deposit_of_another_amount_is_matched_to_its_own_customer_alone(account: Account) -> None:
    deposit = prompted(account)
    tell_stk(amount=1400)
    row, stranger = Incoming.objects.get(), AccountFactory(balance=D("1.00"))
    with pytest.raises(incoming.OtherCustomers):
        propose(incoming.MATCH, row, account=stranger.account_number)
    approve(propose(incoming.MATCH, row, account=account.account_number))
    now_is(deposit, State.RECEIVED)
    assert (balance(account), internal()) == (D("3400.00"), {NOSTRO: D(-1400)})
    assert_books_tie()


# --- Giving back --------------------------------------------------------------------------------------------------


def test_m_pesa_gives_it_back_once(
    account: Account, nobodys: Incoming, monkeypatch: pytest.MonkeyPatch, at: Any
) -> None:
    answers = [SILENT, Outcome(Status.ACCEPTED, "0")]
    monkeypatch.setattr(calling, "give_back", lambda row: answers.pop(0))
    approve(propose(incoming.RETURN, nobodys))
    returning.work()
    at.shift(31)
    returning.work()
    assert internal()[SUSPENSE] == D("500.00")
    result = {
        "ResultCode": 0, "TransactionID": "SBACK00001", "ConversationID": "AG_9",
        "ResultParameters": {"ResultParameter": [{"Key": "Amount", "Value": 500}]},
        "ReferenceData": {"ReferenceItem": {"Key": "Occasion", "Value": str(nobodys.pk)}},
    }  # fmt: skip
    for number in range(20):
        tell("mpesa.reversal", {"Result": {**result, "ResultDesc": str(number)}})
    tell("mpesa.reversal", {"Result": {**result, "ResultCode": "R000001"}})
    nobodys.refresh_from_db()
    assert (nobodys.state, internal(), balance(account)) == (InState.RETURNED, {}, D("2000.00"))
    assert all(one.is_clear for one in suspense.accounts())
    assert_books_tie()


def test_where_m_pesa_can_not_give_it_back_it_stays_and_people_go_on(
    account: Account, nobodys: Incoming, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "give_back", lambda row: REFUSED)
    approve(propose(incoming.RETURN, nobodys))
    returning.work()
    nobodys.refresh_from_db()
    assert (nobodys.state, nobodys.reason_code) == (InState.SUSPENSE, "R000002")
    proposal = propose(incoming.MATCH, nobodys, account=account.account_number)
    proposals.approve(proposal.pk, user=staff("risk"), actor=Actor(kind="staff", id="1"))
    assert balance(account) == D("2500.00")
    assert_books_tie()


def test_while_it_goes_back_it_is_matched_to_nobody(account: Account, nobodys: Incoming) -> None:
    approve(propose(incoming.RETURN, nobodys))
    with pytest.raises(incoming.NotWaiting):
        propose(incoming.MATCH, nobodys, account=account.account_number)
    assert_books_tie()


def test_cents_and_what_has_no_receipt_can_not_go_back(account: Account) -> None:
    tell_c2b("ACC999", amount="10.50")
    with pytest.raises(incoming.CanNotGoBack):
        propose(incoming.RETURN, Incoming.objects.get())


def test_a_deposit_whose_money_went_back_says_so(
    browser: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit = prompted(account)
    tell_stk(amount=1400)
    monkeypatch.setattr(calling, "give_back", lambda row: PAID)
    approve(propose(incoming.RETURN, Incoming.objects.get()))
    returning.work()
    now_is(deposit, State.REFUSED)
    assert "M-Pesa has given it back" in browser.get(f"/save/deposit/mpesa/{deposit.pk}/").content.decode()
    assert internal() == {}
    assert_books_tie()


class Killed(BaseException):
    """As kill -9 between two lines."""


def test_a_worker_killed_while_giving_back_gives_back_once(
    account: Account, nobodys: Incoming, monkeypatch: pytest.MonkeyPatch, at: Any
) -> None:
    def die(*_: Any, **__: Any) -> Any:
        raise Killed()

    approve(propose(incoming.RETURN, nobodys))
    monkeypatch.setattr(calling, "give_back", lambda row: PAID)
    with monkeypatch.context() as patch:
        patch.setattr(returning, "_given_back", die)
        with pytest.raises(Killed):
            returning.work()
    assert internal()[SUSPENSE] == D("500.00")
    at.shift(61)
    returning.work()
    assert internal() == {}
    assert_books_tie()


def test_over_the_real_wire_paid_unknown_and_given_back(railsim: Simulator, account: Account) -> None:
    """Client and simulator speak the contract: the paybill's report, then the reversal and its result."""
    from wekeza_portal.rails import mpesa
    from wekeza_portal.rails.simulator import mpesa_customers

    mpesa.register_paybill()
    paid = {"BusinessShortCode": "522522", "Amount": 500, "PhoneNumber": "254722000126", "AccountReference": "ACC999"}
    desk = railsim.desk("mpesa")
    railsim.courier.ask = lambda url, body: {"ResultCode": "0"}
    mpesa_customers.pay_from_phone(desk, paid, "PETER KAMAU", railsim.courier.ask)
    railsim.courier.deliver()
    callbacks.work_through()
    row = Incoming.objects.get()
    assert row.state == InState.SUSPENSE
    approve(propose(incoming.RETURN, row))
    returning.work()
    railsim.courier.deliver()
    callbacks.work_through()
    row.refresh_from_db()
    assert (row.state, internal()) == (InState.RETURNED, {})
    assert_books_tie()


def test_over_the_real_wire_a_deposit_is_asked_for_and_paid(railsim: Simulator, account: Account) -> None:
    from transfers.tests.collecting.scenes import ask
    from wekeza_portal.rails import mpesa

    mpesa.register_paybill()
    deposit = ask(account)
    working.work()
    now_is(deposit, State.PROMPTED)
    railsim.courier.deliver()
    callbacks.work_through()
    now_is(deposit, State.RECEIVED)
    assert (RailCallback.objects.count(), Incoming.objects.count()) == (2, 1)  # its result, and the paybill's report
    assert (balance(account), internal()) == (D("3500.00"), {NOSTRO: D(-1500)})
    assert_books_tie()


# --- Deposits of which nobody knows -------------------------------------------------------------------------------


@pytest.fixture
def stuck(account: Account, phone: ScriptedRail) -> Deposit:
    deposit = prompted(account)
    Deposit.objects.update(state=State.UNKNOWN, with_staff_since=clock.now(), enquiries=4)
    phone.to_ask = [SILENT]
    return deposit


def test_two_people_say_that_it_was_paid(account: Account, stuck: Deposit) -> None:
    approve(propose(incoming.PAID, stuck, receipt="skq1ab2cd3"))
    now_is(stuck, State.RECEIVED)
    tell_stk()
    assert (balance(account), Incoming.objects.get().receipt) == (D("3500.00"), RECEIPT)
    assert_books_tie()


def test_two_people_say_that_it_was_not_paid_and_m_pesa_may_still_say_that_it_was(
    account: Account, stuck: Deposit
) -> None:
    approve(propose(incoming.UNPAID, stuck))
    now_is(stuck, State.REFUSED)
    tell_stk()
    now_is(stuck, State.RECEIVED)
    assert balance(account) == D("3500.00")
    assert_books_tie()


def test_while_m_pesa_is_asked_or_has_answered_nothing_is_done_by_hand(account: Account, stuck: Deposit) -> None:
    ready = propose(incoming.UNPAID, stuck)
    tell_stk()
    with pytest.raises(incoming.Ended):
        approve(ready)
    fresh = prompted(account, "700", checkout="ws_CO_2")
    with pytest.raises(incoming.BeingAsked):
        propose(incoming.UNPAID, fresh)


def test_a_contradiction_is_closed_by_two(account: Account) -> None:
    deposit = prompted(account)
    tell_stk()
    tell_stk(code=1032)
    deposit.refresh_from_db()
    assert deposit.contradicted_at is not None
    approve(propose(incoming.CLOSE, deposit))
    deposit.refresh_from_db()
    assert (deposit.contradicted_at, deposit.state, balance(account)) == (None, State.RECEIVED, D("3500.00"))


# --- The boards ---------------------------------------------------------------------------------------------------


def test_the_boards_show_what_waits_and_record_who_looked(account: Account, nobodys: Incoming, stuck: Deposit) -> None:
    client = signed_in(staff("support"))
    body = text_of(client, url("money_in"))
    for shown in (RECEIPT, "PETER KAMAU", "ACC999", stuck.reference):
        assert shown in body
    assert "There is no account of this number" in text_of(client, url("money_in_one", nobodys.pk))
    assert "0722 000 111" in text_of(client, url("deposit_in", stuck.pk))
    assert "1 piece of money that is nobody" in text_of(client, url("suspense"))
    assert AuditEvent.objects.filter(verb="staff.viewed", customer_id=account.customer_id).exists()
    assert "Money that is nobody" in text_of(client, "/admin/")


def test_support_sees_but_proposes_nothing(nobodys: Incoming) -> None:
    client = signed_in(staff("support"))
    assert "Propose:" not in text_of(client, url("money_in_one", nobodys.pk))
    assert client.get(url("money_in_propose", nobodys.pk, "match")).status_code == 403


def test_operations_propose_on_the_page(account: Account, nobodys: Incoming) -> None:
    client = signed_in(staff("operations"))
    address = url("money_in_propose", nobodys.pk, "match")
    bad = client.post(address, {"account": "NOBODY", "evidence": EVIDENCE})
    assert "There is no personal account of this number" in bad.content.decode()
    assert client.post(address, {"account": account.account_number, "evidence": EVIDENCE}).status_code == 302
    described = text_of(client, url("proposal", Proposal.objects.get().pk))
    for shown in ("KES 500.00", "PETER KAMAU", account.account_number):
        assert shown in described
    assert client.get(url("money_in_propose", nobodys.pk, "nonsense")).status_code == 404


def test_one_asks_m_pesa_at_once(stuck: Deposit, phone: ScriptedRail, account: Account) -> None:
    client = signed_in(staff("support"))
    phone.to_ask = [PAID]
    assert client.post(url("deposit_ask", stuck.pk)).status_code == 302
    now_is(stuck, State.RECEIVED)
    client.post(url("deposit_ask", stuck.pk))
    assert len(phone.asked) == 1


def test_the_page_that_follows_a_shilling_finds_it_by_receipt(account: Account, nobodys: Incoming) -> None:
    client = signed_in(staff("audit"))
    body = text_of(client, f"{url('where_it_went')}?q={RECEIPT.lower()}")
    assert nobodys.reference in body
    assert SUSPENSE in body
    deposit = prompted(account)
    tell_stk(receipt="SOTHER0001")
    assert list(incoming_trail.find("ws_CO_1")) == [Incoming.objects.get(deposit=deposit).reference]
