"""Suspense worked to zero: two people match money to a customer or give it back; deposits of which nobody knows."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from tests.factories import AccountFactory, BusinessFactory
from transfers.collecting import working
from transfers.models import Deposit, Incoming
from transfers.staff import incoming, incoming_trail, suspense
from transfers.tests.collecting.deciding import EVIDENCE, PAID, SILENT, approve, propose
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
    tell_stk,
)
from transfers.tests.scripted import ScriptedRail, internal
from transfers.tests.support import balance
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db


def url(name: str, *arguments: Any) -> str:
    return reverse(f"admin:{name}", args=arguments)


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


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


def test_the_end_of_a_deposit_is_proposed_on_its_page(stuck: Deposit) -> None:
    client = signed_in(staff("operations"))
    for end, asks_for_receipt in (("paid", True), ("unpaid", False)):
        address = url("deposit_propose", stuck.pk, end)
        assert ('name="receipt"' in text_of(client, address)) is asks_for_receipt
        assert client.post(address, {"evidence": EVIDENCE, "receipt": "SKQ1AB2CD3"}).status_code == 302
    assert Proposal.objects.count() == 2


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
