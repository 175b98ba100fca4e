"""Taking back a request while the branch has not decided: its row stays, its decision is ignored."""

import pytest
from django.test import Client

from accounts.approvals import services, watching
from accounts.approvals.services import DecidedAlready
from accounts.models import ApprovalRequest, AuthorizationItem, BranchCustomer, User
from accounts.tests.approvals import ANYONE, State, ask_to_correct, branch_decides, branch_writes, fresh, told, verbs
from tests.factories import CustomerFactory, UserFactory
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal.registry import ApprovalExecutor, approval_executors, request_pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory(customer=CustomerFactory(phone_number="+254722000111", email="old@example.com"))


@pytest.fixture
def customer(user: User) -> BranchCustomer:
    assert user.customer is not None
    return user.customer


def take_back(customer: BranchCustomer, request: ApprovalRequest) -> None:
    services.withdraw(customer=customer, request_id=request.id, actor=ANYONE)


def test_it_is_taken_back_once_and_the_branchs_row_is_left_alone(customer: BranchCustomer) -> None:
    request = ask_to_correct(customer)
    before = AuthorizationItem.objects.values().get()
    take_back(customer, request)
    take_back(customer, request)
    assert fresh(request).state == State.CANCELLED
    assert AuthorizationItem.objects.values().get() == before
    assert verbs(request).count("approval.withdrawn") == 1
    assert f"request-withdrawn:{request.id}" in told(customer)


@pytest.mark.parametrize("decision", ["APPROVED", "REJECTED"])
def test_what_the_branch_decides_afterwards_is_noted_and_ignored(customer: BranchCustomer, decision: str) -> None:
    request = ask_to_correct(customer)
    take_back(customer, request)
    messages = told(customer)
    branch_decides(request, decision)
    watching.watch()
    watching.look_for_flips()
    watching.look_for_flips()
    assert (fresh(request).state, fresh(request).decision, fresh(request).effect) == (State.CANCELLED, decision, "")
    assert verbs(request).count("approval.ignored") == 1
    assert told(customer) == messages


def test_money_is_not_moved_for_what_was_taken_back(customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch) -> None:
    request = ask_to_correct(customer)
    paid: list[object] = []
    payer = ApprovalExecutor(effect_of=lambda _r: "", apply=lambda r: paid.append(r.id) or "paid", describe=str)
    monkeypatch.setitem(approval_executors._entries, request.kind, payer)
    monkeypatch.setattr("accounts.approvals.messages._tell", lambda *args, **kwargs: None)
    take_back(customer, request)
    branch_decides(request, "APPROVED")
    watching.watch()
    watching.look_for_flips()
    assert paid == []


@pytest.mark.parametrize("decision", ["APPROVED", "REJECTED"])
def test_it_is_too_late_once_the_branch_has_decided_seen_or_not(customer: BranchCustomer, decision: str) -> None:
    request = ask_to_correct(customer)
    branch_decides(request, decision)
    with pytest.raises(DecidedAlready):
        take_back(customer, request)
    watching.watch()
    with pytest.raises(DecidedAlready):
        take_back(customer, request)
    assert "approval.withdrawn" not in verbs(request)


def test_what_was_done_cannot_be_taken_back(customer: BranchCustomer) -> None:
    request = ask_to_correct(customer, "email", "new@example.com")
    branch_writes(customer, "email", "new@example.com")
    branch_decides(request, "APPROVED")
    watching.watch()
    assert fresh(request).state == State.DONE
    with pytest.raises(DecidedAlready):
        take_back(customer, request)


def test_a_row_that_the_branch_lost_can_be_taken_back(customer: BranchCustomer) -> None:
    request = ask_to_correct(customer)
    AuthorizationItem.objects.all().delete()
    take_back(customer, request)
    watching.watch()
    assert fresh(request).state == State.CANCELLED


def test_the_same_can_be_asked_again(customer: BranchCustomer) -> None:
    take_back(customer, ask_to_correct(customer))
    assert ask_to_correct(customer).state == State.SENT


def test_kinds_the_branch_acts_on_by_itself_are_not_taken_back(
    customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    request = ask_to_correct(customer)
    kept = replace(request_pages.get(request.kind), can_be_withdrawn=False)
    monkeypatch.setitem(request_pages._entries, request.kind, kept)
    with pytest.raises(DecidedAlready):
        take_back(customer, request)
    assert fresh(request).state == State.SENT


def test_the_page_offers_it_says_how_it_stands_and_refuses_late(user: User, customer: BranchCustomer) -> None:
    client = Client()
    sign_in(client, user)
    request = ask_to_correct(customer)
    address = f"/settings/requests/{request.id}/"
    assert "Take back this request" in client.get(address).content.decode()
    branch_decides(request, "REJECTED", "No")
    late = client.post(f"{address}withdraw/").content.decode()
    assert "the branch has decided" in late
    branch_decides(request, "PENDING")
    assert client.post(f"{address}withdraw/").status_code == 303
    text = client.get(address).content.decode()
    assert "Taken back" in text
    assert "Take back this request" not in text


def test_a_strangers_request_is_unknown(customer: BranchCustomer) -> None:
    request = ask_to_correct(customer)
    client = Client()
    sign_in(client, UserFactory(customer=CustomerFactory()))
    assert client.post(f"/settings/requests/{request.id}/withdraw/").status_code == 404
    assert fresh(request).state == State.SENT


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_tabs_and_the_watcher_end_in_one_state(customer: BranchCustomer) -> None:
    request = ask_to_correct(customer)

    def click() -> None:
        services.withdraw(customer=customer, request_id=request.id, actor=ANYONE)

    at_once([click, click, watching.watch])
    assert fresh(request).state == State.CANCELLED
    assert verbs(request).count("approval.withdrawn") == 1
