"""Stopping everything from inside, with one press; what is stopped; lifting it."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.freezing import lifting, stopping
from accounts.freezing.state import freeze_of
from accounts.identity.actors import actor_from
from accounts.identity.middleware import before_the_terms
from accounts.models import BranchCustomer, Freeze
from accounts.panels import panel
from accounts.requests import CustomerRequest
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import Policy, consume
from wekeza_portal.registry import freeze_stops

DONE_KEY = "everything_stopped_at"
LIFTS = Policy("freeze-lifts", 20, timedelta(hours=1))


@before_the_terms
@require_safe
def stop_everything(request: CustomerRequest) -> HttpResponse:
    """What the button does; once pressed, what is stopped since when, what is held back, how it ends."""
    freeze = freeze_of(request.customer.user_id)
    context: dict[str, Any] = {
        "freeze": freeze,
        "wait": lifting.minutes_to_wait(request.customer),
        "parts": parts_of(request.customer),
    }
    return render(request, "freezing/stop.html", context)


def parts_of(customer: BranchCustomer) -> list[dict[str, Any]]:
    """What else is held back, each part with its template: also after the stop, until it is decided about."""
    shown = [(part.template, panel(name, partial(part.load, customer))) for name, part in freeze_stops.items()]
    return [{"template": name, "shown": one} for name, one in shown if one.failed or one.value is not None]


@before_the_terms
@require_POST
def freeze_now(request: CustomerRequest) -> HttpResponse:
    """One press: everything stands still, and everybody is signed out, this browser too."""
    freeze = stopping.stop(request.customer.user_id, by=Freeze.By.INSIDE, actor=actor_from(request))
    response = to_done(request, freeze)
    response["Clear-Site-Data"] = '"cache", "storage"'  # as when signing out
    return response


def to_done(request: Any, freeze: Freeze) -> HttpResponse:
    """On to the page that says so, in a session that belongs to nobody any more."""
    request.session.flush()
    request.session[DONE_KEY] = freeze.since.isoformat()
    return HttpResponseRedirect(reverse("freeze_done"), status=303)


def done_at(request: Any) -> datetime | None:
    """Since when everything is stopped, if that was done in this browser."""
    kept = request.session.get(DONE_KEY)
    return datetime.fromisoformat(kept) if kept else None


@require_POST
def unfreeze_ask(request: CustomerRequest) -> HttpResponse:
    """Lifting it begins with a code."""
    consume(LIFTS, str(request.customer.user_id))
    try:
        draft = lifting.prepare(request.customer)
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return redirect("stop_everything")
    return HttpResponseRedirect(f"{reverse('step_up')}?for={draft.id}", status=303)


@require_POST
def unfreeze_call_off(request: CustomerRequest) -> HttpResponse:
    """Keep everything stopped after all."""
    if lifting.call_off(request.customer, actor_from(request)):
        messages.success(request, _("Everything stays stopped."))
    return redirect("stop_everything")
