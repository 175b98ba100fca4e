"""Settings: the profile, the language, hidden amounts."""

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import BranchCustomer, User
from accounts.wording import masked_email, masked_end
from tests.factories import CustomerFactory, UserFactory
from tests.support import sign_in

pytestmark = pytest.mark.django_db


def signed_in(**customer: object) -> tuple[Client, User]:
    user = UserFactory(customer=CustomerFactory(**customer))
    client = Client()
    sign_in(client, user)
    return client, user


def test_the_profile_is_masked_and_says_where_it_is_changed() -> None:
    client, _user = signed_in(
        full_name="EMMANUEL MUTUA", email="emmanuel@wekeza.com", phone_number="+254712345678", national_id="29876543"
    )
    page = client.get("/settings/").content.decode()
    for shown in ("EMMANUEL MUTUA", "•••••678", "•••••543", "em•••••@wekeza.com", "Standard", "at any branch"):
        assert shown in page
    for hidden in ("emmanuel@wekeza.com", "254712345678", "29876543"):
        assert hidden not in page


def test_what_the_branch_has_not_recorded_is_said_so() -> None:
    client, _user = signed_in(phone_number=None, national_id=None)
    assert client.get("/settings/").content.decode().count("Not recorded") == 2


@pytest.mark.parametrize("tier", [*BranchCustomer.Tier.values])
def test_every_tier_is_said_in_words(tier: str) -> None:
    client, _user = signed_in(kyc_tier=tier)
    assert tier not in client.get("/settings/").content.decode()


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("emmanuel@wekeza.com", "em•••••@wekeza.com"),
        ("joe@x.ke", "j•••••@x.ke"),
        ("@x.ke", "•••••"),
        ("nobody", "•••••"),
        ("", "•••••"),
    ],
)
def test_an_address_shows_its_start_and_its_domain(address: str, masked: str) -> None:
    assert masked_email(address) == masked


@pytest.mark.parametrize(("value", "masked"), [("29876543", "•••••543"), ("12345", "•••••"), ("", "•••••")])
def test_a_number_shows_its_end_and_a_short_one_nothing(value: str, masked: str) -> None:
    assert masked_end(value) == masked


# --- Language -----------------------------------------------------------------------------------------------------


def test_the_language_is_kept_for_the_browser_and_the_customer() -> None:
    client, user = signed_in()
    response = client.post("/language/", {"language": "sw", "next": "/settings/"})
    assert (response.status_code, response["Location"]) == (303, "/settings/")
    cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie.value == "sw"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == settings.LANGUAGE_COOKIE_AGE
    user.refresh_from_db()
    assert user.language == "sw"
    assert '<html lang="sw"' in client.get("/settings/").content.decode()


def test_the_language_can_be_chosen_before_signing_in_and_touches_nobody() -> None:
    user = UserFactory(customer=CustomerFactory(), language="en")
    client = Client()
    response = client.post("/language/", {"language": "sw", "next": "/help/"})
    assert (response.status_code, response["Location"]) == (303, "/help/")
    user.refresh_from_db()
    assert user.language == "en"
    assert not client.cookies.get(settings.SESSION_COOKIE_NAME)


@pytest.mark.parametrize("language", ["", "xx", "sw-KE", "en'", "<script>"])
def test_a_language_we_do_not_speak_is_refused(language: str) -> None:
    client, user = signed_in()
    assert client.post("/language/", {"language": language}).status_code == 400
    user.refresh_from_db()
    assert user.language == "en"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "http:///x",
        "\n//x",
    ],
)
@pytest.mark.parametrize("address", ["/language/", "/settings/hide-amounts/"])
def test_nobody_is_sent_off_the_site(address: str, elsewhere: str) -> None:
    client, _user = signed_in()
    response = client.post(address, {"language": "en", "hide": "1", "next": elsewhere})
    assert (response.status_code, response["Location"]) == (303, "/")


# --- Hidden amounts -----------------------------------------------------------------------------------------------


def test_hiding_twice_changes_nothing_more_and_showing_brings_amounts_back() -> None:
    client, user = signed_in()
    for wanted, hidden in [("1", True), ("1", True), ("0", False), ("0", False)]:
        response = client.post("/settings/hide-amounts/", {"hide": wanted, "next": "/view/?period=month"})
        assert (response.status_code, response["Location"]) == (303, "/view/?period=month")
        user.refresh_from_db()
        assert user.hide_amounts is hidden


def test_hiding_is_each_ones_own_choice() -> None:
    stranger = UserFactory(customer=CustomerFactory())
    client, user = signed_in()
    client.post("/settings/hide-amounts/", {"hide": "1", "user": str(stranger.pk), "id": str(stranger.pk)})
    stranger.refresh_from_db()
    user.refresh_from_db()
    assert (stranger.hide_amounts, user.hide_amounts) == (False, True)


@pytest.mark.parametrize("wanted", ["", "yes", "2"])
def test_an_unclear_wish_is_refused(wanted: str) -> None:
    client, user = signed_in()
    assert client.post("/settings/hide-amounts/", {"hide": wanted}).status_code == 400
    user.refresh_from_db()
    assert user.hide_amounts is False


@pytest.mark.parametrize("address", ["/language/", "/settings/hide-amounts/"])
def test_looking_changes_nothing(address: str) -> None:
    client, _user = signed_in()
    assert client.get(address).status_code == 405


@pytest.mark.parametrize("address", ["/language/", "/settings/hide-amounts/"])
def test_a_form_from_elsewhere_is_refused(address: str) -> None:
    user = UserFactory(customer=CustomerFactory())
    client = Client(enforce_csrf_checks=True)
    sign_in(client, user)
    assert client.post(address, {"language": "sw", "hide": "1"}).status_code == 403
    user.refresh_from_db()
    assert (user.language, user.hide_amounts) == ("en", False)


def test_settings_and_hiding_need_signing_in() -> None:
    client = Client()
    assert client.get("/settings/")["Location"].startswith("/login/")
    assert client.post("/settings/hide-amounts/", {"hide": "1"})["Location"].startswith("/login/")
