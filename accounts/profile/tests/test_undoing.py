"""The link that the old address gets: works once, for 72 hours, for whoever has it, and undoes nothing else."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.identity.tests.helpers import is_signed_in
from accounts.models import BranchCustomer, ContactChange, User
from accounts.profile.tests.walking import ask, change_it, code_at_the_new, pass_step_up, undo_link
from tests.factories import CustomerFactory, KnownDeviceFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(customer: BranchCustomer) -> BranchCustomer:
    return BranchCustomer.objects.get(pk=customer.pk)


@pytest.fixture
def change(browser: Client, customer: BranchCustomer) -> ContactChange:
    return change_it(browser, customer, "email", "thief@example.com")


def test_it_puts_the_old_one_back_and_signs_everybody_out(
    browser: Client, customer: BranchCustomer, change: ContactChange
) -> None:
    link, anybody = undo_link(change), Client()
    page = anybody.get(link).content.decode()
    assert "Put the old one back" in page
    assert "old@example.com" not in page
    assert fresh(customer).email == "thief@example.com", "looking changes nothing"
    assert is_signed_in(browser)
    done = anybody.post(link)
    assert "The old one is back" in done.content.decode()
    assert fresh(customer).email == "old@example.com"
    assert not is_signed_in(browser)
    told = OutboxMessage.objects.filter(cause__startswith=f"contact:{change.id}:undone").values_list("to", flat=True)
    assert set(told) == {"thief@example.com", "old@example.com", "+254722000111"}
    assert InboxItem.objects.filter(cause=f"contact-undone:{change.id}").exists()
    event = AuditEvent.objects.get(verb="contact.undone")
    assert (event.customer_id, event.data["sessions_ended"]) == (customer.user_id, 1)


def test_a_number_comes_back_as_the_branch_had_written_it(browser: Client, customer: BranchCustomer) -> None:
    change = change_it(browser, customer, "phone_number", "0733 444 555")
    Client().post(undo_link(change))
    assert fresh(customer).phone_number == "0722000111"


def test_it_works_once(browser: Client, user: User, customer: BranchCustomer, change: ContactChange) -> None:
    link = undo_link(change)
    assert Client().post(link).status_code == 200
    sign_in(browser, user)
    change_it(browser, customer, "email", "mine@example.com")
    for answer in (Client().get(link), Client().post(link)):
        assert answer.status_code == 404
        assert "does not work any more" in answer.content.decode()
    assert fresh(customer).email == "mine@example.com"


def test_it_ends_after_72_hours(customer: BranchCustomer, change: ContactChange) -> None:
    link = undo_link(change)
    with time_machine.travel(clock.now() + timedelta(hours=71, minutes=59)):
        assert Client().get(link).status_code == 200
    with time_machine.travel(clock.now() + timedelta(hours=72, seconds=1)):
        assert Client().post(link).status_code == 404
    assert fresh(customer).email == "thief@example.com"


def test_a_second_change_does_not_outrun_it(browser: Client, customer: BranchCustomer, change: ContactChange) -> None:
    assert ask(browser, "email", "further@example.com").status_code == 200
    Client().post(undo_link(change))
    assert fresh(customer).email == "old@example.com"


def test_it_stops_what_else_waits_to_prove_itself(
    browser: Client, user: User, customer: BranchCustomer, change: ContactChange
) -> None:
    ask(browser, "phone_number", "0733 444 555")
    waiting = pass_step_up(browser, customer)
    code = code_at_the_new(browser, waiting)
    Client().post(undo_link(change))
    sign_in(browser, user)
    browser.post(reverse("contact_prove", args=[waiting.id]), {"code": code})
    assert fresh(customer).phone_number == "0722000111"


def test_what_the_branch_wrote_since_stays(customer: BranchCustomer, change: ContactChange) -> None:
    BranchCustomer.objects.filter(pk=customer.pk).update(email="branch@example.com")
    answer = Client().post(undo_link(change))
    assert "please call us" in answer.content.decode().lower()
    assert fresh(customer).email == "branch@example.com"


def test_an_old_one_that_somebody_else_has_by_now_stays_theirs(customer: BranchCustomer, change: ContactChange) -> None:
    CustomerFactory(email="old@example.com")
    assert Client().post(undo_link(change)).status_code == 404
    assert fresh(customer).email == "thief@example.com"


@pytest.mark.parametrize("token", ["0" * 32, "x", "f" * 31, "none", "-", "0" * 3000])
def test_an_invented_link_is_like_an_old_one(customer: BranchCustomer, change: ContactChange, token: str) -> None:
    first = Client().post(f"/undo/{token}/")
    assert first.status_code == 404
    assert fresh(customer).email == "thief@example.com"


def test_nothing_but_the_digest_is_kept_and_the_message_is_encrypted(change: ContactChange) -> None:
    token = undo_link(change).split("/")[2]
    assert token not in str(ContactChange.objects.values().get(pk=change.pk))
    row = OutboxMessage.objects.get(cause=f"contact:{change.id}:old")
    assert row.is_secret
    assert token not in row.body
    assert row.expires_at == change.undo_until
    assert not InboxItem.objects.filter(text__contains=token).exists()
    assert not AuditEvent.objects.filter(data__icontains=token).exists()


def test_a_change_by_a_customer_without_a_number_has_no_link(db: None) -> None:
    customer = CustomerFactory(phone_number=None, email="only@example.com")
    client = Client()
    sign_in(client, UserFactory(customer=customer))
    change = change_it(client, customer, "phone_number", "0733 444 555")
    assert change.undo_digest == ""
    assert not OutboxMessage.objects.filter(cause=f"contact:{change.id}:old").exists()
    assert fresh(customer).phone_number == "+254733444555"


def test_a_browsers_trust_that_stood_on_the_old_number_ends_too(
    browser: Client, user: User, customer: BranchCustomer
) -> None:
    """With the old number back, it would count again."""
    device = KnownDeviceFactory(user=user, trusted_until=clock.now() + timedelta(days=20))
    change = change_it(browser, customer, "phone_number", "0733 444 555")
    Client().post(undo_link(change))
    device.refresh_from_db()
    assert device.trusted_until is None
