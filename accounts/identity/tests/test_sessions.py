"""The door behind the sign-in: how long a session lives, what ends it, what a page may know without one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.identity.tests.helpers import give_password, is_signed_in, walk_in
from accounts.models import BranchCustomer, CodeDevice, KeptForm, SignedInSession, User
from tests.factories import BusinessFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import crypto

pytestmark = pytest.mark.django_db
PAGE = "/settings/sign-ins/"


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def wanjiku(nine: time_machine.Traveller, client: Client) -> User:
    """Signed in at nine o'clock on `client`."""
    user = UserFactory()
    sign_in(client, user)
    return user


# --- How long -------------------------------------------------------------------------------------


def test_an_idle_session_lives_ten_minutes_to_the_second(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    nine.shift(timedelta(minutes=9, seconds=59))
    assert is_signed_in(client)
    nine.shift(timedelta(minutes=10, seconds=1))
    response = client.get(PAGE, follow=True)
    assert response.redirect_chain == [("/login/?next=%2Fsettings%2Fsign-ins%2F", 302)]
    assert "because nothing happened for a while" in response.content.decode()
    nine.shift(timedelta(minutes=-10))
    assert not is_signed_in(client)


def test_a_busy_session_lives_eight_hours(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    for _ in range(7 * 12 + 11):
        nine.shift(timedelta(minutes=5))
        client.post("/session/extend/", headers={"Accept": "application/json"})
    nine.shift(timedelta(minutes=4))
    assert is_signed_in(client)  # 7:59 h
    nine.shift(timedelta(minutes=2))
    assert not is_signed_in(client)  # 8:01 h


def test_one_press_extends(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    nine.shift(timedelta(minutes=9))
    response = client.post("/session/extend/", {"next": PAGE})
    assert response.headers["Location"] == PAGE
    assert client.post("/session/extend/", headers={"Accept": "application/json"}).json() == {"extended": True}
    nine.shift(timedelta(minutes=9))
    assert is_signed_in(client)


def test_keeping_a_form_is_no_sign_of_life(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    nine.shift(timedelta(minutes=9))
    assert client.post("/session/keep/", {"_path": "/move/wekeza/", "amount": "500"}).status_code == 204
    nine.shift(timedelta(minutes=1, seconds=1))
    assert not is_signed_in(client)


def test_last_use_is_written_at_most_once_a_second(client: Client, wanjiku: User) -> None:
    client.get(PAGE)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(PAGE)
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]


def test_the_door_costs_one_query(client: Client, wanjiku: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.post("/session/extend/", headers={"Accept": "application/json"})
    assert len(queries) == 1


# --- What ends it ---------------------------------------------------------------------------------


def test_signing_out_ends_the_session_on_the_server(client: Client, wanjiku: User) -> None:
    cookie = client.cookies["wekeza_session"].value
    response = client.post("/logout/")
    assert response.headers["Location"] == "/login/"
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "You are signed out." in client.get("/login/").content.decode()
    thief = Client()
    thief.cookies["wekeza_session"] = cookie
    assert not is_signed_in(thief)
    assert SignedInSession.objects.get().ended_at is not None


def test_signing_out_is_no_link(client: Client, wanjiku: User) -> None:
    assert client.get("/logout/").status_code == 405
    assert is_signed_in(client)


def test_a_session_row_ended_elsewhere_is_dead_at_once(client: Client, wanjiku: User) -> None:
    SignedInSession.objects.update(ended_at=datetime(2026, 11, 23, 6, 0, tzinfo=UTC))
    assert not is_signed_in(client)


def test_a_session_without_its_row_is_no_session(client: Client, wanjiku: User) -> None:
    SignedInSession.objects.all().delete()
    assert not is_signed_in(client)


def test_a_session_without_the_second_factor_is_no_session(client: Client, wanjiku: User) -> None:
    CodeDevice.objects.update(confirmed=False)
    assert not is_signed_in(client)


def test_a_user_switched_off_is_out(client: Client, wanjiku: User) -> None:
    User.objects.update(is_active=False)
    assert not is_signed_in(client)


def test_a_changed_password_ends_every_session(client: Client, wanjiku: User) -> None:
    wanjiku.set_password("another sentence of mine")
    wanjiku.save(update_fields=["password"])
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"is_active": False}, "Your online access is closed"),
        ({"national_id": "1"}, "Your online access is closed"),
        ({"password_hash": "newpass123"}, "The bank has reset your online access"),
    ],
)
def test_what_the_branch_changes_is_in_force_at_the_next_request(
    client: Client, wanjiku: User, columns: dict[str, object], words: str
) -> None:
    assert is_signed_in(client)
    BranchCustomer.objects.filter(pk=wanjiku.customer_id).update(**columns)
    assert words in client.get(PAGE, follow=True).content.decode()
    assert not is_signed_in(client)


def test_a_customer_made_director_is_out(client: Client, wanjiku: User) -> None:
    BranchCustomer.objects.filter(pk=wanjiku.customer_id).update(business_id=BusinessFactory().business_id)
    assert not is_signed_in(client)


def test_a_customer_row_that_vanished_is_out(client: Client, wanjiku: User) -> None:
    BranchCustomer.objects.filter(pk=wanjiku.customer_id).delete()
    assert not is_signed_in(client)


def test_an_error_in_the_door_opens_nothing(client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("accounts.identity.guard.standing_of", broken)
    client.raise_request_exception = False
    assert client.get(PAGE).status_code == 500


def test_staff_meet_a_closed_door(client: Client, wanjiku: User) -> None:
    staff, browser = UserFactory(customer=None), Client()
    sign_in(browser, staff)
    assert browser.get(PAGE).status_code == 403
    assert browser.get("/help/").status_code == 200


# --- What the answers look like -------------------------------------------------------------------


def test_signed_in_pages_are_never_stored(client: Client, wanjiku: User) -> None:
    assert "no-store" in client.get(PAGE).headers["Cache-Control"]
    client.post("/logout/")
    assert "no-store" in client.get(PAGE).headers["Cache-Control"]


def test_a_script_gets_401_instead_of_a_page() -> None:
    browser = Client()
    assert browser.get(PAGE, headers={"Accept": "application/json"}).status_code == 401
    assert browser.get(PAGE, headers={"Sec-Fetch-Mode": "cors"}).status_code == 401
    assert browser.get(PAGE, headers={"Sec-Fetch-Mode": "navigate"}).status_code == 302


def test_who_is_signed_in_need_not_see_the_sign_in_page(client: Client, wanjiku: User) -> None:
    assert client.get("/login/", {"next": PAGE}).headers["Location"] == PAGE
    assert client.get("/enrol/").headers["Location"] == "/"


def test_an_open_page_shows_an_expired_session_as_nobody(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    nine.shift(timedelta(minutes=11))
    response = client.get("/help/")
    assert response.status_code == 200
    assert response.wsgi_request.customer is None
    assert not response.wsgi_request.user.is_authenticated


# --- What was being typed -------------------------------------------------------------------------

TYPED = {"to_account": "ACC1000015", "amount": "1500", "password": "never", "code": "123456", "note": "school"}


def restored(client: Client, user: User, path: str = "/move/wekeza/") -> dict[str, str] | None:
    from django.test import RequestFactory

    from accounts.identity import keptforms

    request = RequestFactory().get(path)
    request.user = user
    fields = keptforms.restored(request)
    return fields.dict() if fields else None


def test_what_was_typed_when_the_session_ran_out_is_given_back_once(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    nine.shift(timedelta(minutes=11))
    response = client.post("/move/wekeza/", TYPED, headers={"Referer": "http://testserver/move/wekeza/"})
    assert response.headers["Location"] == "/login/?next=%2Fmove%2Fwekeza%2F"
    assert restored(client, UserFactory()) is None
    assert restored(client, wanjiku) == {"to_account": "ACC1000015", "amount": "1500", "note": "school"}
    assert restored(client, wanjiku) is None


def test_what_is_kept_is_encrypted_and_holds_no_secret(client: Client, wanjiku: User) -> None:
    client.post("/session/keep/", {"_path": "/move/wekeza/", "csrfmiddlewaretoken": "x", **TYPED})
    row = KeptForm.objects.get()
    assert "ACC1000015" not in row.data
    opened = crypto.decrypt(row.data)
    for secret in ("never", "123456", "csrf", "_path"):
        assert secret not in opened


def test_what_is_kept_is_gone_after_a_day(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    client.post("/session/keep/", {"_path": "/move/wekeza/", **TYPED})
    nine.shift(timedelta(hours=24, seconds=1))
    assert restored(client, wanjiku) is None


@pytest.mark.parametrize("path", ["//evil.example", "/no/such/page/", "", "/logout/"])
def test_nothing_is_kept_for_a_page_that_is_not_ours(client: Client, wanjiku: User, path: str) -> None:
    client.post("/session/keep/", {"_path": path, **TYPED})
    assert not KeptForm.objects.exists()


def test_nothing_is_kept_from_a_session_that_was_ended(client: Client, wanjiku: User) -> None:
    SignedInSession.objects.update(ended_at=datetime(2026, 11, 23, 6, 0, tzinfo=UTC))
    client.post("/move/wekeza/", TYPED)
    assert not KeptForm.objects.exists()


def test_too_much_is_not_kept(client: Client, wanjiku: User) -> None:
    client.post("/session/keep/", {"_path": "/move/wekeza/", "note": "x" * 30_000})
    assert not KeptForm.objects.exists()


# --- Devices and history --------------------------------------------------------------------------


def test_half_a_login_is_not_in_the_history_as_one(wanjiku: User) -> None:
    browser = Client()
    give_password(browser, wanjiku)
    assert not wanjiku.sign_in_attempts.exists()
    walk_in(browser, wanjiku)
    assert wanjiku.sign_in_attempts.count() == 1
