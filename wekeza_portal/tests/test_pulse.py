"""While the database hangs: open pages for everybody, a calm refusal for the rest, nobody signed out."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from accounts.models import User
from tests.factories import UserFactory
from tests.support import sign_in
from wekeza_portal import pulse

pytestmark = pytest.mark.django_db


@pytest.fixture
def hanging() -> Iterator[None]:
    pulse._hangs.set()
    yield
    pulse._hangs.clear()


@pytest.fixture
def user(client: Client) -> User:
    user = UserFactory()
    sign_in(client, user)
    client.raise_request_exception = False
    return user


def test_a_database_that_answers_is_asked_again(client: Client, user: User) -> None:
    pulse._hangs.set()
    refused = client.get("/").status_code
    pulse._hangs.clear()
    assert (refused, client.get("/").status_code) == (503, 200)


@pytest.mark.usefixtures("hanging")
def test_one_that_hangs_is_not_asked() -> None:
    with pytest.raises(OperationalError):
        pulse.refuse_if_it_hangs()


@pytest.mark.parametrize("path", ["/help/", "/login/", "/healthz"])
@pytest.mark.usefixtures("hanging", "user")
def test_an_open_page_is_shown_as_to_anybody_and_the_session_is_left_alone(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert settings.SESSION_COOKIE_NAME not in response.cookies
    assert b"/logout/" not in response.content


@pytest.mark.parametrize("path", ["/", "/move/", "/view/"])
@pytest.mark.usefixtures("hanging", "user")
def test_a_customers_page_is_refused_at_once(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 503
    assert response["Retry-After"]
    assert settings.SESSION_COOKIE_NAME not in response.cookies


@pytest.mark.usefixtures("hanging")
def test_a_form_of_an_open_page_is_refused_too(client: Client) -> None:
    client.raise_request_exception = False
    assert client.post("/login/", {"email": "a@b.c", "password": "x"}).status_code == 503


def test_the_same_session_goes_on_when_the_database_answers_again(client: Client, user: User) -> None:
    pulse._hangs.set()
    assert client.get("/").status_code == 503
    assert client.get("/help/").status_code == 200
    pulse._hangs.clear()
    assert client.get("/").status_code == 200
