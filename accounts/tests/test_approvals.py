"""Asking the branch: the queue's row, decisions made by the branch's own UPDATE, effects at most once."""

import ast
import json
import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from accounts.approvals import details, queue, services, watching
from accounts.models import ApprovalRequest, AuthorizationItem, BranchCustomer, User
from accounts.tests.approvals import ANYONE, State, ask_to_correct, branch_decides, fresh, told, verbs
from tests.factories import CustomerFactory, UserFactory
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.registry import ApprovalExecutor, approval_executors

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def user() -> User:
    return UserFactory(customer=CustomerFactory(phone_number="+254722000111", email="old@example.com"))


@pytest.fixture
def customer(user: User) -> BranchCustomer:
    assert user.customer is not None
    return user.customer


class Money:
    """An executor that pays: counts what it paid and can be told to refuse."""

    def __init__(self) -> None:
        self.paid: list[object] = []
        self.refuses = False
        self.found = ""
        self.meet: threading.Barrier | None = None

    def apply(self, request: ApprovalRequest) -> str:
        if self.refuses:
            raise NoMoney()
        self.paid.append(request.id)
        return "paid"


class NoMoney(PortalError):
    code = "no_money"


@pytest.fixture
def money(monkeypatch: pytest.MonkeyPatch) -> Money:
    payer = Money()
    executor = ApprovalExecutor(effect_of=lambda _: payer.found, apply=payer.apply, describe=lambda _: "pay me")
    monkeypatch.setitem(approval_executors._entries, "PAY", executor)
    return payer


def ask(customer: BranchCustomer, kind: str = "PAY", transaction_type: str = "OTHER") -> ApprovalRequest:
    draft = services.draft(
        customer=customer, kind=kind, transaction_type=transaction_type, payload={"about": "x"}, amount=D("2500.00")
    )
    return services.send(
        customer=customer, request_id=draft.id, data={"amount": D("2500.00")}, description="Pay", actor=ANYONE
    )


# --- The row in the queue -----------------------------------------------------------------------------------------


def test_the_row_is_what_the_branch_expects(customer: BranchCustomer) -> None:
    request = ask_to_correct(customer, "phone_number", "+254733444555")
    row = AuthorizationItem.objects.get(queue_id=request.queue_id)
    assert (row.transaction_type, row.status, row.branch_code) == ("ACCOUNT_MAINTENANCE", "PENDING", "ONLINE")
    assert (row.maker_id, row.priority, row.amount) == (f"CUSTOMER_{customer.user_id}", "MEDIUM", D("0.00"))
    assert row.maker_name == f"Customer Self-Service - {customer.full_name}"
    assert (row.reference_id, row.approved_by, row.approved_at) == (row.queue_id, None, None)
    assert len(row.queue_id) == 20
    assert row.queue_id.startswith(f"AQ{clock.today():%Y%m%d}")
    assert json.loads(row.operation_data or "")["new_value"] == "+254733444555"


def test_data_reads_the_same_as_json_and_by_the_branchs_fallback() -> None:
    text = queue.operation_data(
        {
            "amount": D("1234.50"), "yes": True, "no": False, "gone": None, "list": [None, True, {"x": None}],
            "text": "O'Brien said \"__import__('os')\" \\ \u2028 \U0001f600 \n", "count": 3,
        }
    )  # fmt: skip
    assert json.loads(text) == ast.literal_eval(text)
    assert '"amount": 1234.50' in text
    assert "null" not in text
    assert "true" not in text
    assert json.loads(text)["yes"] == 1
    assert "gone" not in json.loads(text)


@pytest.mark.parametrize("odd", [1.5, D("NaN"), D("Infinity"), D("1.005"), object(), {1, 2}, b"x"])
def test_data_that_the_branch_could_misread_is_refused(odd: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        queue.operation_data({"amount": odd})


def test_data_that_does_not_fit_the_column_is_refused() -> None:
    queue.operation_data({"text": "é" * 29_000})
    with pytest.raises(ValueError, match="does not fit"):
        queue.operation_data({"text": "é" * 30_001})


@pytest.mark.parametrize("word", ["BANK_TRANSFER", "CASH_DEPOSIT", "POLICY_SALE", "LOAN_DISBURSEMENT", "", "OTHERS"])
def test_nothing_the_branch_would_pay_is_ever_queued(customer: BranchCustomer, word: str) -> None:
    with pytest.raises(ValueError, match="does not queue"):
        queue.write(customer, queue.Item(word, {}, "x"))
    assert AuthorizationItem.objects.count() == 0


def test_an_id_that_is_taken_is_drawn_again(customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(["AQ20261123AAAAAAAAAA", "AQ20261123AAAAAAAAAA", "AQ20261123BBBBBBBBBB"])
    monkeypatch.setattr(queue, "new_queue_id", lambda: next(ids))
    item = queue.Item("OTHER", {}, "x")
    assert queue.write(customer, item).queue_id.endswith("A")
    assert queue.write(customer, item).queue_id.endswith("B")


@pytest.mark.parametrize(
    ("word", "amount", "expected"),
    [
        ("LOAN_APPLICATION", "100000", "MEDIUM"),
        ("LOAN_APPLICATION", "2000000", "HIGH"),
        ("CLAIMS_PROCESSING", "1", "HIGH"),
        ("CLAIMS_PROCESSING", "500000.01", "URGENT"),
        ("OTHER", "100000", "MEDIUM"),
        ("OTHER", "100000.01", "HIGH"),
        ("LOAN_RESTRUCTURING", "1000000.01", "URGENT"),
    ],
)
def test_priority_is_the_branchs_own_rule(word: str, amount: str, expected: str) -> None:
    assert queue.priority(word, D(amount)) == expected


# --- Sending ------------------------------------------------------------------------------------------------------


def test_sending_twice_queues_once(customer: BranchCustomer) -> None:
    draft = details.draft(customer, detail="email", value="new@example.com")
    first, second = (details.send(customer, draft, ANYONE) for _ in range(2))
    assert first.queue_id == second.queue_id
    assert AuthorizationItem.objects.count() == 1
    assert verbs(first) == ["approval.sent"]


def test_a_draft_has_not_reached_the_branch(customer: BranchCustomer) -> None:
    details.draft(customer, detail="email", value="new@example.com")
    assert AuthorizationItem.objects.count() == 0
    assert services.sent_by(customer) == []
    assert watching.watch() == 0


def test_the_same_thing_is_not_asked_for_twice_at_a_time(customer: BranchCustomer) -> None:
    ask_to_correct(customer, "email", "new@example.com")
    with pytest.raises(services.AlreadyAsked):
        ask_to_correct(customer, "email", "newer@example.com")
    ask_to_correct(customer, "full_name", "Wanjiku Njeri Mwangi")
    assert AuthorizationItem.objects.count() == 2


def test_what_was_given_up_or_has_run_out_is_not_sent(customer: BranchCustomer) -> None:
    given_up, old = (details.draft(customer, detail="email", value=f"n{n}@example.com") for n in range(2))
    services.cancel(customer=customer, request_id=given_up.id, actor=ANYONE)
    with pytest.raises(services.DraftIsGone):
        details.send(customer, given_up, ANYONE)
    with time_machine.travel(clock.now() + timedelta(hours=25)), pytest.raises(services.DraftIsGone):
        details.send(customer, old, ANYONE)
    assert AuthorizationItem.objects.count() == 0


def test_what_was_sent_cannot_be_given_up(customer: BranchCustomer) -> None:
    request = ask_to_correct(customer)
    services.cancel(customer=customer, request_id=request.id, actor=ANYONE)
    assert fresh(request).state == State.SENT


# --- Decisions ----------------------------------------------------------------------------------------------------


def test_nothing_happens_before_a_decision(customer: BranchCustomer, money: Money) -> None:
    request = ask(customer)
    assert watching.watch() == 0
    assert (fresh(request).state, money.paid) == (State.SENT, [])


def test_an_approval_is_carried_out_once_however_often_one_looks(customer: BranchCustomer, money: Money) -> None:
    request = ask(customer)
    branch_decides(request, "APPROVED")
    assert watching.watch() == 1
    for _ in range(3):
        watching.watch()
    assert money.paid == [request.id]
    now = fresh(request)
    assert (now.state, now.decided_by, now.effect) == (State.DONE, "SUP001", "paid")
    assert verbs(request) == ["approval.sent", "approval.approved", "approval.done"]
    assert told(customer) == [f"request-done:{request.id}", f"request-sent:{request.id}"]


def test_an_effect_that_is_there_already_is_found_and_not_repeated(customer: BranchCustomer, money: Money) -> None:
    request = ask(customer)
    money.found = "a repair script did it"
    branch_decides(request, "APPROVED")
    watching.watch()
    assert (fresh(request).state, fresh(request).effect, money.paid) == (State.DONE, "a repair script did it", [])


def test_a_refusal_gives_the_branchs_reason_and_does_nothing(customer: BranchCustomer, money: Money) -> None:
    request = ask(customer)
    branch_decides(request, "REJECTED", "The document can't be read.")
    watching.watch()
    now = fresh(request)
    assert (now.state, now.refusal_reason, money.paid) == (State.REFUSED, "The document can't be read.", [])
    assert f"request-refused:0:{request.id}" in told(customer)


def test_a_flip_after_it_was_done_is_reported_and_never_pays_again(customer: BranchCustomer, money: Money) -> None:
    request = ask(customer)
    for status in ("APPROVED", "REJECTED", "APPROVED", "REJECTED"):
        branch_decides(request, status)
        watching.watch()
        watching.look_for_flips()
    now = fresh(request)
    assert money.paid == [request.id]
    assert (now.state, now.flips, now.decision) == (State.DONE, 3, "REJECTED")
    assert verbs(request).count("approval.flipped") == 3
    assert told(customer) == [f"request-done:{request.id}", f"request-sent:{request.id}"]


def test_a_refusal_that_becomes_an_approval_is_carried_out_once(customer: BranchCustomer, money: Money) -> None:
    request = ask(customer)
    for status in ("REJECTED", "APPROVED"):
        branch_decides(request, status, "No" if status == "REJECTED" else None)
        watching.watch()
        watching.look_for_flips()
    now = fresh(request)
    assert (now.state, now.flips, now.refusal_reason, len(money.paid)) == (State.DONE, 1, "", 1)
    assert "approval.flipped" in verbs(request)


def test_what_cannot_be_done_now_is_tried_again_later_and_said_once(customer: BranchCustomer, money: Money) -> None:
    request = ask(customer)
    money.refuses = True
    branch_decides(request, "APPROVED")
    watching.watch()
    assert (fresh(request).state, fresh(request).problem, fresh(request).effect) == (State.APPROVED, "no_money", "")
    assert watching.watch() == 0
    money.refuses = False
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        watching.watch()
    assert (fresh(request).state, fresh(request).problem, len(money.paid)) == (State.DONE, "", 1)
    assert verbs(request).count("approval.not_done_yet") == 1


def test_a_refusal_before_it_could_be_done_stops_it(customer: BranchCustomer, money: Money) -> None:
    request = ask(customer)
    money.refuses = True
    branch_decides(request, "APPROVED")
    watching.watch()
    branch_decides(request, "REJECTED", "Changed our mind")
    money.refuses = False
    watching.watch()
    assert (fresh(request).state, fresh(request).flips, money.paid) == (State.REFUSED, 1, [])


def test_a_row_that_vanished_from_the_queue_decides_nothing(customer: BranchCustomer, money: Money) -> None:
    request = ask(customer)
    row = AuthorizationItem.objects.get(queue_id=request.queue_id)
    row.delete()
    watching.watch()
    watching.watch()
    assert (fresh(request).state, money.paid) == (State.SENT, [])
    assert verbs(request).count("approval.row_missing") == 1
    row.queue_id, row.status = str(request.queue_id), "APPROVED"
    row.save(force_insert=True)
    watching.watch()
    assert (fresh(request).state, len(money.paid)) == (State.DONE, 1)


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_many_workers_carry_it_out_once(customer: BranchCustomer, money: Money) -> None:
    requests = [ask(CustomerFactory()) for _ in range(5)]
    for request in requests:
        branch_decides(request, "APPROVED")
    results = at_once([watching.watch] * 6)
    assert not [result for result in results if isinstance(result, Exception)]
    assert sorted(map(str, money.paid)) == sorted(str(request.id) for request in requests)
    assert set(ApprovalRequest.objects.values_list("state", flat=True)) == {State.DONE}


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_it_would_be_carried_out_twice(
    customer: BranchCustomer, money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shows the race that the lock on our row prevents: both workers stand where they have read and not yet paid."""
    request = ask(customer)
    branch_decides(request, "APPROVED")
    barrier = threading.Barrier(2)
    apply = money.apply

    def both_here(row: ApprovalRequest) -> str:
        barrier.wait(timeout=20)
        return apply(row)

    monkeypatch.setattr(type(ApprovalRequest.objects.all()), "select_for_update", lambda self, **_: self)
    monkeypatch.setitem(
        approval_executors._entries, "PAY", ApprovalExecutor(lambda _: "", both_here, lambda _: "pay me")
    )
    at_once([watching.watch] * 2)
    assert len(money.paid) >= 2


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_drafts_of_one_thing_sent_at_once_queue_once(customer: BranchCustomer) -> None:
    drafts = [details.draft(customer, detail="email", value=f"n{n}@example.com") for n in range(4)]
    results = at_once([lambda d=d: details.send(customer, d, ANYONE) for d in drafts])
    assert sum(isinstance(result, ApprovalRequest) for result in results) == 1
    assert sum(isinstance(result, services.AlreadyAsked) for result in results) == 3
    assert AuthorizationItem.objects.count() == 1
