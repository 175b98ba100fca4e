"""Stopping everything without signing in: who it is, then one code. The pages tell nobody who is a customer."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from accounts.freezing import papers, stopping
from accounts.freezing.forms import WhoForm
from accounts.freezing.views import done_at, to_done
from accounts.identity import outside
from accounts.identity.actors import actor_from
from accounts.identity.factors.ways import closed
from accounts.identity.views.asking import form_of
from accounts.identity.views.refusals import refuse
from accounts.models import Freeze, OneTimeCode, Way
from accounts.requests import OpenRequest
from wekeza_portal.errors import PortalError

FREEZE = OneTimeCode.Purpose.FREEZE
require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@require_get_or_post
def freeze(request: OpenRequest) -> HttpResponse:
    """Who it is. Whoever is signed in has the button inside."""
    if request.customer is not None:
        return redirect("stop_everything")
    form = WhoForm(request.POST or None)
    context: dict[str, Any] = {"closed": closed(outside.WAYS)}
    if request.method != "POST" or not form.is_valid():
        return render(request, "freezing/who.html", {"form": form, **context})
    try:
        outside.ask(request, FREEZE, form.cleaned_data["who"], Way(form.cleaned_data["way"]))
    except PortalError as error:
        return refuse(request, "freezing/who.html", form, error, **context)
    return redirect("freeze_code")


@login_not_required
@require_get_or_post
def freeze_code(request: OpenRequest) -> HttpResponse:
    """The code of this browser. The right one stops everything, at once."""
    way = outside.asked(request, FREEZE)
    if way is None:
        return redirect("freeze")
    form = form_of(way)(request.POST or None)
    context: dict[str, Any] = {"way": way.value}
    if request.method != "POST" or not form.is_valid():
        return render(request, "freezing/code.html", {"form": form, **context})
    try:
        owner = outside.prove(request, FREEZE, form.cleaned_data["code"])
    except PortalError as error:
        return refuse(request, "freezing/code.html", form, error, **context)
    return to_done(request, stopping.stop(owner, by=Freeze.By.OUTSIDE, actor=actor_from(request)))


@login_not_required
@require_safe
def freeze_done(request: OpenRequest) -> HttpResponse:
    """What stands still now, and what to do next. Only in the browser where it was done."""
    since = done_at(request)
    if since is None:
        return redirect("freeze")
    return render(request, "freezing/done.html", {"since": since})


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def freeze_card(request: OpenRequest) -> HttpResponse:
    """How to stop everything, in both languages, to print and keep by the door."""
    headers = {"Content-Disposition": 'inline; filename="wekeza-stop-everything.pdf"'}
    return HttpResponse(papers.card(), content_type="application/pdf", headers=headers)
