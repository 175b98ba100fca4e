"""Trusted browsers: off to begin with, 30 days, for the sign-in alone, gone with password, number or factor."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.identity.tests.helpers import another, code_for, confirm, give_password, is_signed_in
from accounts.models import KnownDevice, OneTimeCode, User
from tests.factories import AccountFactory, AuthenticatorAppFactory, CustomerFactory, UserFactory
from tests.pages import Scene, parts
from tests.support import sign_in
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.staff.models import PortalSwitch

pytestmark = pytest.mark.django_db
BOX = 'name="trust"'


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def wanjiku(nine: time_machine.Traveller) -> User:
    user: User = UserFactory(customer=CustomerFactory(phone_number="0722000111", email="wanjiku@example.com"))
    return user


@pytest.fixture
def allowed() -> None:
    PortalSwitch.objects.filter(code="TRUSTED_DEVICES").update(is_on=True)


def walk_in(client: Client, user: User, **more: str) -> None:
    give_password(client, user)
    client.post("/login/code/", {"code": code_for(user.customer, client), **more})
    assert is_signed_in(client)


def sign_out(client: Client) -> None:
    client.post("/logout/")
    assert not is_signed_in(client)


def trusting(user: User) -> Client:
    """A browser that the user trusts, signed out again."""
    client = Client()
    walk_in(client, user, trust="on")
    sign_out(client)
    return client


def test_it_is_off_to_begin_with_not_offered_and_not_taken(wanjiku: User) -> None:
    client = Client()
    give_password(client, wanjiku)
    assert BOX not in client.get("/login/code/").content.decode()
    client.post("/login/code/", {"code": code_for(wanjiku.customer, client), "trust": "on"})
    assert KnownDevice.objects.get().trusted_until is None
    sign_out(client)
    give_password(client, wanjiku)
    assert not is_signed_in(client)


@pytest.mark.usefixtures("allowed")
def test_where_the_bank_allows_it_the_next_sign_in_needs_the_password_alone(wanjiku: User) -> None:
    client = Client()
    give_password(client, wanjiku)
    assert BOX in client.get("/login/code/").content.decode()
    client.post("/login/code/", {"code": code_for(wanjiku.customer, client), "trust": "on"})
    sign_out(client)
    codes = OneTimeCode.objects.count()
    assert give_password(client, wanjiku)["Location"] == "/"
    assert is_signed_in(client)
    assert OneTimeCode.objects.count() == codes
    assert AuditEvent.objects.filter(verb="sign_in.done").latest("pk").data == {"way": "TRUSTED_DEVICE"}


@pytest.mark.usefixtures("allowed")
def test_who_does_not_tick_the_box_is_asked_again(wanjiku: User) -> None:
    client = Client()
    walk_in(client, wanjiku)
    sign_out(client)
    give_password(client, wanjiku)
    assert not is_signed_in(client)


@pytest.mark.usefixtures("allowed")
def test_a_wrong_password_or_a_wrong_code_trusts_and_opens_nothing(wanjiku: User) -> None:
    client = Client()
    give_password(client, wanjiku)
    client.post("/login/code/", {"code": another(code_for(wanjiku.customer, client)), "trust": "on"})
    assert not KnownDevice.objects.exists()
    trusted = trusting(wanjiku)
    give_password(trusted, wanjiku, "never the password 1")
    assert not is_signed_in(trusted)


@pytest.mark.usefixtures("allowed")
def test_it_lasts_thirty_days_to_the_second(wanjiku: User, nine: time_machine.Traveller) -> None:
    client = trusting(wanjiku)
    nine.shift(timedelta(days=30) - timedelta(seconds=1))
    give_password(client, wanjiku)
    assert is_signed_in(client)
    sign_out(client)
    nine.shift(timedelta(seconds=1))
    give_password(client, wanjiku)
    assert not is_signed_in(client)


@pytest.mark.usefixtures("allowed")
def test_it_is_this_browser_and_this_customer_alone(wanjiku: User) -> None:
    client = trusting(wanjiku)
    give_password(Client(), wanjiku)
    stranger = UserFactory()
    give_password(client, stranger)
    assert not is_signed_in(client)
    elsewhere = Client()
    give_password(elsewhere, wanjiku)
    assert not is_signed_in(elsewhere)


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("change", ["password", "number", "switch", "factor", "asked"])
def test_what_it_stood_on_changes_and_it_is_gone(wanjiku: User, change: str) -> None:
    AuthenticatorAppFactory(user=wanjiku)
    client = trusting(wanjiku)
    if change == "password":
        wanjiku.set_password("another long password")
        wanjiku.save(update_fields=["password"])
    elif change == "number":
        type(wanjiku.customer).objects.filter(pk=wanjiku.customer_id).update(phone_number="0733999888")
    elif change == "switch":
        PortalSwitch.objects.filter(code="TRUSTED_DEVICES").update(is_on=False)
    else:
        inside = Client()
        sign_in(inside, wanjiku)
        if change == "factor":
            confirm(inside, wanjiku, "FACTOR_APP_REMOVE")
        else:
            assert "1 browser signs in" in inside.get("/settings/security/").content.decode()
            inside.post("/settings/security/forget-trusted/")
            assert "1 browser signs in" not in inside.get("/settings/security/").content.decode()
    secret = {"password": "another long password"} if change == "password" else {}
    give_password(client, wanjiku, **secret)
    assert client.get("/login/code/").status_code == 200
    assert not is_signed_in(client)


@pytest.mark.usefixtures("allowed")
def test_this_was_not_me_ends_it_in_every_other_browser(wanjiku: User) -> None:
    client = trusting(wanjiku)
    other = Client()
    walk_in(other, wanjiku)
    other.post("/settings/sign-ins/not-me/")
    give_password(client, wanjiku)
    assert not is_signed_in(client)


@pytest.mark.usefixtures("allowed")
def test_a_payment_asks_for_a_code_all_the_same() -> None:
    scene = Scene.set_up()
    assert scene.user.customer is not None
    somebody = AccountFactory(customer=CustomerFactory())
    draft = parts.prepare(scene.user.customer, scene.account, somebody, Actor("customer", str(scene.user.pk)))
    client = trusting(scene.user)
    give_password(client, scene.user)
    address = f"/step-up/?for={draft.id}"
    assert client.post(f"/move/payments/{draft.id}/confirm/")["Location"] == address
    client.post(address, {"code": "000000"})
    draft.refresh_from_db()
    assert (draft.state, draft.stepped_up_at) == ("DRAFT", None)


@pytest.mark.usefixtures("allowed")
def test_the_customer_is_told_everywhere(wanjiku: User) -> None:
    trusting(wanjiku)
    words = "A browser can sign in to your Wekeza account without a code until 23/12/2026. Not you?"
    sent = OutboxMessage.objects.filter(cause__startswith="device-trusted")
    assert {row.channel for row in sent} == {"SMS", "EMAIL"}
    assert all(row.body.startswith(words) and len(row.body) <= 160 for row in sent)
    assert InboxItem.objects.get(cause__startswith="device-trusted").text.startswith(words)
    assert AuditEvent.objects.filter(verb="device.trusted", customer_id=wanjiku.customer_id).count() == 1


@pytest.mark.usefixtures("allowed")
def test_a_customer_frozen_meanwhile_stays_out(wanjiku: User) -> None:
    client = trusting(wanjiku)
    type(wanjiku.customer).objects.filter(pk=wanjiku.customer_id).update(is_active=False)
    give_password(client, wanjiku)
    assert not is_signed_in(client)
