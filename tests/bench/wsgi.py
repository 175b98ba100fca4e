"""The portal's WSGI application with one page more: the least that Django can show to somebody signed in."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from wekeza_portal.wsgi import application as portal

# isort: split
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.wsgi import WSGIHandler

from accounts.models import Account

MINIMAL = "/bench/minimal/"


def minimal(request: HttpRequest) -> HttpResponse:
    """Session, user, one query: nothing of ours."""
    own = Account.objects.filter(customer_id=request.user.customer_id)
    return HttpResponse(f"<!doctype html><title>Balance</title><p>{own.values_list('balance', flat=True).first()}")


least = WSGIHandler()
least._middleware_chain = SessionMiddleware(AuthenticationMiddleware(minimal))


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """That page alone goes without the portal's middleware."""
    return (least if environ["PATH_INFO"] == MINIMAL else portal)(environ, start_response)
