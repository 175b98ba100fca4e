"""One page as the customer has it, drawn for staff who look.

The customer's own view draws it, from a request made here: a GET with the customer in it, with no session, no cookie
and nothing else of the staff's request but host and request id. The staff's request never carries the customer, so no
other code can act for one. While the page is drawn the database refuses whatever is not reading.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.middleware.csrf import get_token
from django.urls import ResolverMatch

from accounts.models import SupportView, User
from accounts.supporting.pages import address_in
from accounts.supporting.readonly import without_controls

READING = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


class WroteWhileLooking(Exception):
    """A page that would have changed something was asked for by staff who look. Nothing was changed."""


def draw(request: HttpRequest, view: SupportView, user: User, address: str, match: ResolverMatch) -> HttpResponse:
    """The page, read only; or the way to the page that the customer would be sent on to.

    Http404 where there is no such page or it leads to one that is not looked at. WroteWhileLooking.
    """
    with reading_only():
        answer = match.func(_as_customer(request, view, user, address, match), *match.args, **match.kwargs)
    lead = partial(address_in, view)
    if 300 <= answer.status_code < 400:
        onwards = lead(answer["Location"])
        if onwards is None:
            raise Http404
        return HttpResponseRedirect(onwards)
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
        raise Http404
    return HttpResponse(without_controls(answer.content.decode(), lead))


@contextmanager
def reading_only() -> Iterator[None]:
    """Whatever is sent to the database in here and is not reading raises WroteWhileLooking before it is sent."""
    with connection.execute_wrapper(_refuse_writing):
        yield


def _refuse_writing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if many or not sql.lstrip(" \n(").upper().startswith(READING):
        raise WroteWhileLooking(sql.split(None, 3)[:3])
    return execute(sql, params, many, context)


def _as_customer(
    request: HttpRequest, view: SupportView, user: User, address: str, match: ResolverMatch
) -> HttpRequest:
    get_token(request)  # the look's own form belongs to the staff's browser
    drawn: Any = HttpRequest()
    drawn.method, drawn.path, drawn.path_info = "GET", address, address
    drawn.GET = QueryDict(request.META.get("QUERY_STRING", ""))
    kept = ("SERVER_NAME", "SERVER_PORT", "HTTP_HOST", "wsgi.url_scheme", "CSRF_COOKIE")
    drawn.META = {name: request.META[name] for name in kept if name in request.META}
    drawn.META |= {"REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": drawn.GET.urlencode()}
    drawn.session, drawn.resolver_match = SessionBase(), match
    drawn.user, drawn.customer, drawn.signed_in_session = user, user.customer, None
    drawn.request_id, drawn.looking = getattr(request, "request_id", ""), view
    assert isinstance(drawn, HttpRequest)
    return drawn
