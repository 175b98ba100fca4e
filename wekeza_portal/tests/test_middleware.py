"""Every answer, whoever made it, carries the bank's headers; an outage is a calm page."""

import gzip
import logging
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from wekeza_portal import logs

pytestmark = [pytest.mark.django_db, pytest.mark.urls("wekeza_portal.tests.sample_urls")]

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


def away(*_: object, **__: object) -> None:
    raise OperationalError(2002, "Can't connect to local server")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/sample/page/", 200),
        ("/sample/forbidden/", 403),
        ("/nowhere/", 404),
        ("/sample/crash/", 500),
        ("/sample/away/", 503),
        ("/sample/page", 301),
        ("/static/js/hide.js", None),
        ("/healthz", 200),
    ],
)
def test_every_answer_carries_the_headers(browser: Client, address: str, status: int | None) -> None:
    response = browser.get(address)
    if status is not None:
        assert response.status_code == status
    for name, value in EXPECTED.items():
        assert response[name] == value, name
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "require-trusted-types-for 'script'" in response["Content-Security-Policy"]
    assert "camera=()" in response["Permissions-Policy"]
    assert len(response["X-Request-ID"]) == 36


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT", "X" * 500])
@pytest.mark.parametrize("address", ["/sample/page/", "/nowhere/", "/healthz", "/static/js/hide.js"])
def test_a_method_nobody_needs_is_refused_and_echoes_nothing(browser: Client, method: str, address: str) -> None:
    answer = browser.generic(method, address, data="typed", HTTP_X_TYPED="typed")
    assert (answer.status_code, answer["Allow"], answer.content) == (405, "GET, HEAD, POST", b"")
    for name, value in EXPECTED.items():
        assert answer[name] == value, name


def test_a_forged_host_name_is_refused_with_the_same_headers(browser: Client) -> None:
    response = browser.get("/sample/page/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert response["X-Frame-Options"] == "DENY"
    assert "Content-Security-Policy" in response


def test_the_redirect_to_tls_carries_them_too(browser: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = Client().get("/sample/page/")
    assert response.status_code == 301
    assert "Content-Security-Policy" in response
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_supervisor_may_ask_without_tls(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/healthz").status_code == 200


# --- Caching ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/sample/page/", "/nowhere/", "/sample/crash/", "/sample/echo/"])
def test_nobody_stores_a_page(browser: Client, address: str) -> None:
    assert "no-store" in browser.get(address)["Cache-Control"]


def test_a_view_may_say_otherwise(browser: Client) -> None:
    assert browser.get("/sample/cached/")["Cache-Control"] == "public, max-age=60"


# --- Request id and proxies ---------------------------------------------------------------------------------------


def test_the_request_has_the_id_that_the_answer_and_the_log_lines_carry(
    browser: Client, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []
    with mock.patch.object(logging.getLogger("wekeza_portal.middleware"), "info") as info:
        info.side_effect = lambda *_: seen.append(logs.request_id.get())
        response = browser.get("/sample/echo/")
    assert response.json()["id"] == response["X-Request-ID"]
    assert seen == [response["X-Request-ID"]]
    assert logs.request_id.get() == ""


def test_an_id_sent_along_is_not_believed(browser: Client) -> None:
    response = browser.get("/sample/echo/", headers={"x-request-id": "mine"})
    assert response["X-Request-ID"] != "mine"
    assert browser.get("/sample/echo/")["X-Request-ID"] != response["X-Request-ID"]


def test_the_log_names_the_route_not_the_address(browser: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="wekeza_portal.middleware"):
        browser.get("/sample/page/?secret=hush")
    assert "GET /sample/page/ 200 in" in caplog.text
    assert "hush" not in caplog.text


FORWARDED = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "x-forwarded-host": "evil.example"}


def test_forwarding_headers_from_a_stranger_are_dropped(browser: Client) -> None:
    seen = browser.get("/sample/echo/", headers=FORWARDED).json()
    assert [value for name, value in seen.items() if "FORWARDED" in name] == [None, None, None]


@pytest.mark.parametrize("proxies", [["127.0.0.1"], ["127.0.0.0/8"], ["10.0.0.0/8", "127.0.0.0/30"]])
def test_forwarding_headers_from_our_proxy_are_kept(browser: Client, settings: Settings, proxies: list[str]) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert browser.get("/sample/echo/", headers=FORWARDED).json()["HTTP_X_FORWARDED_FOR"] == "203.0.113.9"


@pytest.mark.parametrize("proxies", [["127.0.0.2"], ["10.0.0.0/8"], []])
def test_forwarding_headers_from_beside_our_proxies_are_dropped(
    browser: Client, settings: Settings, proxies: list[str]
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert browser.get("/sample/echo/", headers=FORWARDED).json()["HTTP_X_FORWARDED_FOR"] is None


# --- Data used ----------------------------------------------------------------------------------------------------


def used(browser: Client) -> int:
    return int(browser.cookies["data_used"].value)


def test_it_counts_what_was_sent_not_what_was_written(browser: Client) -> None:
    response = browser.get("/sample/page/", headers={"accept-encoding": "gzip"})
    assert used(browser) == len(response.content) < len(gzip.decompress(response.content))


def test_it_adds_up_over_pages(browser: Client) -> None:
    first = len(browser.get("/sample/page/").content)
    second = len(browser.get("/sample/cached/").content)
    assert used(browser) == first + second


def test_it_counts_a_paper_by_its_length(browser: Client) -> None:
    browser.get("/sample/paper/")
    assert used(browser) == 5


def test_no_script_and_no_other_site_gets_the_count(browser: Client) -> None:
    browser.get("/sample/page/")
    cookie = browser.cookies["data_used"]
    assert (cookie["samesite"], cookie["httponly"], cookie["max-age"]) == ("Lax", True, "")


@pytest.mark.parametrize("address", ["/static/js/hide.js", "/healthz", "/sample/echo/"])
def test_static_files_and_probes_set_no_cookie(browser: Client, address: str) -> None:
    response = browser.get(address)
    if "text/html" not in response["Content-Type"]:
        assert "data_used" not in response.cookies


@pytest.mark.parametrize("tampered", ["many", "-5", "1e9", "9" * 40, ""])
def test_a_tampered_count_starts_again(browser: Client, tampered: str) -> None:
    browser.cookies["data_used"] = tampered
    response = browser.get("/sample/cached/")
    assert used(browser) == len(response.content)


def test_signing_out_forgets_the_count(browser: Client) -> None:
    browser.get("/sample/page/")
    browser.post("/sample/logout/")
    assert browser.cookies["data_used"].value == ""


# --- Outage -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/sample/away/", "/sample/cut/"])
def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(
    browser: Client, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    started = time.monotonic()
    response = browser.get(address)
    assert time.monotonic() - started < 3
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "database unavailable" in caplog.text
    assert "Traceback" not in caplog.text
    assert "2002" not in response.content.decode()


@pytest.fixture
def no_sessions() -> Iterator[None]:
    with mock.patch.object(SessionStore, "load", away):
        yield


def test_a_database_that_goes_away_inside_a_middleware_is_a_503_too(
    browser: Client, no_sessions: None, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    browser.cookies[settings.SESSION_COOKIE_NAME] = "3x9k2m4n5b6v7c8x9z1a2s3d4f5g6h7j"
    response = browser.get("/")
    assert response.status_code == 503
    assert "Retry-After" in response
    assert response["X-Frame-Options"] == "DENY"
    assert "Traceback" not in caplog.text


def test_any_other_crash_is_a_500_with_its_trace_in_the_log(browser: Client, caplog: pytest.LogCaptureFixture) -> None:
    response: Any = browser.get("/sample/crash/")
    assert response.status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivisionError" not in response.content.decode()
