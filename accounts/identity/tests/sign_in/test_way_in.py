"""The way in, who is refused, and what it says."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.identity.tests.helpers import (
    WRONG,
    code_for,
    give_password,
    is_signed_in,
    walk_in,
)
from accounts.models import BranchCustomer, OneTimeCode, SignedInSession, User
from tests.factories import PASSWORD, BusinessFactory, CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db


def branch_changes(user: User, **columns: object) -> None:
    BranchCustomer.objects.filter(pk=user.customer_id).update(**columns)


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
