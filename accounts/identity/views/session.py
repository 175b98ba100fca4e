"""While signed in and on the way out: sign out, stay, keep what is typed, see who was here."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.identity import devices, disowning, keptforms, selectors, sessions
from accounts.identity.actors import actor_from
from accounts.identity.middleware import before_the_terms, not_a_sign_of_life
from accounts.identity.redirects import safe_path
from accounts.requests import CustomerRequest, OpenRequest
from wekeza_portal import ratelimit
from wekeza_portal.audit.services import record


@login_not_required
@require_POST
def logout(request: OpenRequest) -> HttpResponse:
    """End this session here and on the server; the browser drops what it stored of our pages."""
    if request.signed_in_session is not None:
        record("sign_in.ended", actor=actor_from(request))
        sessions.end(request.signed_in_session)
    request.session.flush()
    messages.success(request, _("You are signed out."))
    response = redirect("login")
    # Not "cookies": they also hold the language and which browser this is.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@before_the_terms
@require_POST
def session_extend(request: CustomerRequest) -> HttpResponse:
    """Stay signed in: the request itself was the sign of life."""
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"extended": True})
    return redirect(safe_path(request.POST.get("next")) or "home")


@not_a_sign_of_life
@before_the_terms
@require_POST
def session_keep(request: CustomerRequest) -> HttpResponse:
    """Keep what is typed on a page, because the session may run out while nobody is there. 429 for too many."""
    ratelimit.consume(keptforms.KEEPING, str(request.signed_in_session.user_id))
    path = safe_path(request.POST.get("_path"))
    if path:
        keptforms.keep(request.signed_in_session.user_id, path, request.POST)
    return HttpResponse(status=204)


@require_safe
def sign_in_history(request: CustomerRequest) -> HttpResponse:
    """The latest tries to sign in, good and bad."""
    return render(request, "identity/sign_ins.html", {"lines": selectors.sign_ins(request.user)})


@before_the_terms
@require_POST
def not_me(request: CustomerRequest) -> HttpResponse:
    """Sign out every other browser, make it a stranger, void what may be under way; on to another password."""
    with transaction.atomic():
        ended = disowning.disown(request.user, request.signed_in_session, devices.token_of(request))
        record("sign_in.disowned", actor=actor_from(request), data={"sessions_ended": ended})
    messages.warning(
        request,
        _("Every other browser is signed out. Now choose another password, and call the fraud line: %(phone)s.")
        % {"phone": settings.FRAUD_PHONE},
    )
    return redirect("password")
