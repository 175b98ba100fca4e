"""Who is stopped by whose wrong passwords: strangers lock out strangers, never the owner's own browser."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.identity import codes, devices, locknotices, tries
from accounts.identity.tests.helpers import WRONG, code_for, give_password, is_signed_in, sent_bodies, walk_in
from accounts.models import BranchCustomer, KnownDevice, SignInAttempt, User
from tests.factories import PASSWORD, CustomerFactory, UserFactory
from tests.together import at_once
from wekeza_portal import clock, ratelimit
from wekeza_portal.models import Errand
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.ratelimit import Policy

pytestmark = pytest.mark.django_db
FAR_AWAY = {"REMOTE_ADDR": "203.0.113.66"}


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def no_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.identity.backends.make_password", lambda password: "")


@pytest.fixture
def wanjiku() -> User:
    return UserFactory()


def own_browser(user: User, token: str = "w" * 43) -> Client:
    """A browser this user signed in from before."""
    now = clock.now()
    KnownDevice.objects.create(user=user, token_digest=devices.digest(token), first_seen_at=now, last_seen_at=now)
    browser = Client()
    browser.cookies[devices.cookie_name()] = token
    return browser


def close_the_account(user: User) -> None:
    """What a stranger can do from anywhere."""
    for _ in range(11):
        last = give_password(Client(), user, WRONG, **FAR_AWAY)
    assert last.status_code == 429


# --- The owner's own browser ----------------------------------------------------------------------------------------


def test_a_stranger_cannot_lock_the_owner_out_of_a_browser_used_before(wanjiku: User) -> None:
    browser = own_browser(wanjiku)
    close_the_account(wanjiku)
    walk_in(browser, wanjiku)
    assert is_signed_in(browser)


def test_a_browser_that_really_signed_in_is_such_a_browser(client: Client, wanjiku: User) -> None:
    walk_in(client, wanjiku)
    client.post("/logout/")
    close_the_account(wanjiku)
    walk_in(client, wanjiku)
    assert is_signed_in(client)


def test_the_owner_coming_in_does_not_open_the_account_to_the_stranger(wanjiku: User) -> None:
    browser = own_browser(wanjiku)
    close_the_account(wanjiku)
    walk_in(browser, wanjiku)
    assert give_password(Client(), wanjiku, **FAR_AWAY).status_code == 429


def test_neighbours_who_used_up_the_address_do_not_stop_it_either(
    wanjiku: User, monkeypatch: pytest.MonkeyPatch, no_hashing: None
) -> None:
    monkeypatch.setattr(tries, "LOGIN_ADDRESS", Policy("few-here", 2, timedelta(minutes=30)))
    browser = own_browser(wanjiku)
    for number in range(3):
        Client().post("/login/", {"email": f"customer-{number}@example.com", "password": WRONG})
    assert give_password(Client(), wanjiku).status_code == 429
    assert give_password(browser, wanjiku).status_code == 302


def test_it_has_ten_tries_of_its_own(wanjiku: User, nine: time_machine.Traveller) -> None:
    browser = own_browser(wanjiku)
    assert [give_password(browser, wanjiku, WRONG).status_code for _ in range(10)] == [200] * 10
    refusal = give_password(browser, wanjiku)
    assert (refusal.status_code, refusal.headers["Retry-After"]) == (429, "1800")
    assert give_password(Client(), wanjiku).status_code == 302, "it uses up nothing of anybody else"
    nine.shift(timedelta(minutes=30))
    assert give_password(browser, wanjiku).status_code == 302


def test_the_right_password_forgets_its_wrong_ones(wanjiku: User) -> None:
    browser = own_browser(wanjiku)
    for _ in range(2):
        assert [give_password(browser, wanjiku, WRONG).status_code for _ in range(9)] == [200] * 9
        assert give_password(browser, wanjiku).status_code == 302


def test_a_browser_known_to_one_customer_is_a_stranger_to_another(wanjiku: User) -> None:
    browser, victim = own_browser(wanjiku), UserFactory()
    close_the_account(victim)
    assert give_password(browser, victim).status_code == 429


def test_an_invented_cookie_proves_nothing(wanjiku: User) -> None:
    own_browser(wanjiku)
    guesser = Client()
    guesser.cookies[devices.cookie_name()] = "g" * 43
    close_the_account(wanjiku)
    assert give_password(guesser, wanjiku).status_code == 429


def test_a_browser_that_was_disowned_is_a_stranger_again(client: Client, wanjiku: User) -> None:
    lost = own_browser(wanjiku)
    walk_in(client, wanjiku)
    client.post("/settings/sign-ins/not-me/")
    close_the_account(wanjiku)
    assert give_password(lost, wanjiku).status_code == 429


def test_another_spelling_of_the_e_mail_is_the_same_budget(wanjiku: User) -> None:
    browser = own_browser(wanjiku)
    close_the_account(wanjiku)
    shouted = f" {wanjiku.customer.email.upper()} "
    for _ in range(10):
        assert browser.post("/login/", {"email": shouted, "password": WRONG}).status_code == 200
    assert give_password(browser, wanjiku).status_code == 429


def test_an_accented_spelling_does_not_borrow_the_cookie(no_hashing: None) -> None:
    """The branch's collations hold é and e for equal."""
    browser = own_browser(UserFactory(customer=CustomerFactory(email="emma@example.com")))
    browser.post("/login/", {"email": "émma@example.com", "password": WRONG})
    assert ratelimit.peek(tries.LOGIN_ACCOUNT, "émma@example.com") == 1


# --- The neighbours -------------------------------------------------------------------------------------------------


def test_a_blocked_address_leaves_the_neighbours_their_tries(monkeypatch: pytest.MonkeyPatch, no_hashing: None) -> None:
    monkeypatch.setattr(tries, "LOGIN_ADDRESS", Policy("few-here", 2, timedelta(minutes=30)))
    monkeypatch.setattr(tries, "LOGIN_NETWORK", Policy("few-around", 3, timedelta(minutes=30)))

    def guess(number: int, address: str) -> int:
        typed = {"email": f"customer-{number}@example.com", "password": WRONG}
        return Client().post("/login/", typed, REMOTE_ADDR=address).status_code

    assert [guess(n, "198.51.100.7") for n in range(6)] == [200, 200, 429, 429, 429, 429]
    assert guess(7, "198.51.100.8") == 200
    assert guess(8, "198.51.100.9") == 429


# --- Known or not: the same -----------------------------------------------------------------------------------------


def statements(email: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = Client().post("/login/", {"email": email, "password": WRONG})
    assert response.status_code == 429
    return [re.sub(r"SAVEPOINT.*|'[^']*'|\b\d+\b", "?", query["sql"]) for query in captured]


def test_being_stopped_takes_the_same_statements_whoever_it_is(wanjiku: User, no_hashing: None) -> None:
    known, unknown = wanjiku.customer.email, "nobody@example.com"
    for email in (known, unknown):
        for _ in range(10):
            Client().post("/login/", {"email": email, "password": WRONG})
    assert statements(known) == statements(unknown), "the stop that leaves word for the worker"
    assert statements(known) == statements(unknown), "the stops after it"
    assert Errand.objects.count() == 2


def test_the_worker_tells_whom_it_concerns_and_nobody_else(
    wanjiku: User, no_hashing: None, nine: time_machine.Traveller
) -> None:
    for email in (wanjiku.customer.email, "nobody@example.com"):
        for _ in range(11):
            Client(headers={"User-Agent": "Firefox on Linux"}).post("/login/", {"email": email, "password": WRONG})
    assert not OutboxMessage.objects.exists()
    nine.shift(timedelta(seconds=5))
    assert locknotices.deliver() == 2
    attempt = SignInAttempt.objects.get(outcome=SignInAttempt.Outcome.BLOCKED)
    assert (attempt.user, attempt.ip, attempt.user_agent) == (wanjiku, "127.0.0.1", "Firefox on Linux")
    assert attempt.at == clock.now() - timedelta(seconds=5)
    expected = "Too many tries to sign in to your Wekeza account at 23/11/2026 09:00. Not you? Call +254 700 123 456."
    assert sent_bodies(wanjiku.customer) == [expected, expected]
    assert OutboxMessage.objects.count() == 2
    assert locknotices.deliver() == 0


def test_the_next_closing_is_told_again(wanjiku: User, nine: time_machine.Traveller) -> None:
    close_the_account(wanjiku)
    nine.shift(timedelta(minutes=31))
    close_the_account(wanjiku)
    assert locknotices.deliver() == 2


# --- The right password is not for nothing --------------------------------------------------------------------------


def test_right_passwords_beyond_the_codes_are_counted_and_stopped_before_the_hashing(
    wanjiku: User, monkeypatch: pytest.MonkeyPatch, nine: time_machine.Traveller
) -> None:
    worked = count_hashing(monkeypatch)
    answers = [give_password(Client(), wanjiku).status_code for _ in range(40)]
    assert answers == [302] * 3 + [429] * 37
    assert len(worked) == 3 + 10
    assert ratelimit.peek(tries.LOGIN_ADDRESS, "127.0.0.1") == 37


def test_right_passwords_of_a_closed_access_are_counted_too(wanjiku: User, monkeypatch: pytest.MonkeyPatch) -> None:
    BranchCustomer.objects.filter(pk=wanjiku.customer_id).update(is_active=False)
    worked = count_hashing(monkeypatch)
    assert [give_password(Client(), wanjiku).status_code for _ in range(15)] == [200] * 10 + [429] * 5
    assert len(worked) == 10


def test_whoever_gets_the_code_has_every_try_back(client: Client, wanjiku: User) -> None:
    for _ in range(12):
        give_password(client, wanjiku)
        client.post("/login/code/", {"code": code_for(wanjiku.customer, client)})
        assert is_signed_in(client)
        client.post("/logout/")
    assert ratelimit.peek(tries.LOGIN_ADDRESS, "127.0.0.1") == 0


def count_hashing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every Argon2 computation from now on; all passwords are the factory's."""
    from accounts.identity.hashers import PortalArgon2PasswordHasher

    worked: list[str] = []
    monkeypatch.setattr(
        PortalArgon2PasswordHasher, "verify", lambda _, password, __: bool(worked.append("x")) or password == PASSWORD
    )
    return worked


# --- All at once ----------------------------------------------------------------------------------------------------


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_thirty_parallel_right_passwords_without_a_code_cost_ten_hashings(monkeypatch: pytest.MonkeyPatch) -> None:
    user = UserFactory()
    for _ in range(codes.CODE_SENDS.limit):
        give_password(Client(), user)
    worked = count_hashing(monkeypatch)
    answers = at_once([lambda: give_password(Client(), user).status_code] * 30)
    assert answers == [429] * 30
    assert len(worked) == 10


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_thirty_parallel_tries_of_a_known_browser_ten_pass_whatever_strangers_did(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = UserFactory()
    own_browser(user)
    close_the_account(user)
    count_hashing(monkeypatch)

    def guess() -> int:
        browser = Client()
        browser.cookies[devices.cookie_name()] = "w" * 43
        return int(give_password(browser, user, WRONG).status_code)

    answers = at_once([guess] * 30)
    assert sorted(answers) == [200] * 10 + [429] * 20


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_a_flood_from_one_address_takes_exactly_its_share_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "LOGIN_ADDRESS", Policy("few-here", 6, timedelta(minutes=30)))
    monkeypatch.setattr("accounts.identity.backends.make_password", lambda password: "")

    def guess(number: int) -> int:
        return Client().post("/login/", {"email": f"c{number}@example.com", "password": WRONG}).status_code

    answers = at_once([lambda n=n: guess(n) for n in range(24)])
    assert answers.count(200) == 6
    assert ratelimit.peek(tries.LOGIN_NETWORK, "127.0.0.0/24") == 6


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_a_closing_that_many_run_into_is_told_once() -> None:
    user = UserFactory()
    for _ in range(10):
        ratelimit.consume(tries.LOGIN_ACCOUNT, user.customer.email)
    answers = at_once([lambda: give_password(Client(), user, WRONG).status_code] * 20)
    assert answers == [429] * 20
    assert Errand.objects.count() == 1
