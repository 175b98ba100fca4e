"""Where one is signed in and with which browsers; ending one, ending all others, forgetting one."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.identity import devices as known
from accounts.identity import selectors, sessions
from accounts.identity.actors import actor_from
from accounts.identity.middleware import before_the_terms
from accounts.requests import CustomerRequest
from wekeza_portal.audit.services import record
from wekeza_portal.ratelimit import client_address


@require_safe
def devices(request: CustomerRequest) -> HttpResponse:
    """Every live session and every known browser."""
    here, this = client_address(request), known.digest(known.token_of(request))
    signed_in = selectors.signed_in(request.user, request.signed_in_session, here)
    context = {
        "signed_in": signed_in,
        "others": len(signed_in) > 1,
        "known": selectors.known_browsers(request.user, this, here),
    }
    return render(request, "identity/devices.html", context)


@before_the_terms
@require_POST
def session_end(request: CustomerRequest, session_id: uuid.UUID) -> HttpResponse:
    """Sign one browser out: it is out at its next request."""
    ended = sessions.end_own(request.user, session_id)
    record("session.ended", actor=actor_from(request), subject=f"session:{ended.public_id}")
    messages.success(request, _("That browser is signed out."))
    return redirect("devices")


@before_the_terms
@require_POST
def sessions_end_others(request: CustomerRequest) -> HttpResponse:
    """Sign every browser out but this one."""
    ended = sessions.end_all(request.user, but=request.signed_in_session)
    record("session.others_ended", actor=actor_from(request), data={"sessions_ended": ended})
    messages.success(request, _("Every other browser is signed out."))
    return redirect("devices")


@require_POST
def device_forget(request: CustomerRequest, device_id: uuid.UUID) -> HttpResponse:
    """The next sign-in with that browser is one with a new browser, and is told."""
    known.forget(request.user, device_id)
    record("device.forgotten", actor=actor_from(request), subject=f"device:{device_id}")
    messages.success(request, _("That browser is forgotten. If somebody signs in with it again, we will tell you."))
    return redirect("devices")
