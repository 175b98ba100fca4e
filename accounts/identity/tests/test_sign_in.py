"""Signing in: password, then code; what is counted, what is said, what is never revealed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.identity import locknotices, tries
from accounts.identity.tests.helpers import (
    WRONG,
    another,
    code_box,
    code_for,
    give_password,
    is_signed_in,
    sent_bodies,
    walk_in,
)
from accounts.models import BranchCustomer, OneTimeCode, SignedInSession, SignInAttempt, User
from tests.factories import PASSWORD, BusinessFactory, CustomerFactory, UserFactory
from wekeza_portal import ratelimit
from wekeza_portal.notifications.models import Channel, OutboxMessage

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def wanjiku() -> User:
    return UserFactory()


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NINE, tick=False) as traveller:
        yield traveller


def branch_changes(user: User, **columns: object) -> None:
    BranchCustomer.objects.filter(pk=user.customer_id).update(**columns)


# --- The way in -----------------------------------------------------------------------------------------------------


def test_a_customer_signs_in_with_password_and_code(client: Client, wanjiku: User) -> None:
    response = give_password(client, wanjiku)
    assert response.headers["Location"] == "/login/code/"
    page = client.get("/login/code/").content.decode()
    assert "••• •••" in page
    assert wanjiku.customer.phone_number not in page
    assert 'autocomplete="one-time-code"' in page
    response = client.post("/login/code/", {"code": code_for(wanjiku.customer)})
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert is_signed_in(client)


def test_a_code_may_be_typed_with_blanks(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    code = code_for(wanjiku.customer)
    client.post("/login/code/", {"code": f" {code[:3]} {code[3:]} "})
    assert is_signed_in(client)


@pytest.mark.parametrize("spelled", ["  {} ", "{}\t"])
def test_blanks_and_capitals_in_the_address_do_not_matter(client: Client, wanjiku: User, spelled: str) -> None:
    email = spelled.format(wanjiku.customer.email.upper())
    assert client.post("/login/", {"email": email, "password": PASSWORD}).status_code == 302


def test_half_a_login_opens_nothing(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    for name in ("home", "sign_in_history", "move"):
        response = client.get(reverse(name))
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/login/")
    assert not SignedInSession.objects.exists()


def test_half_a_login_lasts_five_minutes(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    give_password(client, wanjiku)
    code = code_for(wanjiku.customer)
    nine.shift(timedelta(minutes=5, seconds=1))
    response = client.post("/login/code/", {"code": code})
    assert response.headers["Location"] == "/login/"
    assert not is_signed_in(client)


def test_the_code_page_needs_half_a_login(client: Client) -> None:
    assert client.get("/login/code/").headers["Location"] == "/login/"
    assert client.post("/login/code/resend/").headers["Location"] == "/login/"


def test_a_planted_session_never_becomes_a_login(client: Client, wanjiku: User) -> None:
    thief = Client()
    thief.get("/login/")
    give_password(thief, wanjiku)
    planted = thief.cookies["wekeza_session"].value
    client.cookies["wekeza_session"] = planted
    walk_in(client, wanjiku)
    assert is_signed_in(client)
    assert client.cookies["wekeza_session"].value != planted
    assert not is_signed_in(thief)


def test_the_session_id_changes_at_both_steps(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    half = client.cookies["wekeza_session"].value
    client.post("/login/code/", {"code": code_for(wanjiku.customer)})
    assert client.cookies["wekeza_session"].value != half


def test_login_is_protected_against_forged_forms(wanjiku: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in ("/login/", "/login/code/", "/login/code/resend/", "/enrol/", "/logout/", "/session/extend/"):
        assert strict.post(path, {"email": wanjiku.customer.email, "password": PASSWORD}).status_code in (403, 302)
    assert not OneTimeCode.objects.exists()


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https:evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"],
)
def test_next_never_leads_away_from_us(client: Client, wanjiku: User, target: str) -> None:
    client.post("/login/", {"email": wanjiku.customer.email, "password": PASSWORD, "next": target})
    response = client.post("/login/code/", {"code": code_for(wanjiku.customer)})
    assert response.headers["Location"] == "/"


def test_next_leads_to_our_own_page(client: Client, wanjiku: User) -> None:
    target = "/settings/sign-ins/?page=2"
    assert client.get("/settings/sign-ins/", {"page": "2"}).headers["Location"].startswith("/login/?next=%2Fsettings")
    client.post("/login/", {"email": wanjiku.customer.email, "password": PASSWORD, "next": target})
    assert client.post("/login/code/", {"code": code_for(wanjiku.customer)}).headers["Location"] == target


# --- Who is refused, and what it says -----------------------------------------------------------------------------


def body_without_tokens(client: Client, email: str, password: str) -> str:
    response = client.post("/login/", {"email": email, "password": password})
    page = response.content.decode().replace(email, "EMAIL")
    return "".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line and "request" not in line)


def test_wrong_password_and_unknown_address_look_the_same(client: Client, wanjiku: User) -> None:
    not_enrolled = CustomerFactory()
    known = body_without_tokens(client, wanjiku.customer.email, WRONG)
    assert known == body_without_tokens(client, "nobody@example.com", WRONG)
    assert known == body_without_tokens(client, not_enrolled.email, not_enrolled.password_hash)
    assert "E-mail or password is not right." in known


def test_an_unknown_address_costs_the_same_hashing(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    from accounts.identity.hashers import PortalArgon2PasswordHasher

    worked: list[str] = []
    encode, verify = PortalArgon2PasswordHasher.encode, PortalArgon2PasswordHasher.verify
    monkeypatch.setattr(PortalArgon2PasswordHasher, "encode", lambda *a: worked.append("x") or encode(*a))
    monkeypatch.setattr(PortalArgon2PasswordHasher, "verify", lambda *a: worked.append("x") or verify(*a))
    user = UserFactory()
    worked.clear()
    give_password(client, user, WRONG)
    assert len(worked) == 1
    client.post("/login/", {"email": "nobody@example.com", "password": WRONG})
    assert len(worked) == 2


def test_an_accented_spelling_is_another_address(client: Client) -> None:
    """The branch's collations hold é and e for equal: that would give one account many counters of wrong tries."""
    UserFactory(customer=CustomerFactory(email="emma@example.com"))
    response = client.post("/login/", {"email": "émma@example.com", "password": PASSWORD})
    assert response.status_code == 200
    assert not OneTimeCode.objects.exists()


def test_the_director_of_a_business_is_not_let_in(client: Client, wanjiku: User) -> None:
    branch_changes(wanjiku, business_id=BusinessFactory().business_id)
    response = give_password(client, wanjiku)
    assert response.status_code == 200
    assert not OneTimeCode.objects.exists()


def test_an_inactive_customer_is_told_so_only_with_the_right_password(client: Client, wanjiku: User) -> None:
    branch_changes(wanjiku, is_active=False)
    assert "Your online access is closed" not in give_password(client, wanjiku, WRONG).content.decode()
    assert "Your online access is closed" in give_password(client, wanjiku).content.decode()
    assert not OneTimeCode.objects.exists()


def test_a_row_reused_for_somebody_else_is_locked(client: Client, wanjiku: User) -> None:
    branch_changes(wanjiku, national_id="99999999")
    give_password(client, wanjiku)
    assert not OneTimeCode.objects.exists()


def test_a_reset_at_the_bank_asks_for_activation_again(client: Client, wanjiku: User) -> None:
    branch_changes(wanjiku, password_hash="newpass123")
    page = give_password(client, wanjiku).content.decode()
    assert "activate it again" in page
    assert not OneTimeCode.objects.exists()


def test_a_customer_blocked_between_password_and_code_stays_out(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    branch_changes(wanjiku, is_active=False)
    client.post("/login/code/", {"code": code_for(wanjiku.customer)})
    assert not SignedInSession.objects.exists()


def test_staff_have_no_way_in_here(client: Client) -> None:
    UserFactory(customer=None)
    assert client.post("/login/", {"email": "", "password": PASSWORD}).status_code == 200
    assert not OneTimeCode.objects.exists()


def test_a_customer_without_an_account_can_sign_in(client: Client, wanjiku: User) -> None:
    assert not wanjiku.customer.accounts.exists()
    walk_in(client, wanjiku)
    assert is_signed_in(client)


def test_an_error_while_judging_the_customer_lets_nobody_in(
    client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("accounts.identity.guard.links.link_is_intact", broken)
    client.raise_request_exception = False
    assert give_password(client, wanjiku).status_code == 500
    assert not OneTimeCode.objects.exists()


# --- Counting ------------------------------------------------------------------------------------------------------


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


# --- The code -------------------------------------------------------------------------------------------------------


def test_a_code_works_once(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    stored, code = client.session["half_login"], code_for(wanjiku.customer, client)
    client.post("/login/code/", {"code": code})
    thief = Client()
    session = thief.session
    session["half_login"] = stored
    session.save()
    thief.cookies["wekeza_session"] = session.session_key
    page = thief.post("/login/code/", {"code": code}).content.decode()
    assert "no longer be used" in page
    assert not is_signed_in(thief)


def different_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter(range(100_000, 999_999, 1111))
    monkeypatch.setattr("accounts.identity.codes.secrets.randbelow", lambda _: next(numbers))


def test_the_code_of_another_half_login_does_not_fit(
    client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    different_codes(monkeypatch)
    give_password(client, wanjiku)
    thief = Client()
    give_password(thief, wanjiku)
    first = code_for(wanjiku.customer, client)
    thief.post("/login/code/", {"code": first})
    assert not is_signed_in(thief)
    client.post("/login/code/", {"code": first})
    assert is_signed_in(client)


def test_somebody_elses_code_does_not_fit(client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch) -> None:
    different_codes(monkeypatch)
    stranger, browser = UserFactory(), Client()
    give_password(browser, stranger)
    give_password(client, wanjiku)
    client.post("/login/code/", {"code": code_for(stranger.customer)})
    assert not is_signed_in(client)


def test_a_resent_code_voids_the_one_before(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    give_password(client, wanjiku)
    first = code_for(wanjiku.customer)
    nine.shift(timedelta(seconds=31))
    client.post("/login/code/resend/")
    second = code_for(wanjiku.customer)
    if first != second:
        client.post("/login/code/", {"code": first})
        assert not is_signed_in(client)
    client.post("/login/code/", {"code": second})
    assert is_signed_in(client)


def test_a_new_code_is_not_sent_within_thirty_seconds(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    give_password(client, wanjiku)
    nine.shift(timedelta(seconds=29))
    page = client.post("/login/code/resend/", follow=True).content.decode()
    assert "another in 1 s." in page
    assert OutboxMessage.objects.count() == 1


def test_the_code_can_come_by_e_mail(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    give_password(client, wanjiku)
    nine.shift(timedelta(seconds=30))
    page = client.post("/login/code/resend/", {"channel": "EMAIL"}, follow=True).content.decode()
    assert OutboxMessage.objects.filter(channel=Channel.EMAIL, to=wanjiku.customer.email).count() == 1
    assert "•••@example.com" in page
    client.post("/login/code/", {"code": code_for(wanjiku.customer)})
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "fate", [{"state": "SENT", "delivery": "FAILED"}, {"state": "FAILED"}], ids=["reported", "refused"]
)
def test_a_code_that_cannot_arrive_is_offered_by_e_mail_at_once(
    client: Client, wanjiku: User, nine: time_machine.Traveller, fate: dict[str, str]
) -> None:
    give_password(client, wanjiku)
    assert "could not be delivered" not in client.get("/login/code/").content.decode()
    OutboxMessage.objects.update(**fate)
    page = client.get("/login/code/").content.decode()
    assert "could not be delivered" in page
    assert 'data-wait="0"' in page
    page = client.post("/login/code/resend/", {"channel": "EMAIL"}, follow=True).content.decode()
    assert "could not be delivered" not in page
    client.post("/login/code/", {"code": code_for(wanjiku.customer)})
    assert is_signed_in(client)


def test_codes_that_cannot_arrive_are_no_way_around_the_limit_on_sending(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    give_password(client, wanjiku)
    for _ in range(6):
        OutboxMessage.objects.update(state="FAILED")
        client.post("/login/code/resend/")
    assert OutboxMessage.objects.count() == 3


def test_without_a_number_the_code_comes_by_e_mail(client: Client) -> None:
    user = UserFactory(customer=CustomerFactory(phone_number=None))
    give_password(client, user)
    assert OutboxMessage.objects.get().channel == Channel.EMAIL


def test_codes_are_limited_to_three_in_ten_minutes(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    for _ in range(3):
        assert give_password(client, wanjiku).status_code == 302
    response = give_password(client, wanjiku)
    assert response.status_code == 429
    assert OutboxMessage.objects.count() == 3
    assert client.get("/login/code/").status_code == 302


def test_five_wrong_codes_void_the_code(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    code = code_for(wanjiku.customer)
    for _ in range(5):
        client.post("/login/code/", {"code": another(code)})
    page = client.post("/login/code/", {"code": code}).content.decode()
    assert "no longer be used" in page
    assert not is_signed_in(client)


def test_the_code_page_never_shows_what_was_typed(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    for typed in (another(code_for(wanjiku.customer)), "12345", "4711471147114711"):
        page = client.post("/login/code/", {"code": typed}).content.decode()
        assert "<title>Error:" in page
        assert "value" not in code_box(page)


def test_ten_wrong_codes_in_half_an_hour_stop_the_guessing(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    for _ in range(2):
        give_password(client, wanjiku)
        for _ in range(5):
            client.post("/login/code/", {"code": another(code_for(wanjiku.customer))})
    give_password(client, wanjiku)
    assert client.post("/login/code/", {"code": code_for(wanjiku.customer)}).status_code == 429
    assert not is_signed_in(client)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34"])
def test_what_is_no_code_costs_no_try(client: Client, wanjiku: User, typed: str) -> None:
    give_password(client, wanjiku)
    page = client.post("/login/code/", {"code": typed}).content.decode()
    assert "<title>Error: Enter the code" in page
    assert OneTimeCode.objects.get().tries == 0


def test_the_message_fits_one_sms_and_warns(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    (body,) = sent_bodies(wanjiku.customer)
    assert len(body) <= 160
    assert body.isascii()
    assert body.endswith("Nobody from the bank will ask for it.")


def test_neither_outbox_nor_code_table_shows_the_code(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    code = code_for(wanjiku.customer)
    message, row = OutboxMessage.objects.get(), OneTimeCode.objects.get()
    assert code not in message.body
    assert message.expires_at == row.expires_at
    assert code not in row.code_hash


def test_language_chosen_before_signing_in_is_remembered(client: Client, wanjiku: User) -> None:
    client.cookies["wekeza_language"] = "sw"
    walk_in(client, wanjiku)
    wanjiku.refresh_from_db()
    assert wanjiku.language == "sw"


def test_the_customers_language_is_set_where_none_was_chosen(client: Client, wanjiku: User) -> None:
    User.objects.filter(pk=wanjiku.pk).update(language="sw")
    assert walk_in(client, wanjiku).cookies["wekeza_language"].value == "sw"
