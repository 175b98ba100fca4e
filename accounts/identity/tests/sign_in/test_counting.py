"""Wrong passwords are counted before they are looked at."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.identity import locknotices, tries
from accounts.identity.tests.helpers import (
    WRONG,
    give_password,
    is_signed_in,
    walk_in,
)
from accounts.models import OneTimeCode, SignInAttempt, User
from wekeza_portal import ratelimit
from wekeza_portal.notifications.models import Channel, OutboxMessage

pytestmark = pytest.mark.django_db


def test_the_eleventh_wrong_password_is_stopped_also_when_it_is_right(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    for _ in range(10):
        assert give_password(client, wanjiku, WRONG).status_code == 200
    response = give_password(client, wanjiku)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "1800"
    assert not OneTimeCode.objects.exists()
    nine.shift(timedelta(minutes=30))
    assert give_password(client, wanjiku).status_code == 302


def test_an_unknown_address_is_stopped_alike(client: Client, nine: time_machine.Traveller) -> None:
    for _ in range(10):
        client.post("/login/", {"email": "nobody@example.com", "password": WRONG})
    response = client.post("/login/", {"email": "nobody@example.com", "password": WRONG})
    assert (response.status_code, response.headers["Retry-After"]) == (429, "1800")


def test_the_tries_survive_whatever_spelling(client: Client, wanjiku: User) -> None:
    for number in range(10):
        email = wanjiku.customer.email.upper() if number % 2 else f" {wanjiku.customer.email}"
        client.post("/login/", {"email": email, "password": WRONG})
    assert give_password(client, wanjiku).status_code == 429


def test_success_forgets_the_wrong_tries_of_the_account(client: Client, wanjiku: User) -> None:
    for _ in range(9):
        give_password(client, wanjiku, WRONG)
    give_password(client, wanjiku)
    assert ratelimit.peek(tries.LOGIN_ACCOUNT, wanjiku.customer.email) == 0
    assert ratelimit.peek(tries.LOGIN_ADDRESS, "127.0.0.1") == 9


def test_one_address_trying_many_accounts_is_stopped_at_fifty(
    client: Client, nine: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.identity.backends.make_password", lambda password: "")
    codes = [
        client.post("/login/", {"email": f"customer-{n}@example.com", "password": WRONG}).status_code for n in range(55)
    ]
    assert codes == [200] * 50 + [429] * 5


def test_a_whole_network_has_a_budget_too(
    client: Client, nine: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.identity.backends.make_password", lambda password: "")
    monkeypatch.setattr(tries, "LOGIN_NETWORK", ratelimit.Policy("small-network", 6, timedelta(minutes=30)))

    def guess(n: int, network: str) -> int:
        typed = {"email": f"customer-{n}@example.com", "password": WRONG}
        return client.post("/login/", typed, REMOTE_ADDR=f"{network}.{n}").status_code

    assert [guess(n, "198.51.100") for n in range(1, 9)] == [200] * 6 + [429] * 2
    assert guess(1, "203.0.113") == 200


def test_an_invented_forwarded_address_does_not_dodge_the_count(
    client: Client, nine: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.identity.backends.make_password", lambda password: "")
    statuses = {
        client.post(
            "/login/",
            {"email": f"customer-{n}@example.com", "password": WRONG},
            headers={"X-Forwarded-For": f"198.51.100.{n}"},
        ).status_code
        for n in range(51)
    }
    assert statuses == {200, 429}


def test_a_closed_account_does_not_throw_out_who_is_signed_in(client: Client, wanjiku: User) -> None:
    walk_in(client, wanjiku)
    guesser = Client()
    for _ in range(11):
        give_password(guesser, wanjiku, WRONG)
    assert is_signed_in(client)


def test_the_customer_is_told_once_about_a_closing(client: Client, wanjiku: User) -> None:
    for _ in range(14):
        give_password(client, wanjiku, WRONG)
    assert locknotices.deliver() == 1
    assert SignInAttempt.objects.filter(outcome=SignInAttempt.Outcome.BLOCKED).count() == 1
    assert {row.channel for row in OutboxMessage.objects.all()} == {Channel.SMS, Channel.EMAIL}
    assert OutboxMessage.objects.count() == 2
