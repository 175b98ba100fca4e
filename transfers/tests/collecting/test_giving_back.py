"""Giving nobody's money back: once, whatever M-Pesa answers and in whatever order; people where it can't be known."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from transfers.collecting import calling, returning
from transfers.models import Incoming
from transfers.staff import incoming, suspense
from transfers.tests.collecting.deciding import EVIDENCE, PAID, REFUSED, SILENT, approve, propose
from transfers.tests.collecting.scenes import (
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
from transfers.tests.scripted import internal
from transfers.tests.support import balance
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db


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
        patch.setattr(returning, "end_as_returned", die)
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


# --- What can't be known ------------------------------------------------------------------------------------------


def say(row: Incoming, outcome: Outcome) -> None:
    """What M-Pesa says by itself, in its own time."""
    returning.take_note(row, outcome)
    row.refresh_from_db()


@pytest.fixture
def unclear(nobodys: Incoming, monkeypatch: pytest.MonkeyPatch, at: Any) -> Incoming:
    """Silence at first, which may have been a yes; then a refusal."""
    answers = [SILENT, REFUSED]
    monkeypatch.setattr(calling, "give_back", lambda row: answers.pop(0) if answers else REFUSED)
    approve(propose(incoming.RETURN, nobodys))
    returning.work()
    at.shift(31)
    returning.work()
    nobodys.refresh_from_db()
    return nobodys


def test_a_refusal_after_silence_makes_it_nobodys_no_more(account: Account, unclear: Incoming) -> None:
    """The silence may have been a yes: matched to a customer now, it would be paid twice."""
    assert (unclear.state, unclear.reason_code) == (InState.SENDING, "R000002")
    with pytest.raises(incoming.NotWaiting):
        propose(incoming.MATCH, unclear, account=account.account_number)
    with pytest.raises(incoming.NotWaiting):
        propose(incoming.RETURN, unclear)
    assert internal()[SUSPENSE] == D("500.00")


def test_a_refusal_of_its_own_accord_after_silence_does_neither(account: Account, unclear: Incoming) -> None:
    say(unclear, REFUSED)
    assert unclear.state == InState.SENDING
    say(unclear, PAID)
    assert (unclear.state, internal()) == (InState.RETURNED, {})
    assert_books_tie()


def test_while_m_pesa_is_asked_people_say_nothing(unclear: Incoming) -> None:
    for kind in (incoming.GONE, incoming.STAYED):
        with pytest.raises(incoming.StillGoing):
            propose(kind, unclear)


@pytest.fixture
def asked_enough(unclear: Incoming, at: Any) -> Incoming:
    for _time in range(3):
        at.shift(3601)
        returning.work()
    unclear.refresh_from_db()
    return unclear


def test_two_people_find_that_it_went_back(account: Account, asked_enough: Incoming) -> None:
    approve(propose(incoming.GONE, asked_enough))
    asked_enough.refresh_from_db()
    assert (asked_enough.state, internal(), balance(account)) == (InState.RETURNED, {}, D("2000.00"))
    say(asked_enough, PAID)
    assert AuditEvent.objects.filter(verb="money.returned_by_hand").count() == 1
    assert_books_tie()


def test_two_people_find_that_it_did_not_and_go_on(account: Account, asked_enough: Incoming) -> None:
    approve(propose(incoming.STAYED, asked_enough))
    asked_enough.refresh_from_db()
    assert (asked_enough.state, asked_enough.due_at, internal()[SUSPENSE]) == (InState.SUSPENSE, None, D("500.00"))
    approve(propose(incoming.MATCH, asked_enough, account=account.account_number))
    assert balance(account) == D("2500.00")
    assert_books_tie()


def test_m_pesa_is_quicker_than_the_second_person(asked_enough: Incoming) -> None:
    ready = propose(incoming.STAYED, asked_enough)
    say(asked_enough, PAID)
    with pytest.raises(incoming.StillGoing):
        approve(ready)
    assert internal() == {}


def test_a_late_yes_takes_it_out_of_suspense(account: Account, asked_enough: Incoming) -> None:
    approve(propose(incoming.STAYED, asked_enough))
    say(asked_enough, PAID)
    assert (asked_enough.state, internal()) == (InState.RETURNED, {})
    with pytest.raises(incoming.NotWaiting):
        propose(incoming.MATCH, asked_enough, account=account.account_number)
    assert_books_tie()


def test_a_yes_about_what_is_on_an_account_is_for_people_and_moves_nothing(
    account: Account, asked_enough: Incoming
) -> None:
    approve(propose(incoming.STAYED, asked_enough))
    approve(propose(incoming.MATCH, asked_enough, account=account.account_number))
    for _time in range(2):
        say(asked_enough, PAID)
    assert asked_enough.contradicted_at is not None
    assert (asked_enough.state, balance(account)) == (InState.MATCHED, D("2500.00"))
    assert_books_tie()
    client = signed_in(staff("operations"))
    assert "Contradicted" in client.get(reverse("admin:money_in")).content.decode()
    page = client.get(reverse("admin:money_in_one", args=[asked_enough.pk])).content.decode()
    assert "M-Pesa says that it gave this back" in page
    assert "Propose: the contradiction is cleared up" in page
    approve(propose(incoming.CLEARED, asked_enough))
    asked_enough.refresh_from_db()
    assert (asked_enough.contradicted_at, asked_enough.state) == (None, InState.MATCHED)
    with pytest.raises(incoming.StillGoing):
        propose(incoming.CLEARED, asked_enough)


def test_what_became_of_it_is_proposed_on_its_page(asked_enough: Incoming) -> None:
    client = signed_in(staff("operations"))
    page = client.get(reverse("admin:money_in_one", args=[asked_enough.pk])).content.decode()
    assert "Propose: it was given back" in page
    for end in ("gone", "stayed"):
        address = reverse("admin:money_in_propose", args=[asked_enough.pk, end])
        assert client.post(address, {"evidence": EVIDENCE}).status_code == 302
    described = [
        client.get(reverse("admin:proposal", args=[row.pk])).content.decode()
        for row in Proposal.objects.filter(kind__in=[incoming.GONE, incoming.STAYED])
    ]
    assert any("it went back to who paid" in text for text in described)
    assert any("it did not go back" in text for text in described)


def test_who_may_not_propose_is_offered_nothing(asked_enough: Incoming) -> None:
    client = signed_in(staff("support"))
    page = client.get(reverse("admin:money_in_one", args=[asked_enough.pk])).content.decode()
    assert "Propose:" not in page
    address = reverse("admin:money_in_propose", args=[asked_enough.pk, "gone"])
    assert client.post(address, {"evidence": EVIDENCE}).status_code == 403


def test_in_a_second_round_no_refusal_is_believed_after_an_unclear_first(
    account: Account, asked_enough: Incoming, at: Any
) -> None:
    approve(propose(incoming.STAYED, asked_enough))
    approve(propose(incoming.RETURN, asked_enough))
    returning.work()
    asked_enough.refresh_from_db()
    assert (asked_enough.state, asked_enough.tries, asked_enough.rounds) == (InState.SENDING, 1, 2)
    with pytest.raises(incoming.NotWaiting):
        propose(incoming.MATCH, asked_enough, account=account.account_number)


def test_what_was_proposed_in_one_round_says_nothing_in_the_next(asked_enough: Incoming, at: Any) -> None:
    late = propose(incoming.GONE, asked_enough)
    approve(propose(incoming.STAYED, asked_enough))
    approve(propose(incoming.RETURN, asked_enough))
    for _time in range(6):
        at.shift(3601)
        returning.work()
    with pytest.raises(incoming.StillGoing):
        approve(late)
    approve(propose(incoming.STAYED, asked_enough))
    asked_enough.refresh_from_db()
    assert asked_enough.state == InState.SUSPENSE
