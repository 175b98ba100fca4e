"""Something is wrong with a movement: asked, checked, sent to a branch, answered; no money moves for it."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.approvals import watching
from accounts.models import Account, ApprovalRequest, AuthorizationItem, BranchCustomer, Posting
from accounts.tests.approvals import State, branch_decides, fresh
from statements.tests.support import a_payment_out, signed_in_owner
from tests.factories import TransactionFactory
from transfers.tests.support import an_account, balance

pytestmark = pytest.mark.django_db(transaction=True)

Owner = tuple[Client, BranchCustomer, Account]


@pytest.fixture
def owner() -> Owner:
    return signed_in_owner(balance="20000.00")


def say(client: Client, reference: str, **typed: str) -> Any:
    return client.post(f"/view/movements/{reference}/dispute/", {"why": "TWICE", "text": "Twice on Monday", **typed})


def asked(client: Client, account: Account) -> ApprovalRequest:
    """A dispute that was sent."""
    row = TransactionFactory(account=account, txn_type="WITHDRAWAL", amount=Decimal("1500.00"))
    assert say(client, row.reference_code).status_code == 303
    wish = ApprovalRequest.objects.latest("created_at")
    assert client.post(f"/settings/requests/{wish.id}/send/").status_code == 303
    return fresh(wish)


def test_it_is_checked_before_it_is_sent_and_then_waits_at_the_branch(owner: Owner) -> None:
    client, customer, account = owner
    row = TransactionFactory(account=account, txn_type="WITHDRAWAL", amount=Decimal("1500.00"))
    response = say(client, row.reference_code)
    assert not AuthorizationItem.objects.exists()
    review = client.get(response["Location"]).content.decode()
    for words in ("KES 1,500.00", row.reference_code, "It was taken twice", "Twice on Monday", "Free"):
        assert words in review
    wish = ApprovalRequest.objects.get()
    client.post(f"/settings/requests/{wish.id}/send/")
    client.post(f"/settings/requests/{wish.id}/send/")
    item = AuthorizationItem.objects.get()
    assert (item.transaction_type, item.status, item.maker_id) == (
        "ACCOUNT_MAINTENANCE", "PENDING", f"CUSTOMER_{customer.user_id}",
    )  # fmt: skip
    assert row.reference_code in (item.description or "")
    data = json.loads(item.operation_data or "")
    assert (data["transaction_amount"], data["customer_says"]) == (1500, "Twice on Monday")
    assert "look into KES 1,500.00" in client.get("/settings/requests/").content.decode().lower().replace("kes", "KES")
    assert "You asked us to look into this" in client.get(f"/view/movements/{row.reference_code}/").content.decode()


def test_a_yes_of_the_branch_ends_it_and_moves_no_money(owner: Owner) -> None:
    client, _customer, account = owner
    wish = asked(client, account)
    before = (balance(account), Posting.objects.count())
    branch_decides(wish, "APPROVED")
    watching.watch()
    assert fresh(wish).state == State.DONE
    assert (balance(account), Posting.objects.count()) == before
    text = client.get(f"/settings/requests/{wish.id}/").content.decode()
    assert "agreed with you" in text


def test_a_no_shows_the_branchs_reason(owner: Owner) -> None:
    client, _customer, account = owner
    wish = asked(client, account)
    branch_decides(wish, "REJECTED", "Signed slip <b>found</b>")
    watching.watch()
    text = client.get(f"/settings/requests/{wish.id}/").content.decode()
    assert "Signed slip &lt;b&gt;found&lt;/b&gt;" in text


def test_the_same_movement_is_asked_about_once_at_a_time(owner: Owner) -> None:
    client, _customer, account = owner
    wish = asked(client, account)
    say(client, wish.payload["about"])
    second = ApprovalRequest.objects.exclude(pk=wish.pk).get()
    text = client.post(f"/settings/requests/{second.id}/send/").content.decode()
    assert "You have asked for this already" in text
    assert AuthorizationItem.objects.count() == 1


def test_papers_go_with_it(owner: Owner) -> None:
    from wekeza_portal.uploads.tests.files import picture, sent

    client, _customer, account = owner
    row = TransactionFactory(account=account)
    say(client, row.reference_code)
    wish = ApprovalRequest.objects.get()
    client.post(f"/settings/requests/{wish.id}/send/", {"papers": [sent("slip.jpg", picture())]})
    assert json.loads(AuthorizationItem.objects.get().operation_data or "")["papers"] == 1


def test_a_payment_leads_to_it_from_its_receipt_and_back(owner: Owner) -> None:
    client, _customer, account = owner
    _payment, row = a_payment_out(account)
    assert say(client, row.reference_code).status_code == 303


def test_somebody_elses_movement_is_unknown(owner: Owner) -> None:
    client, _customer, _account = owner
    theirs = TransactionFactory(account=an_account("Stranger"))
    assert client.get(f"/view/movements/{theirs.reference_code}/dispute/").status_code == 404
    assert say(client, theirs.reference_code).status_code == 404
    assert not ApprovalRequest.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"why": ""}, "Choose what is wrong."),
        ({"why": "REFUND_ME"}, "REFUND_ME"),
        ({"why": "OTHER", "text": " "}, "Tell us what is wrong."),
        ({"text": "x" * 10_000}, "Write up to 500 characters. Yours has 10000."),
        ({"text": "a\u202eb"}, "hidden character"),
        ({"text": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_it_refuses_what_it_cannot_use_and_keeps_what_was_typed(
    owner: Owner, typed: dict[str, str], words: str
) -> None:
    client, _customer, account = owner
    row = TransactionFactory(account=account)
    response = say(client, row.reference_code, **typed)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not ApprovalRequest.objects.exists()


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "<script>alert(1)</script>", "🎉", "' OR 1=1 --", "{{ 7*7 }}"])
def test_odd_words_reach_staff_as_words(owner: Owner, text: str) -> None:
    client, _customer, account = owner
    row = TransactionFactory(account=account)
    say(client, row.reference_code, text=text)
    wish = ApprovalRequest.objects.get()
    page = client.get(f"/settings/requests/{wish.id}/").content.decode()
    assert "<script>alert" not in page
    client.post(f"/settings/requests/{wish.id}/send/")
    assert json.loads(AuthorizationItem.objects.get().operation_data or "")["customer_says"] == text


def test_a_movement_without_a_date_or_with_an_odd_word_can_be_asked_about(owner: Owner) -> None:
    client, _customer, account = owner
    row = TransactionFactory(account=account, txn_type="ODD_WORD", amount=Decimal("0.50"))
    assert say(client, row.reference_code).status_code == 303
