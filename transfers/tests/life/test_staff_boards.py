"""The staff's boards of payments out of the bank: what waits, who may do what, what two people can end by hand."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import checking, limits
from accounts.models import Account
from tests.support import all_the_money
from transfers.models import Payment
from transfers.outside import working
from transfers.staff import ageing, ends, story, suspense
from transfers.tests.life.scenes import NOON, tell
from transfers.tests.scripted import (
    ACCEPTED,
    PAID,
    REFUSED,
    UNKNOWN,
    ScriptedRail,
    internal,
    pay_out,
)
from transfers.tests.support import balance, owner_of
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.rails import circuit
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
D = Decimal
EVIDENCE = "Statement of the rail of 25 November, page 3, line 7, seen by A. Njoroge"
HOSTILE = ["", "x", " " * 60, "short evidence"]


@pytest.fixture
def stuck(sender: Account, mpesa: ScriptedRail, at: time_machine.Traveller) -> Payment:
    """Sent an hour and more ago, and nobody knows."""
    mpesa.to_send = [UNKNOWN]
    payment = pay_out(sender)
    working.work()
    at.shift(3700)
    return Payment.objects.get(pk=payment.pk)


def url(name: str, *arguments: Any) -> str:
    return reverse(f"admin:{name}", args=arguments)


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


# --- The board ------------------------------------------------------------------------------------------------


def test_each_payment_stands_in_the_cell_of_its_rail_and_age(
    sender: Account, mpesa: ScriptedRail, at: time_machine.Traveller
) -> None:
    for wait in (timedelta(days=2), timedelta(hours=3), timedelta(minutes=30), timedelta(minutes=5), timedelta(0)):
        at.move_to(NOON - wait)
        pay_out(sender)
    at.move_to(NOON)
    line = next(line for line in ageing.board() if line.rail == "MPESA")
    assert [cell.count for cell in line.cells] == [1, 1, 1, 1, 1]
    assert [cell.is_late for cell in line.cells] == [False, False, True, True, True]
    assert sum(cell.amount for cell in line.cells) == D("6000.00")
    for age in range(5):
        assert len(ageing.waiting("MPESA", age)) == 1
    assert ageing.waiting("PESALINK", 0) == []
    assert [row.received_at for row in ageing.waiting()] == sorted(row.received_at for row in ageing.waiting())
    assert ageing.numbers() == {"late": 3, "with_staff": 0, "contradicted": 0}


@pytest.mark.parametrize("query", ["?rail=MPESA&age=4", "?rail=x", "?age=-1", "?age=99999999999999999999", "?age=NaN",
                                   "?rail=<script>&age=٣", "?rail=MPESA"])  # fmt: skip
def test_a_strange_question_is_no_error(stuck: Payment, query: str) -> None:
    body = text_of(signed_in(staff("support")), url("payments_out") + query)
    assert "<script>&" not in body


def test_contradictions_stand_on_top(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    mpesa.to_send = [PAID]
    payment = pay_out(sender)
    working.work()
    client = signed_in(staff("operations"))
    assert "Contradictions" not in text_of(client, url("payments_out"))
    working.take_note(payment, REFUSED, asked=False)
    body = text_of(client, url("payments_out"))
    assert body.index("Contradictions") < body.index("By rail and age")
    assert payment.reference in body
    front = text_of(client, "/admin/")
    assert "Not confirmed for over 10 minutes" in front


def test_each_look_at_a_payment_is_written_down(stuck: Payment) -> None:
    client = signed_in(staff("support"))
    for address in (url("payments_out"), url("payment_out", stuck.pk), url("suspense")):
        before = AuditEvent.objects.filter(verb="staff.viewed", customer_id=stuck.customer_id).count()
        client.get(address)
        assert AuditEvent.objects.filter(verb="staff.viewed", customer_id=stuck.customer_id).count() == before + 1


def test_a_payment_s_page_shows_its_ids_postings_and_callbacks(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    payment = pay_out(sender)
    working.work()
    row = tell(payment, "PAID", amount="1200", receipt="SABC123456")
    client = signed_in(staff("audit"))
    body = text_of(client, url("payment_out", payment.pk))
    for words in (payment.reference, "SABC123456", "AG_1", "rail.mpesa", "nostro.mpesa", "fees.income", row.reason):
        assert words in body
    assert client.get(url("payment_out", row.pk and "00000000-0000-4000-8000-000000000000")).status_code == 404


def test_where_a_shilling_went_is_found_by_what_the_rail_calls_it(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    payment = pay_out(sender)
    working.work()
    row = tell(payment, "PAID", amount="1200", receipt="SABC123456")
    client = signed_in(staff("audit"))
    for typed in ("SABC123456", "sabc123456", "AG_1", str(row.pk), row.digest, payment.reference, str(payment.pk)):
        body = client.get(url("where_it_went"), {"q": typed}).content.decode()
        assert url("payment_out", payment.pk) in body, typed
        assert row.reason in body
    settlement = story.postings_of(payment)[1]
    body = client.get(url("where_it_went"), {"q": settlement.reference}).content.decode()
    assert url("payment_out", payment.pk) in body
    for typed in ("", "99999999999999999999", "%", "_", "'", "AG_", "\0"):
        assert story.find(typed) == [], typed


# --- Asking now -----------------------------------------------------------------------------------------------


def test_one_press_asks_and_what_it_says_counts(stuck: Payment, mpesa: ScriptedRail) -> None:
    mpesa.to_ask = [PAID]
    user = staff("support")
    answer = signed_in(user).post(url("payment_ask", stuck.pk), follow=True)
    assert "PAID" in answer.content.decode()
    stuck.refresh_from_db()
    assert stuck.state == "SETTLED"
    event = AuditEvent.objects.get(verb="payment.enquired")
    assert (event.actor_id, event.customer_id) == (str(user.pk), stuck.customer_id)


def test_asking_is_for_those_who_may_by_post_alone_and_not_without_end(stuck: Payment, mpesa: ScriptedRail) -> None:
    address = url("payment_ask", stuck.pk)
    assert signed_in(staff("audit")).post(address).status_code == 403
    client = signed_in(staff("support"))
    assert client.get(address).status_code == 405
    asked = len(mpesa.asked)
    for _press in range(10):
        client.post(address)
    assert len(mpesa.asked) == asked + 4
    stuck.refresh_from_db()
    assert stuck.state == "UNKNOWN"


def test_what_has_ended_is_not_asked_about(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    mpesa.to_send = [PAID]
    payment = pay_out(sender)
    working.work()
    body = signed_in(staff("support")).post(url("payment_ask", payment.pk), follow=True).content.decode()
    assert "ended by itself" in body
    assert mpesa.asked == []


# --- By hand --------------------------------------------------------------------------------------------------


def propose(client: Client, payment: Payment, end: str, evidence: str = EVIDENCE) -> Proposal:
    answer = client.post(url("payment_end", payment.pk, end), {"evidence": evidence, "receipt": "SHAND"})
    assert answer.status_code == 302, answer.content.decode()
    return Proposal.objects.get(state="PENDING")


def approve(client: Client, proposal: Proposal) -> str:
    return client.post(url("proposal_decide", proposal.pk), {"approve": "1"}, follow=True).content.decode()


@pytest.mark.parametrize("end", ["settle", "return"])
def test_two_people_end_a_payment_by_hand(sender: Account, stuck: Payment, end: str) -> None:
    before, maker, checker = all_the_money(), signed_in(staff("operations")), signed_in(staff("risk"))
    proposal = propose(maker, stuck, end)
    assert all_the_money() == before
    assert "another person" in approve(maker, proposal)
    assert all_the_money() == before
    approve(checker, proposal)
    stuck.refresh_from_db()
    if end == "settle":
        assert (stuck.state, stuck.receipt, all_the_money()) == ("SETTLED", "SHAND", before)
        assert internal()["nostro.mpesa"] == D("1200.00")
        assert not {"rail.mpesa", "fees.pending"} & set(internal())
    else:
        assert (stuck.state, internal(), balance(sender)) == ("RETURNED", {}, D("200000.00"))
    event = AuditEvent.objects.get(verb=f"payment.{'settled' if end == 'settle' else 'returned'}_by_hand")
    assert event.data["evidence"] == EVIDENCE
    assert list(checking.differences()) == []


@pytest.mark.parametrize("end", ["settle", "return"])
@pytest.mark.parametrize("answer", [PAID, REFUSED])
def test_nothing_is_done_by_hand_once_the_rail_has_answered(
    sender: Account, stuck: Payment, mpesa: ScriptedRail, end: str, answer: Any
) -> None:
    proposal = propose(signed_in(staff("operations")), stuck, end)
    mpesa.to_ask = [answer]
    working.enquire_now(stuck)
    before = (all_the_money(), internal())
    assert "ended by itself" in approve(signed_in(staff("risk")), proposal)
    assert (all_the_money(), internal()) == before
    proposal.refresh_from_db()
    assert proposal.state == "PENDING"


@pytest.mark.parametrize("evidence", HOSTILE)
def test_without_evidence_nothing_is_proposed(stuck: Payment, evidence: str) -> None:
    client = signed_in(staff("operations"))
    answer = client.post(url("payment_end", stuck.pk, "settle"), {"evidence": evidence})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    with pytest.raises(ends.EvidenceMissing):
        ends.refuse_to_settle(ends.payload_of(stuck, evidence))
    assert not Proposal.objects.exists()


def test_what_was_never_sent_cannot_be_settled_but_can_be_given_back(
    sender: Account, mpesa: ScriptedRail, at: Any
) -> None:
    payment = pay_out(sender)
    with pytest.raises(ends.NeverSent):
        ends.refuse_to_settle(ends.payload_of(payment, EVIDENCE))
    proposal = propose(signed_in(staff("operations")), payment, "return")
    approve(signed_in(staff("risk")), proposal)
    payment.refresh_from_db()
    assert (payment.state, internal()) == ("RETURNED", {})
    assert working.work() == 0
    assert mpesa.sent == []


def test_what_is_being_sent_at_this_moment_is_left_alone(sender: Account, mpesa: ScriptedRail, at: Any) -> None:
    payment = pay_out(sender)
    seen: list[type] = []

    def while_it_is_sent(_order: Any) -> Any:
        for refuse in (ends.refuse_to_settle, ends.refuse_to_give_back):
            try:
                refuse(ends.payload_of(payment, EVIDENCE))
            except PortalError as refusal:
                seen.append(type(refusal))
        return ACCEPTED

    mpesa.to_send = [while_it_is_sent]
    working.work()
    assert seen == [ends.BeingSent, ends.BeingSent]


def test_a_callback_after_an_end_by_hand_is_a_contradiction_that_two_people_close(
    sender: Account, stuck: Payment
) -> None:
    approve(signed_in(staff("risk")), propose(signed_in(staff("operations")), stuck, "return"))
    before = (all_the_money(), internal())
    tell(stuck, "PAID", amount="1200", receipt="SLATE")
    stuck.refresh_from_db()
    assert stuck.contradicted_at is not None
    assert (all_the_money(), internal()) == before
    proposal = propose(signed_in(staff("operations")), stuck, "close")
    approve(signed_in(staff("risk")), proposal)
    stuck.refresh_from_db()
    assert (stuck.contradicted_at, stuck.state) == (None, "RETURNED")
    assert (all_the_money(), internal()) == before


def test_what_was_given_back_and_arrived_is_the_banks_loss_once(sender: Account, stuck: Payment) -> None:
    maker, checker = signed_in(staff("operations")), signed_in(staff("risk"))
    approve(checker, propose(maker, stuck, "return"))
    tell(stuck, "PAID", amount="1200", receipt="SLATE")
    before = all_the_money()
    page = maker.get(url("payment_out", stuck.pk)).content.decode()
    assert url("payment_end", stuck.pk, "loss") in page
    assert url("payment_end", stuck.pk, "came-back") not in page
    approve(checker, propose(maker, stuck, "loss"))
    assert all_the_money() == before
    assert internal() == {"losses.payments": D("-1200.00"), "nostro.mpesa": D("1200.00")}
    stuck.refresh_from_db()
    assert (stuck.contradicted_at, stuck.state) == (None, "RETURNED")
    assert list(checking.differences()) == []
    assert maker.post(url("payment_end", stuck.pk, "loss"), {"evidence": EVIDENCE}).status_code == 200
    assert not Proposal.objects.filter(state="PENDING").exists()


def test_what_was_settled_and_came_back_goes_to_the_customer_once(sender: Account, stuck: Payment) -> None:
    maker, checker = signed_in(staff("operations")), signed_in(staff("risk"))
    approve(checker, propose(maker, stuck, "settle"))
    used = limits.used(owner_of(sender), "DAILY_OUT", clock.today())
    tell(stuck, "REFUSED", customer="not_registered")
    page = maker.get(url("payment_out", stuck.pk)).content.decode()
    assert url("payment_end", stuck.pk, "came-back") in page
    assert url("payment_end", stuck.pk, "loss") not in page
    approve(checker, propose(maker, stuck, "came-back"))
    assert (balance(sender), internal()) == (D("200000.00"), {})
    assert limits.used(owner_of(sender), "DAILY_OUT", clock.today()) == used - stuck.amount
    stuck.refresh_from_db()
    assert (stuck.contradicted_at, stuck.state) == (None, "RETURNED")
    assert OutboxMessage.objects.filter(cause=f"payment-returned:{stuck.pk}").count() == 1
    assert list(checking.differences()) == []
    assert maker.post(url("payment_end", stuck.pk, "came-back"), {"evidence": EVIDENCE}).status_code == 200
    assert not Proposal.objects.filter(state="PENDING").exists()


@pytest.mark.parametrize("end", ["settle", "return"])
def test_two_people_end_what_the_rail_paid_in_another_amount(sender: Account, stuck: Payment, end: str) -> None:
    tell(stuck, "PAID", amount="1100", receipt="S1")
    approve(signed_in(staff("risk")), propose(signed_in(staff("operations")), stuck, end))
    stuck.refresh_from_db()
    assert (stuck.state, stuck.contradicted_at) == ("SETTLED" if end == "settle" else "RETURNED", None)
    assert list(checking.differences()) == []


def test_a_contradiction_that_was_closed_meanwhile_moves_nothing(sender: Account, stuck: Payment) -> None:
    maker, checker = signed_in(staff("operations")), signed_in(staff("risk"))
    approve(checker, propose(maker, stuck, "return"))
    tell(stuck, "PAID", amount="1200", receipt="SLATE")
    proposal = propose(maker, stuck, "loss")
    Payment.objects.update(contradicted_at=None)
    before = internal()
    assert "no contradiction" in approve(checker, proposal)
    assert internal() == before


@pytest.mark.parametrize("role", ["support", "audit", "risk"])
def test_only_makers_propose(stuck: Payment, role: str) -> None:
    assert (
        signed_in(staff(role)).post(url("payment_end", stuck.pk, "settle"), {"evidence": EVIDENCE}).status_code == 403
    )


def test_an_unknown_end_is_not_found(stuck: Payment) -> None:
    assert signed_in(staff("operations")).get(url("payment_end", stuck.pk, "burn")).status_code == 404


def test_a_money_account_that_is_gone_is_said_to_the_checker(sender: Account, stuck: Payment) -> None:
    from django.db import connection

    proposal = propose(signed_in(staff("operations")), stuck, "return")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM transactions WHERE account_id = %s", [sender.pk])
        cursor.execute("DELETE FROM accounts WHERE account_id = %s", [sender.pk])
    checker = staff("risk")
    with pytest.raises(ends.NowhereToGo):
        proposals.approve(proposal.pk, user=checker, actor=Actor("staff", str(checker.pk)))
    stuck.refresh_from_db()
    assert (stuck.state, Proposal.objects.get().state) == ("UNKNOWN", "PENDING")


# --- Money on its way, rails ------------------------------------------------------------------------------------


def test_what_stands_in_an_account_is_its_open_payments_to_the_cent_and_worked_to_zero(
    sender: Account, stuck: Payment, mpesa: ScriptedRail
) -> None:
    found = {account.name: account for account in suspense.accounts()}
    assert (found["rail.mpesa"].balance, found["rail.mpesa"].unexplained) == (stuck.amount, D(0))
    assert (found["fees.pending"].balance, found["fees.pending"].unexplained) == (stuck.fee, D(0))
    mpesa.to_ask = [PAID]
    working.enquire_now(stuck)
    assert all(account.is_clear for account in suspense.accounts())
    assert "Worked to zero" in text_of(signed_in(staff("audit")), url("suspense"))


def test_money_that_belongs_to_no_payment_is_alarming(sender: Account, stuck: Payment) -> None:
    Payment.objects.filter(pk=stuck.pk).update(state="RETURNED")
    found = {account.name: account for account in suspense.accounts()}
    assert found["rail.mpesa"].unexplained == stuck.amount
    assert "belongs to no payment" in text_of(signed_in(staff("audit")), url("suspense"))
    assert {difference.kind for difference in checking.differences()} >= {"payment_without_end"}


def test_yesterdays_proof_is_the_opening_of_today(sender: Account, stuck: Payment, at: time_machine.Traveller) -> None:
    from accounts.proofs import making

    at.shift(timedelta(days=1))
    making.make_proof(NOON.date())
    pay_out(sender, amount="700.00", number=3)
    assert suspense.balances()["rail.mpesa"] == stuck.amount + D("700.00")


def test_a_rail_that_does_not_answer_is_shown(sender: Account, at: Any) -> None:
    client = signed_in(staff("support"))
    assert "Does not answer" not in text_of(client, url("rails"))
    for _failure in range(circuit.FAILURES):
        circuit.failed("mpesa")
    assert "Does not answer" in text_of(client, url("rails"))
    assert "M-Pesa" in text_of(client, "/admin/")
