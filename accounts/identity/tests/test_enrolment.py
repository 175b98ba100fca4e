"""Activating online access: the branch's secret once, a code to the known number, a password of one's own."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import bcrypt
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client, override_settings

from accounts.identity import branchsecrets, enrolment, links, passwords
from accounts.identity.tests.helpers import another, code_box, code_for, give_password, is_signed_in, sent_bodies
from accounts.models import BranchCustomer, OneTimeCode, User
from tests.factories import BusinessFactory, CustomerFactory, UserFactory
from wekeza_portal import clock, ratelimit

pytestmark = pytest.mark.django_db
SECRET = "mwanzo-secret"
CHOSEN = "maji moto na chai ya tangawizi"


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def achieng() -> BranchCustomer:
    """A customer of the branch without online access."""
    return CustomerFactory(full_name="Achieng Odhiambo")


def ask(client: Client, customer: BranchCustomer, secret: str = SECRET) -> str:
    return client.post("/enrol/", {"email": customer.email, "secret": secret}, follow=True).content.decode()


def enrol(client: Client, customer: BranchCustomer, secret: str = SECRET, password: str = CHOSEN) -> None:
    ask(client, customer, secret)
    client.post("/enrol/code/", {"code": code_for(customer)})
    client.post("/enrol/password/", {"password": password, "password_again": password})


def test_a_customer_activates_online_access_and_is_signed_in(client: Client, achieng: BranchCustomer) -> None:
    enrol(client, achieng)
    assert is_signed_in(client)
    user = User.objects.get(customer=achieng)
    assert user.check_password(CHOSEN)
    assert links.link_is_intact(user, achieng)
    assert user.known_phone == achieng.phone_number
    assert any("was activated" in body for body in sent_bodies(achieng))


def test_afterwards_the_chosen_password_opens_and_the_branchs_does_not(client: Client, achieng: BranchCustomer) -> None:
    enrol(client, achieng)
    user, browser = User.objects.get(customer=achieng), Client()
    assert give_password(browser, user, SECRET).status_code == 200
    assert give_password(browser, user, CHOSEN).status_code == 302


@override_settings(REPLACE_BRANCH_SECRET=True)
def test_the_branchs_readable_secret_is_replaced(client: Client, achieng: BranchCustomer) -> None:
    enrol(client, achieng)
    achieng.refresh_from_db()
    assert achieng.password_hash.startswith("!portal:\n")
    assert len(achieng.password_hash) < 255
    assert is_signed_in(client)
    assert "We can&#x27;t activate" in ask(Client(), achieng, achieng.password_hash)


@override_settings(REPLACE_BRANCH_SECRET=False)
def test_in_the_demo_the_branchs_secret_stays(client: Client, achieng: BranchCustomer) -> None:
    enrol(client, achieng)
    achieng.refresh_from_db()
    assert achieng.password_hash == SECRET
    assert is_signed_in(client)


# --- Until the secret is right, every answer is the same ------------------------------------------


def refusal(customer: BranchCustomer | None, secret: str) -> str:
    email = customer.email if customer else "nobody@example.com"
    response = Client().post("/enrol/", {"email": email, "secret": secret})
    assert not OneTimeCode.objects.exists()
    page = response.content.decode().replace(email, "EMAIL")
    return "".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line and "request" not in line)


def test_nothing_reveals_who_exists(achieng: BranchCustomer) -> None:
    enrolled = UserFactory().customer
    director = CustomerFactory(business=BusinessFactory())
    inactive = CustomerFactory(is_active=False)
    unknown = refusal(None, SECRET)
    assert "We can&#x27;t activate online access with that" in unknown
    assert refusal(achieng, "wrong") == unknown
    assert refusal(enrolled, "wrong") == unknown
    assert refusal(director, SECRET) == unknown
    assert refusal(inactive, SECRET) == unknown


def test_tries_are_counted_alike_for_everybody(achieng: BranchCustomer, nine: time_machine.Traveller) -> None:
    for email in (achieng.email, "nobody@example.com"):
        browser = Client()
        for _ in range(5):
            assert browser.post("/enrol/", {"email": email, "secret": "wrong"}).status_code == 200
        assert browser.post("/enrol/", {"email": email, "secret": SECRET}).status_code == 429
    assert not OneTimeCode.objects.exists()


@pytest.mark.parametrize("literal", ["newpass123", "no_password_needed", "NEWPASS123 "])
def test_literals_that_everybody_knows_are_refused(literal: str) -> None:
    customer = CustomerFactory(password_hash=literal)
    assert "We can&#x27;t activate" in ask(Client(), customer, literal)


def test_only_to_the_right_secret_it_says_that_access_is_active_already(client: Client) -> None:
    user = UserFactory()
    assert "You have online access already" in ask(client, user.customer)
    assert not OneTimeCode.objects.exists()


def test_without_a_number_one_has_to_visit_a_branch(client: Client) -> None:
    assert "Please visit a branch" in ask(client, CustomerFactory(phone_number=None))


def test_the_code_goes_to_the_known_number_only(client: Client, achieng: BranchCustomer) -> None:
    ask(client, achieng)
    client.post("/enrol/code/resend/", {"channel": "EMAIL"})
    assert {row.channel for row in OneTimeCode.objects.all()} == {"SMS"}


# --- No step can be left out ----------------------------------------------------------------------


def test_steps_come_in_order(client: Client, achieng: BranchCustomer) -> None:
    assert client.get("/enrol/code/").headers["Location"] == "/enrol/"
    assert client.get("/enrol/password/").headers["Location"] == "/enrol/"
    ask(client, achieng)
    response = client.post("/enrol/password/", {"password": CHOSEN, "password_again": CHOSEN})
    assert response.headers["Location"] == "/enrol/"
    assert not User.objects.exists()


def test_a_wrong_code_stops_it(client: Client, achieng: BranchCustomer) -> None:
    ask(client, achieng)
    client.post("/enrol/code/", {"code": another(code_for(achieng))})
    client.post("/enrol/password/", {"password": CHOSEN, "password_again": CHOSEN})
    assert not User.objects.exists()


def test_it_has_to_be_done_within_fifteen_minutes(
    client: Client, achieng: BranchCustomer, nine: time_machine.Traveller
) -> None:
    ask(client, achieng)
    client.post("/enrol/code/", {"code": code_for(achieng)})
    nine.shift(timedelta(minutes=15, seconds=1))
    client.post("/enrol/password/", {"password": CHOSEN, "password_again": CHOSEN})
    assert not User.objects.exists()


@pytest.mark.parametrize("change", [{"password_hash": "reset meanwhile"}, {"is_active": False}])
def test_a_change_at_the_branch_meanwhile_starts_it_again(
    client: Client, achieng: BranchCustomer, change: dict[str, object]
) -> None:
    ask(client, achieng)
    client.post("/enrol/code/", {"code": code_for(achieng)})
    BranchCustomer.objects.filter(pk=achieng.pk).update(**change)
    response = client.post("/enrol/password/", {"password": CHOSEN, "password_again": CHOSEN}, follow=True)
    assert "Please start again" in response.content.decode()
    assert not User.objects.exists()


def test_a_new_customer_accepts_the_terms_before_anything_else(client: Client, achieng: BranchCustomer) -> None:
    enrol(client, achieng)
    assert client.get("/")["Location"] == "/terms/accept/"
    client.post("/terms/accept/", {"version": 1})
    assert client.get("/").status_code == 200
    assert User.objects.get(customer=achieng).accepted_terms == 1


def test_two_browsers_cannot_both_activate(achieng: BranchCustomer) -> None:
    browsers = [Client(), Client()]
    for browser in browsers:
        ask(browser, achieng)
        browser.post("/enrol/code/", {"code": code_for(achieng)})
    for browser in browsers:
        browser.post("/enrol/password/", {"password": CHOSEN, "password_again": CHOSEN})
    assert [is_signed_in(browser) for browser in browsers] == [True, False]
    assert User.objects.count() == 1


# --- Reset at the bank ----------------------------------------------------------------------------


def reset_at_the_bank(user: User) -> BranchCustomer:
    BranchCustomer.objects.filter(pk=user.customer_id).update(password_hash="mpya-secret")
    return BranchCustomer.objects.get(pk=user.customer_id)


def test_after_a_reset_at_the_bank_the_customer_activates_again(client: Client) -> None:
    user, elsewhere = UserFactory(), Client()
    from tests.support import sign_in

    sign_in(elsewhere, user)
    customer = reset_at_the_bank(user)
    enrol(client, customer, "mpya-secret")
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    user.refresh_from_db()
    assert user.check_password(CHOSEN)
    assert User.objects.count() == 1


def test_a_number_younger_than_72_hours_cannot_vouch(client: Client, nine: time_machine.Traveller) -> None:
    user = UserFactory()
    customer = reset_at_the_bank(user)
    BranchCustomer.objects.filter(pk=customer.pk).update(phone_number="+254722000111")
    assert "Please visit a branch" in ask(client, customer, "mpya-secret")
    user.refresh_from_db()
    assert (user.known_phone, user.known_phone_since) == ("+254722000111", clock.now())
    nine.shift(timedelta(hours=71, minutes=59))
    assert "Please visit a branch" in ask(client, customer, "mpya-secret")
    nine.shift(timedelta(minutes=1))
    assert "Enter the code" in ask(client, customer, "mpya-secret")


@pytest.mark.parametrize("change", [{"is_active": False}, {"fingerprint": "somebody else's"}])
def test_a_locked_login_is_not_opened_by_a_reset(client: Client, change: dict[str, object]) -> None:
    user = UserFactory()
    customer = reset_at_the_bank(user)
    User.objects.filter(pk=user.pk).update(**change)
    assert "Please visit a branch" in ask(client, customer, "mpya-secret")


# --- The branch's secret in all its shapes --------------------------------------------------------


def stored_as(kind: str) -> str:
    if kind == "bcrypt":
        return bcrypt.hashpw(SECRET.encode(), bcrypt.gensalt(4)).decode()
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    return {"plain": SECRET, "sha256": digest, "SHA256": digest.upper()}[kind]


@pytest.mark.parametrize("kind", ["plain", "sha256", "SHA256", "bcrypt"])
def test_the_secret_is_recognised_in_every_shape(kind: str) -> None:
    stored = stored_as(kind)
    assert branchsecrets.matches(stored, SECRET)
    assert not branchsecrets.matches(stored, SECRET + " ")
    assert not branchsecrets.matches(stored, SECRET.upper())
    assert not branchsecrets.matches(stored, "")


@pytest.mark.parametrize("kind", ["sha256", "SHA256", "bcrypt"])
def test_a_stolen_hash_is_not_the_secret(kind: str) -> None:
    assert not branchsecrets.matches(stored_as(kind), stored_as(kind))


@pytest.mark.parametrize("stored", ["", "newpass123", hashlib.sha256(b"newpass123").hexdigest()])
def test_what_everybody_knows_proves_nothing(stored: str) -> None:
    assert not branchsecrets.matches(stored, "newpass123")
    assert not branchsecrets.matches(stored, "")


def test_our_own_replacement_is_never_a_secret() -> None:
    ours = branchsecrets.replacement()
    assert ours != branchsecrets.replacement()
    assert not branchsecrets.matches(ours, ours)


def test_every_try_does_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[bytes] = []
    monkeypatch.setattr(branchsecrets.bcrypt, "checkpw", lambda given, stored: bool(checked.append(stored)))
    for stored in ("", SECRET, stored_as("sha256"), stored_as("bcrypt")):
        branchsecrets.matches(stored, "wrong")
    assert len(checked) == 4


@pytest.mark.parametrize("given", ["x" * 300, "nul\0inside", "emoji 🌍" * 20])
def test_odd_input_to_a_bcrypt_secret_is_just_wrong(given: str) -> None:
    assert not branchsecrets.matches(stored_as("bcrypt"), given)


BCRYPT_TAIL = "./" + "a" * 51


@pytest.mark.parametrize(
    "stored",
    [
        "$2b$99$" + BCRYPT_TAIL,
        "$2b$31$" + BCRYPT_TAIL,
        "$2b$15$" + BCRYPT_TAIL,
        "$2b$03$" + BCRYPT_TAIL,
        "$2b$00$" + BCRYPT_TAIL,
        "$2b$12$" + "9" * 53,
        "$2x$04$" + BCRYPT_TAIL,
        "$2b$12$cut short",
    ],
)
def test_a_damaged_or_costly_bcrypt_value_never_matches_and_is_never_computed(
    monkeypatch: pytest.MonkeyPatch, stored: str
) -> None:
    worked: list[bytes] = []
    compute = branchsecrets.bcrypt.checkpw

    def checkpw(given: bytes, value: bytes) -> bool:
        worked.append(value[4:6])
        return bool(compute(given, value))

    monkeypatch.setattr(branchsecrets.bcrypt, "checkpw", checkpw)
    assert not branchsecrets.matches(stored, SECRET)
    assert not branchsecrets.matches(stored, stored)
    assert set(worked) <= {b"12", b"04"}
    assert worked.count(b"12") >= 2, "it costs what every other try costs"


def test_a_damaged_bcrypt_value_is_answered_like_every_wrong_secret(achieng: BranchCustomer) -> None:
    wrong = refusal(achieng, "wrong")
    BranchCustomer.objects.filter(pk=achieng.pk).update(password_hash="$2b$99$" + BCRYPT_TAIL)
    assert refusal(achieng, SECRET) == wrong


@pytest.mark.parametrize("cost", [4, 5])
def test_a_bcrypt_value_of_an_ordinary_cost_matches(cost: int) -> None:
    stored = bcrypt.hashpw(SECRET.encode(), bcrypt.gensalt(cost)).decode()
    assert branchsecrets.matches(stored, SECRET)
    assert not branchsecrets.matches(stored, stored)


def test_costs_from_four_to_fourteen_are_bcrypt() -> None:
    taken = [cost for cost in range(100) if branchsecrets._BCRYPT.fullmatch(f"$2b${cost:02d}$" + BCRYPT_TAIL)]
    assert taken == list(range(4, 15))


@override_settings(REPLACE_BRANCH_SECRET=True)
def test_the_branch_row_is_stamped_once(
    client: Client, achieng: BranchCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamped: list[object] = []
    monkeypatch.setattr(enrolment, "stamp_updated_at", lambda *row: stamped.append(row[:3]))
    enrol(client, achieng)
    assert stamped == [("users", "user_id", achieng.user_id)]


def test_a_blocked_address_leaves_the_neighbours_their_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment, "ENROL_ADDRESS", ratelimit.Policy("few-here", 2, timedelta(minutes=30)))
    monkeypatch.setattr(enrolment, "ENROL_NETWORK", ratelimit.Policy("few-around", 3, timedelta(minutes=30)))

    def guess(number: int, address: str) -> int:
        typed = {"email": f"customer-{number}@example.com", "secret": "wrong"}
        return Client().post("/enrol/", typed, REMOTE_ADDR=address).status_code

    assert [guess(n, "198.51.100.7") for n in range(6)] == [200, 200, 429, 429, 429, 429]
    assert guess(7, "198.51.100.8") == 200
    assert guess(8, "198.51.100.9") == 429


def test_the_code_page_never_shows_what_was_typed(client: Client, achieng: BranchCustomer) -> None:
    ask(client, achieng)
    for typed in (another(code_for(achieng)), "12345x"):
        page = client.post("/enrol/code/", {"code": typed}).content.decode()
        assert "<title>Error:" in page
        assert "value" not in code_box(page)


# --- Passwords one may choose ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "kahawa chungu",
        "x9-Qp" * 4,
        "🌍 dunia yangu ni ndogo",
        "a b c d e f g h",
        "é" + "abcdefgh" * 15,
        "wekeza ni tamu kuliko",
    ],
)
def test_long_passwords_of_any_characters_are_taken(password: str) -> None:
    passwords.check(password, email="achieng@example.com", full_name="Achieng Odhiambo")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("11 letters!", "short"),
        ("x7" * 64 + "y", "long"),
        ("password1234", "common"),
        ("iloveyou2024!!!", "common"),
        ("aaaaaaaaaaaaa", "common"),
        ("123456789012", "common"),
        ("WekezaBank2026", "about"),
        ("wekeza-portal-1234", "about"),
        ("Achieng.Odhiambo99", "about"),
        ("achieng@example1", "about"),
    ],
)
def test_passwords_that_are_easy_to_guess_are_refused(password: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        passwords.check(password, email="achieng@example.com", full_name="Achieng Odhiambo")
    assert refused.value.code == code


@pytest.mark.parametrize("phone", ["0722000111", "+254722000111", "254 722 000 111"])
@pytest.mark.parametrize("password", ["0722000111!!", "+254 722-000-111", "ya 722000111"])
def test_ones_own_phone_number_is_no_password_however_it_is_written(password: str, phone: str) -> None:
    with pytest.raises(ValidationError) as refused:
        passwords.check(password, email="a@example.com", full_name="Achieng", phone=phone)
    assert refused.value.code == "about"
    passwords.check("kahawa chungu 722000111", email="a@example.com", full_name="Achieng", phone=phone)


def test_the_password_is_stored_exactly(client: Client, achieng: BranchCustomer) -> None:
    exact = "  Maji Moto na chai  "
    enrol(client, achieng, password=exact)
    user = User.objects.get()
    assert user.check_password(exact)
    assert not user.check_password(exact.strip())


def test_two_different_passwords_are_refused(client: Client, achieng: BranchCustomer) -> None:
    ask(client, achieng)
    client.post("/enrol/code/", {"code": code_for(achieng)})
    page = client.post("/enrol/password/", {"password": CHOSEN, "password_again": CHOSEN + "x"}).content.decode()
    assert "The two passwords are not the same." in page
    assert CHOSEN not in page
    assert 'autocomplete="new-password"' in page
    assert not User.objects.exists()
