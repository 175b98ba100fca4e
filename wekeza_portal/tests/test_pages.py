"""The platform's own pages: help, more, manifest, style guide, and each way of failing."""

import gzip
import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.factories import AccountFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import context, pages
from wekeza_portal.ratelimit import TooMany

SAFE = "Nothing was sent"
PAGE_LIMIT, FIRST_LOAD_LIMIT = 15_000, 60_000


@pytest.fixture
def visitor() -> HttpRequest:
    request = RequestFactory().get("/somewhere/")
    request.customer = None
    request.request_id = "5b1f0c1e"
    return request


def html(response: Any) -> str:
    return str(response.content.decode())


ANSWERS: dict[int, Any] = {
    400: pages.bad_request,
    403: pages.forbidden,
    404: pages.not_found,
    405: lambda request: pages.method_not_allowed(request, "POST"),
    429: lambda request: pages.too_many(request, 130),
    500: pages.server_error,
    503: pages.unavailable,
}


@pytest.mark.parametrize("status", ANSWERS)
def test_every_failure_is_a_page_with_a_way_on(status: int, visitor: HttpRequest) -> None:
    response = ANSWERS[status](visitor)
    text = html(response)
    assert response.status_code == status
    assert text.count("<h1>") == 1
    assert settings.SUPPORT_PHONE in text
    assert "5b1f0c1e" in text
    assert "- Wekeza Personal Banking</title>" in text
    assert re.search(r"nothing was sent", text, re.IGNORECASE)


@pytest.mark.parametrize("status", ANSWERS)
def test_a_failure_page_shows_only_as_much_of_the_id_as_can_be_read_out(status: int, visitor: HttpRequest) -> None:
    visitor.request_id = "5b1f0c1e-9a7d-4c55-8d3e-0123456789ab"
    text = html(ANSWERS[status](visitor))
    assert "<code>5b1f0c1e</code>" in text
    assert "9a7d" not in text


@pytest.mark.parametrize("status", ANSWERS)
def test_no_failure_page_asks_the_database(status: int, visitor: HttpRequest) -> None:
    # Without the django_db mark, a query raises.
    ANSWERS[status](visitor)


def test_the_crash_page_needs_neither_request_details_nor_context_processors(
    visitor: HttpRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "portal", lambda request: 1 / 0)
    del visitor.request_id
    assert pages.server_error(visitor).status_code == 500
    assert pages.unavailable(visitor).status_code == 503


def test_too_many_tries_says_when_to_come_back(visitor: HttpRequest) -> None:
    response = pages.too_many(visitor, 130)
    assert response["Retry-After"] == "130"
    assert "wait 3 minutes" in html(response)
    assert "wait 1 minute," in html(pages.too_many(visitor, 1))


def test_an_unavailable_portal_says_when_to_come_back(visitor: HttpRequest) -> None:
    assert pages.unavailable(visitor, 7)["Retry-After"] == "7"


def test_a_stale_form_is_told_apart_from_a_forbidden_page(visitor: HttpRequest) -> None:
    assert "open for a long time" in html(pages.csrf_failure(visitor, reason="CSRF token missing."))
    assert "open for a long time" not in html(pages.forbidden(visitor))


def test_a_refused_csrf_token_shows_our_page(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/login/", {"email": "a@b.c"})
    assert response.status_code == 403
    assert SAFE in html(response)


def through_middleware(answer: HttpResponse, request: HttpRequest) -> HttpResponse:
    return pages.ErrorPageMiddleware(lambda _request: answer)(request)


def test_a_bare_405_gets_a_page_and_keeps_its_allow_header(visitor: HttpRequest) -> None:
    response = through_middleware(HttpResponseNotAllowed(["POST"]), visitor)
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert SAFE in html(response)


def test_other_answers_pass_the_middleware_untouched(visitor: HttpRequest) -> None:
    answer = HttpResponse("ok")
    assert through_middleware(answer, visitor) is answer


def test_the_limiter_becomes_a_429_and_other_errors_go_on(visitor: HttpRequest) -> None:
    middleware = pages.ErrorPageMiddleware(lambda _request: HttpResponse())
    answer = middleware.process_exception(visitor, TooMany(60))
    assert answer is not None
    assert answer.status_code == 429
    assert middleware.process_exception(visitor, ValueError()) is None


@pytest.mark.django_db
def test_an_unknown_address_is_our_404(client: Client) -> None:
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    assert "We cannot find that page" in html(response)


@pytest.mark.django_db
def test_help_is_open_to_everybody_and_names_every_branch(client: Client) -> None:
    response = client.get(reverse("help"))
    assert response.status_code == 200
    for branch in settings.BRANCHES:
        assert f'id="{branch["id"]}"' in html(response)
        assert branch["street"] in html(response)
    assert settings.FRAUD_PHONE in html(response)


@pytest.mark.django_db
def test_help_keeps_the_navigation_for_who_is_signed_in(client: Client) -> None:
    user = UserFactory()
    sign_in(client, user)
    assert 'class="tabs"' in html(client.get(reverse("help")))
    assert 'class="tabs"' not in html(Client().get(reverse("help")))


@pytest.mark.django_db
def test_more_leads_to_everything_the_tab_bar_leaves_out(client: Client) -> None:
    sign_in(client, UserFactory())
    client.cookies["data_used"] = "54321"
    text = html(client.get(reverse("more")))
    for name in ("borrow", "insure", "settings", "help"):
        assert f'href="{reverse(name)}"' in text
    assert f'action="{reverse("logout")}"' in text
    assert f'action="{reverse("language")}"' in text
    assert settings.VERSION in text
    assert "55 KB" in text


@pytest.mark.django_db
def test_more_is_for_customers_only(client: Client) -> None:
    response = client.get(reverse("more"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["help", "manifest", "styleguide"])
def test_platform_pages_refuse_to_be_posted_to(name: str, client: Client, settings: Any) -> None:
    settings.DEMO = True
    assert client.post(reverse(name)).status_code == 405


@pytest.mark.django_db
def test_the_manifest_follows_the_settings(client: Client, settings: Any) -> None:
    settings.PORTAL_NAME, settings.BANK_NAME, settings.THEME_COLOUR = "Benki Yetu Online", "Benki Yetu", "#123456"
    response = client.get(reverse("manifest"))
    body = json.loads(response.content)
    assert response["Content-Type"] == "application/manifest+json"
    assert (body["name"], body["short_name"], body["theme_color"]) == ("Benki Yetu Online", "Benki Yetu", "#123456")
    assert {icon["sizes"] for icon in body["icons"]} == {"192x192", "512x512"}


@pytest.mark.django_db
def test_the_bank_may_change_its_face(client: Client, settings: Any) -> None:
    settings.PORTAL_NAME, settings.SUPPORT_PHONE = "Benki Yetu Online", "+254 711 000 999"
    text = html(client.get(reverse("help")))
    assert "<title>Help - Benki Yetu Online</title>" in text
    assert 'href="tel:+254711000999"' in text


@pytest.mark.django_db
def test_the_style_guide_stands_in_the_demo_only(client: Client, settings: Any) -> None:
    settings.DEMO = False
    assert client.get(reverse("styleguide")).status_code == 404
    settings.DEMO = True
    assert client.get(reverse("styleguide")).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "native"), [("en", "English"), ("sw", "Kiswahili")])
def test_every_page_offers_both_languages_in_their_own_words(code: str, native: str, client: Client) -> None:
    assert re.search(
        rf'<button name="language" value="{code}" lang="{code}"[^>]*>{native}</button>',
        html(client.get(reverse("help"))),
    )


@pytest.mark.django_db
def test_the_first_load_and_each_page_stay_light(client: Client) -> None:
    user = UserFactory()
    AccountFactory(customer=user.customer)
    sign_in(client, user)
    sizes = {name: len(gzip.compress(client.get(reverse(name)).content, 6)) for name in ("home", "more", "help")}
    assert max(sizes.values()) < PAGE_LIMIT, sizes
    static = settings.BASE_DIR / "static"
    wanted = [static / "portal.css", static / "icons.svg", static / "favicon.svg", *(static / "js").glob("*.js")]
    first = max(sizes.values()) + sum(len(gzip.compress(file.read_bytes(), 6)) for file in wanted)
    first += (static / "icon-192.png").stat().st_size
    assert first < FIRST_LOAD_LIMIT, first


@pytest.mark.parametrize(
    ("cookie", "count"), [("", 0), ("123", 123), ("-5", 0), ("1e9", 0), ("٣", 0), ("9" * 40, 10**12)]
)
def test_the_data_counter_believes_plain_numbers_only(cookie: str, count: int) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["data_used"] = cookie
    assert context.data_used(request) == count


@pytest.mark.parametrize(
    ("route", "name", "section"),
    [
        ("", "home", "home"),
        ("move/payments/<uuid:instruction_id>/", "payment_receipt", "move"),
        ("view/", "view", "view"),
        ("settings/sign-ins/", "sign_in_history", "settings"),
        ("login/", "login", ""),
        ("step-up/", "step_up", ""),
    ],
)
def test_the_navigation_knows_where_a_page_stands(route: str, name: str, section: str) -> None:
    request = RequestFactory().get("/")
    request.resolver_match = SimpleNamespace(route=route, url_name=name)
    assert context.section_of(request) == section


def test_a_page_outside_of_the_site_stands_nowhere() -> None:
    request = RequestFactory().get("/")
    assert context.section_of(request) == ""
