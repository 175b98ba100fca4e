"""The session that comes with its user: anew at every request, and only when everything about it is in order."""

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY

from accounts.identity.sessionstore import SessionStore
from accounts.models import CodeDevice, SignedInSession, User
from tests.factories import UserFactory
from tests.support import sign_in

pytestmark = pytest.mark.django_db
PAGE = "/settings/"


@pytest.fixture
def wanjiku() -> User:
    return UserFactory()


@pytest.fixture
def client(client: Client, wanjiku: User) -> Client:
    sign_in(client, wanjiku)
    return client


def is_signed_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def test_the_session_brings_its_user_and_customer(client: Client, wanjiku: User) -> None:
    store = SessionStore(client.session.session_key)
    assert store[SESSION_KEY] == str(wanjiku.pk)
    assert store.signed_in.user == wanjiku
    assert store.signed_in.user.customer == wanjiku.customer


@pytest.mark.parametrize("key", [None, "", "a" * 32, "' OR 1=1 -- aaaaaaaaaaaaaaaaaaaaaa"])
def test_an_unknown_key_is_an_empty_session(client: Client, key: str | None) -> None:
    store = SessionStore(key)
    assert store.get(SESSION_KEY) is None
    assert store.signed_in is None


def test_half_a_login_has_a_session_and_nobody_in_it(db: None) -> None:
    store = SessionStore()
    store["half_login"] = ["x"]
    store.create()
    again = SessionStore(store.session_key)
    assert again["half_login"] == ["x"]
    assert again.signed_in is None


def test_a_session_that_ran_out_in_django_s_own_table_is_none(client: Client) -> None:
    assert is_signed_in(client)
    Session.objects.update(expire_date="2001-01-01 00:00:00+03:00")
    assert not is_signed_in(client)


def test_a_session_deleted_on_another_host_is_none(client: Client) -> None:
    Session.objects.all().delete()
    assert not is_signed_in(client)


def test_a_new_password_ends_the_session(client: Client, wanjiku: User) -> None:
    wanjiku.set_password("another long password 7")
    wanjiku.save(update_fields=["password"])
    assert not is_signed_in(client)


def test_a_frozen_customer_is_out_at_the_next_request(client: Client, wanjiku: User) -> None:
    assert is_signed_in(client)
    customer = wanjiku.customer
    assert customer is not None
    type(customer).objects.filter(pk=customer.pk).update(is_active=False)
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (HASH_SESSION_KEY, "0" * 64),
        (HASH_SESSION_KEY, ""),
        (BACKEND_SESSION_KEY, "django.contrib.auth.backends.ModelBackend"),
        (DEVICE_ID_SESSION_KEY, "accounts.codedevice/0"),
        (DEVICE_ID_SESSION_KEY, ""),
    ],
)
def test_a_session_that_is_not_exactly_as_it_was_made_is_none(client: Client, name: str, value: str) -> None:
    session = client.session
    session[name] = value
    session.save()
    assert not is_signed_in(client)


def test_a_session_that_names_somebody_else_is_none(client: Client, wanjiku: User) -> None:
    stranger = UserFactory()
    session = client.session
    session[SESSION_KEY] = str(stranger.pk)
    session.save()
    assert not is_signed_in(client)


def test_somebody_else_s_device_is_no_second_factor(client: Client, wanjiku: User) -> None:
    stranger = UserFactory()
    other, _made = CodeDevice.objects.get_or_create(user=stranger, defaults={"name": "theirs"})
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = other.persistent_id
    session.save()
    assert not is_signed_in(client)


def test_two_customers_in_turn_never_meet(client: Client, wanjiku: User) -> None:
    other, otieno = Client(), UserFactory()
    sign_in(other, otieno)
    for _ in range(3):
        assert client.get(PAGE).wsgi_request.user == wanjiku
        assert other.get(PAGE).wsgi_request.user == otieno
    assert SignedInSession.objects.count() == 2
