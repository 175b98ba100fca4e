"""Whatever the bank tells a customer stands in the inbox too: with its cause or not at all, once, in their language."""

import re

import pytest
from django.db import transaction
from django.test import Client

from accounts import tail
from accounts.approvals import watching
from accounts.identity import alerts
from accounts.models import Account, BranchCustomer, Posting, User
from accounts.telling import tell
from accounts.tests.approvals import ask_to_correct, branch_decides
from tests.factories import (
    AccountFactory,
    CustomerFactory,
    SignInAttemptFactory,
    TransactionFactory,
    UserFactory,
)
from tests.support import all_the_money, sign_in
from transfers.tests.support import an_account, confirm, owner_of, prepare
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db

Category = InboxItem.Category


def inbox_of(customer: BranchCustomer) -> list[InboxItem]:
    return list(InboxItem.objects.filter(customer_id=customer.user_id).order_by("pk"))


def opens(user: User, item: InboxItem) -> str:
    """Where the button of the message leads, and that it opens for its reader."""
    client = Client()
    sign_in(client, user)
    page = client.get(f"/inbox/{item.public_id}/").content.decode()
    found = re.search(r'<a class="btn" href="([^"]+)">', page)
    assert found
    assert client.get(found[1]).status_code == 200
    return found[1]


def test_what_goes_by_sms_stands_in_the_inbox_too() -> None:
    customer = CustomerFactory()
    for _again in range(2):
        tell(
            customer,
            cause="goal:1",
            event=Event.REMINDERS,
            subject="You reached your goal",
            body="Wekeza: you reached your goal.",
        )
    item = InboxItem.objects.get()
    assert (item.title, item.text) == ("You reached your goal", "Wekeza: you reached your goal.")
    assert (item.category, item.customer_id, item.is_unread) == (Category.MONEY, customer.user_id, True)
    assert OutboxMessage.objects.get().body == item.text


def test_a_customer_without_any_address_still_has_an_inbox() -> None:
    customer = CustomerFactory(phone_number=None, email="")
    tell(
        customer,
        cause="goal:1",
        event=Event.REMINDERS,
        subject="You reached your goal",
        body="Wekeza: you reached your goal.",
    )
    assert inbox_of(customer)
    assert not OutboxMessage.objects.exists()


def test_it_vanishes_with_the_transaction_of_its_cause() -> None:
    customer = CustomerFactory()
    with transaction.atomic():
        tell(customer, cause="goal:1", event=Event.REMINDERS, subject="s", body="b")
        transaction.set_rollback(True)
    assert not InboxItem.objects.exists()


def test_both_sides_of_a_transfer_find_it_and_are_led_to_their_own_side() -> None:
    sender, receiver = an_account("Emmanuel Otieno"), an_account("Wanjiku Mwangi")
    payer, payee = UserFactory(customer=owner_of(sender)), UserFactory(customer=owner_of(receiver))
    instruction = prepare(sender, receiver)
    receipt = confirm(instruction)
    mine, theirs = inbox_of(owner_of(sender))[0], inbox_of(owner_of(receiver))[0]
    assert (mine.title, theirs.title) == ("You sent KES 500.00", "You received KES 500.00")
    assert opens(payer, mine) == f"/move/payments/{instruction.id}/"
    assert opens(payee, theirs) == f"/view/movements/{receipt.reference}-2/"


def test_a_transfer_between_own_accounts_is_told_once() -> None:
    sender = an_account("Emmanuel Otieno")
    confirm(prepare(sender, AccountFactory(customer=owner_of(sender))), with_code=False)
    assert [item.title for item in inbox_of(owner_of(sender))] == ["You moved KES 500.00"]


def test_when_the_inbox_cannot_be_written_no_money_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    sender, receiver = an_account("Emmanuel Otieno"), an_account("Wanjiku Mwangi")
    instruction, before = prepare(sender, receiver), all_the_money()

    def break_down(entries: object) -> None:
        raise ConnectionError("inbox")

    monkeypatch.setattr("accounts.telling.inbox.put_all", break_down)
    with pytest.raises(ConnectionError):
        confirm(instruction)
    assert all_the_money() == before
    assert not Posting.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_each_reads_their_own_language() -> None:
    sender, receiver = an_account("Emmanuel Otieno"), an_account("Wanjiku Mwangi")
    UserFactory(customer=owner_of(receiver), language="sw")
    confirm(prepare(sender, receiver))
    assert inbox_of(owner_of(sender))[0].title == "You sent KES 500.00"
    assert inbox_of(owner_of(receiver))[0].title == "Umepokea KES 500.00"


def test_a_credit_at_the_branch_is_told_and_leads_to_the_movement() -> None:
    account: Account = AccountFactory()
    user = UserFactory(customer=account.customer)
    tail.follow()
    TransactionFactory(account=account, txn_type="DEPOSIT", reference_code="DEP 1/2 ~x")
    tail.follow()
    item = inbox_of(owner_of(account))[0]
    assert item.category == Category.MONEY
    assert opens(user, item).startswith("/view/movements/~")


@pytest.mark.parametrize("happened", [alerts.new_device, alerts.blocked, alerts.activated])
def test_a_security_alert_goes_two_ways_and_stands_once(happened: object) -> None:
    user = UserFactory(customer=CustomerFactory(phone_number="+254722000111"))
    happened(user, SignInAttemptFactory(user=user))
    assert user.customer is not None
    (item,) = inbox_of(user.customer)
    assert item.category == Category.SECURITY
    assert OutboxMessage.objects.count() == 2
    assert opens(user, item) == "/settings/sign-ins/"


def test_a_refusal_gives_the_branchs_reason_and_the_next_step() -> None:
    user = UserFactory(customer=CustomerFactory(phone_number="+254722000111"))
    assert user.customer is not None
    request = ask_to_correct(user.customer)
    branch_decides(request, "REJECTED", "The ID does not match 🎉 <b>")
    watching.watch()
    sent, refused = inbox_of(user.customer)
    assert sent.title == "We have your request"
    assert refused.category == Category.REQUESTS
    assert "Its reason: The ID does not match 🎉 <b>" in refused.text
    assert "visit any branch with your national ID" in refused.text
    assert opens(user, refused) == f"/settings/requests/{request.id}/"
    sms = OutboxMessage.objects.get(cause=refused.cause).body
    assert "🎉" not in sms
    assert len(sms) <= 160


def test_a_refusal_without_a_reason_says_so() -> None:
    customer = CustomerFactory()
    branch_decides(ask_to_correct(customer), "REJECTED")
    watching.watch()
    assert "It gave no reason." in inbox_of(customer)[1].text


def test_a_code_never_stands_in_the_inbox() -> None:
    client, user = Client(), UserFactory()
    from tests.factories import PASSWORD

    assert user.customer is not None
    client.post("/login/", {"email": user.customer.email, "password": PASSWORD})
    assert OutboxMessage.objects.filter(is_secret=True).exists()
    assert not InboxItem.objects.exists()
