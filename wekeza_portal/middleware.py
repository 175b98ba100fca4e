"""What every answer carries, whoever made it: view, error page, redirect or static file.

Order matters and is set in settings.MIDDLEWARE: what puts headers on stands outside of whatever may answer early.
"""

import logging
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from wekeza_portal import logs
from wekeza_portal.ratelimit import is_our_proxy

GetResponse = Callable[[HttpRequest], HttpResponseBase]
logger = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)
_COUNTED_TYPES = ("text/html", "application/pdf")
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")


class RequestIdMiddleware:
    """Names each request, so that a customer's error page, our log lines and the audit trail can be put together.

    An id that came with the request is not believed. Forwarding headers are dropped unless our own proxy sent them.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = str(uuid.uuid4())
        request.request_id = request_id  # type: ignore[attr-defined] # ours, put there by our middleware
        if not is_our_proxy(request.META.get("REMOTE_ADDR", "")):
            for name in _FORWARDED:
                request.META.pop(name, None)
        before = logs.request_id.set(request_id)
        nobody = logs.customer_id.set(None)
        started = time.monotonic()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request_id
            self._log(request, response, time.monotonic() - started)
        finally:
            logs.request_id.reset(before)
            logs.customer_id.reset(nobody)
        return response

    def _log(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        """One line per page: the route, not the address, because addresses may hold what is private."""
        match = request.resolver_match
        if match is None:
            return
        route = match.route
        logger.info("%s /%s %s in %.0f ms", request.method, route, response.status_code, seconds * 1000)


class ResponseHeadersMiddleware:
    """The headers no other middleware sets. Pages are never stored by browser or proxy unless a view says otherwise."""

    HEADERS = {
        "Cache-Control": "no-store, private",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": (
            "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
            "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), clipboard-write=(self)"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Permitted-Cross-Domain-Policies": "none",
    }

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class KnownMethodsMiddleware:
    """Pages are read and forms are sent; there is nothing here for another method (TRACE, PUT, OPTIONS) to do."""

    METHODS = ("GET", "HEAD", "POST")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request) if request.method in self.METHODS else HttpResponseNotAllowed(self.METHODS)


class DataUsedMiddleware:
    """Adds up what pages cost the customer's data bundle, as sent (compressed), in a cookie for the next page.

    Stands outside of compression and inside of static files, which browsers keep.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if self._ends_the_session(request, response):
            response.delete_cookie(settings.DATA_COOKIE_NAME, samesite="Lax")
        elif response.get("Content-Type", "").startswith(_COUNTED_TYPES):
            total = bytes_used(request) + _size(response)
            name, secure = settings.DATA_COOKIE_NAME, settings.TLS
            response.set_cookie(name, str(total), samesite="Lax", secure=secure, httponly=True)
        return response

    def _ends_the_session(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        match = request.resolver_match
        signs_out = request.method == "POST" and match is not None and match.url_name == "logout"
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        return signs_out or (cookie is not None and cookie["max-age"] == 0)


def bytes_used(request: HttpRequest) -> int:
    """Bytes counted so far in this session; 0 where the cookie is missing or was tampered with."""
    text = request.COOKIES.get(settings.DATA_COOKIE_NAME, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else 0


def _size(response: HttpResponseBase) -> int:
    if isinstance(response, HttpResponse):
        return len(response.content)
    length = response.get("Content-Length", "0")
    return int(length) if length.isdigit() else 0


class ServiceUnavailableMiddleware:
    """A database that cannot be reached is a calm page with 503 and a Retry-After, not a crash.

    Views' errors arrive here; those of middleware further in end in `wekeza_portal.operations.server_error`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return service_unavailable(request, exception) if isinstance(exception, DATABASE_AWAY) else None


def service_unavailable(request: HttpRequest, exception: BaseException) -> HttpResponse:
    """The 503 page; logged here once, in one line, and marked so that Django does not log it as a crash."""
    from wekeza_portal import pages  # templates load only once apps are ready

    logger.error("database unavailable: %s: %s", type(exception).__name__, exception)
    response = pages.unavailable(request)
    response.headers.setdefault("Retry-After", "10")
    response._has_been_logged = True  # type: ignore[attr-defined] # Django's own mark
    return response
