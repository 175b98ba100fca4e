"""Pages of the platform itself: help, more, manifest, style guide, and every way of saying that something failed."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from wekeza_portal.context import bank
from wekeza_portal.ratelimit import TooMany
from wekeza_portal.styleguide import specimens

# After a failed database the portal is usually back within seconds; ask browsers to wait this long.
BACK_SOON_SECONDS = 30


@require_safe
def more(request: HttpRequest) -> HttpResponse:
    """What the phone's tab bar has no room for, as a page of its own."""
    return render(request, "platform/more.html")


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How to reach the bank, and answers about what the portal does today. Open to everybody."""
    return render(request, "help/help.html", {"skeleton": _skeleton(request), "branches": settings.BRANCHES})


@login_not_required
@require_safe
@cache_control(public=True, max_age=86400)
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest: the bank's name, mark and colour as the settings have them."""
    icons = [
        {"src": static("icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": static("icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any"},
        {"src": static("icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    body = {
        "name": settings.PORTAL_NAME,
        "short_name": settings.BANK_NAME,
        "id": reverse("home"),
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "lang": translation.get_language(),
        "background_color": settings.THEME_COLOUR,
        "theme_color": settings.THEME_COLOUR,
        "icons": icons,
    }
    return JsonResponse(body, content_type="application/manifest+json")


@login_not_required
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every token and component on one page, alive. In the demo only."""
    if not settings.DEMO:
        raise Http404
    return render(request, "platform/styleguide.html", specimens())


# --- When something failed ----------------------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _failure(request, 400, too_many_files=isinstance(exception, TooManyFilesSent))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _failure(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: nearly always a form that lay open past sign-out, so say that. `reason` is for the log."""
    return _failure(request, 403, stale_form=True)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _failure(request, 404)


def method_not_allowed(request: HttpRequest, allow: str) -> HttpResponse:
    """405. `allow` is the list of methods for the Allow header, as Django's own answer had it."""
    return _failure(request, 405, headers={"Allow": allow})


def too_many(request: HttpRequest, retry_after: int) -> HttpResponse:
    """429 with Retry-After. `retry_after` in seconds; the page says it in minutes, rounded up."""
    seconds = max(1, retry_after)
    return _failure(request, 429, headers={"Retry-After": str(seconds)}, wait_minutes=-(-seconds // 60))


def withheld(request: HttpRequest, words: str) -> HttpResponse:
    """409: what is stored contradicts itself, so nothing is shown on the strength of it. `words` say what to do."""
    return _failure(request, 409, words=words)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, rendered without context processors: whatever broke must not break this page too."""
    return _bare_failure(request, 500)


def unavailable(request: HttpRequest, retry_after: int = BACK_SOON_SECONDS) -> HttpResponse:
    """503 with Retry-After, rendered without touching session, user or database."""
    return _bare_failure(request, 503, headers={"Retry-After": str(max(1, retry_after))})


class ErrorPageMiddleware:
    """Gives a page to refusals that Django answers bare: 405 from require_POST, and the limiter's TooMany."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return method_not_allowed(request, response["Allow"])
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return too_many(request, exception.retry_after) if isinstance(exception, TooMany) else None


def _skeleton(request: HttpRequest) -> str:
    return "section.html" if getattr(request, "customer", None) is not None else "public.html"


def _failure(request: HttpRequest, status: int, headers: dict[str, str] | None = None, **context: Any) -> HttpResponse:
    values = {"skeleton": _skeleton(request), "status": status, **context}
    body = render_to_string(f"errors/{status}.html", values, request)
    return HttpResponse(body, status=status, headers=headers)


def _bare_failure(request: HttpRequest, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    values = {
        "skeleton": "public.html",
        "status": status,
        "portal": bank(),
        "request_id": getattr(request, "request_id", ""),
        "LANGUAGE_CODE": translation.get_language(),
    }
    return HttpResponse(render_to_string(f"errors/{status}.html", values), status=status, headers=headers)
