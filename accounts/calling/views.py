"""The page that says whether the bank is calling, inside and, with a code, outside."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.calling.forms import WhoForm
from accounts.calling.selectors import calls_of, open_call_of, past
from accounts.identity import outside
from accounts.identity.factors.ways import closed
from accounts.identity.views.asking import form_of
from accounts.identity.views.refusals import refuse
from accounts.models import OneTimeCode, Way
from accounts.requests import OpenRequest
from wekeza_portal import clock
from wekeza_portal.errors import PortalError

CALLING = OneTimeCode.Purpose.CALLING
require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])
KEY = "calls_of"
SHOWN_FOR = timedelta(minutes=10)
"""How long a browser outside may look again after one code."""


@login_not_required
@require_get_or_post
def calling(request: OpenRequest) -> HttpResponse:
    """Who is calling now. Signed in: with the calls of before. Outside: after a code, or the form that asks for one."""
    if request.customer is not None:
        return _inside(request)
    customer_id = _proven(request)
    if customer_id is not None and request.method != "POST":
        context = {"call": open_call_of(customer_id), "now": clock.now()}
        return render(request, "calling/outside.html", context)
    return _ask(request)


def _inside(request: OpenRequest) -> HttpResponse:
    assert request.customer is not None
    context = {
        "call": open_call_of(request.customer.user_id),
        "past": past(calls_of(request.customer)),
        "now": clock.now(),
    }
    return render(request, "calling/inside.html", context)


def _ask(request: OpenRequest) -> HttpResponse:
    form = WhoForm(request.POST or None)
    context: dict[str, Any] = {"closed": closed(outside.WAYS)}
    if request.method != "POST" or not form.is_valid():
        return render(request, "calling/who.html", {"form": form, **context})
    try:
        outside.ask(request, CALLING, form.cleaned_data["who"], Way(form.cleaned_data["way"]))
    except PortalError as error:
        return refuse(request, "calling/who.html", form, error, **context)
    return redirect("calling_code")


@login_not_required
@require_get_or_post
def calling_code(request: OpenRequest) -> HttpResponse:
    """The code of this browser; the right one shows who is calling, for ten minutes."""
    way = outside.asked(request, CALLING)
    if way is None:
        return redirect("calling")
    form = form_of(way)(request.POST or None)
    context: dict[str, Any] = {"way": way.value}
    if request.method != "POST" or not form.is_valid():
        return render(request, "calling/code.html", {"form": form, **context})
    try:
        owner = outside.prove(request, CALLING, form.cleaned_data["code"])
    except PortalError as error:
        return refuse(request, "calling/code.html", form, error, **context)
    request.session[KEY] = [owner, clock.now().isoformat()]
    return redirect("calling")


def _proven(request: OpenRequest) -> int | None:
    """Whose calls this browser may look at, by the code it gave in the last ten minutes."""
    kept = request.session.get(KEY)
    if not kept or clock.now() - datetime.fromisoformat(kept[1]) > SHOWN_FOR:
        return None
    return int(kept[0])
