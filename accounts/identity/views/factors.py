"""Settings of the second factor: which ways there are, which is asked first, what is added and removed."""

import secrets
import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.identity import sessions, simguard, trusted
from accounts.identity.actors import actor_from
from accounts.identity.factors import acts, app, backup, choosing, listing
from accounts.identity.factors.errors import TookTooLong
from accounts.identity.factors.ways import Ways, ways_of
from accounts.identity.forms import AppCodeForm, ChangeForm, FirstWayForm, SeedForm
from accounts.identity.views.refusals import refuse
from accounts.models import AuthenticatorApp
from accounts.requests import CustomerRequest
from wekeza_portal import clock, oath
from wekeza_portal.audit.services import record
from wekeza_portal.documents.codes import qr_code
from wekeza_portal.errors import PortalError


@require_safe
def security_settings(request: CustomerRequest) -> HttpResponse:
    """Every way the customer can confirm that it is them."""
    ways = ways_of(request.user, request.customer)
    return _page(request, ways, FirstWayForm(ways=ways.may_come_first, first=ways.first))


@require_POST
def first_way(request: CustomerRequest) -> HttpResponse:
    """Which way is asked first from now on."""
    ways = ways_of(request.user, request.customer)
    form = FirstWayForm(request.POST, ways=ways.may_come_first, first=ways.first)
    if not form.is_valid():
        return _page(request, ways, form)
    way = form.cleaned_data["way"]
    choosing.begin_with(request.user, way, ways, actor_from(request))
    messages.success(request, _("From now on we ask for this first: %(way)s.") % {"way": way.label})
    return redirect("security_settings")


@require_POST
def change_factors(request: CustomerRequest) -> HttpResponse:
    """Add or remove a way: prepared here, done on the step-up page once it is confirmed with another one."""
    form = ChangeForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    try:
        wanted = form.cleaned_data
        act = acts.prepare(request.user, request.customer, wanted["act"], wanted["passkey"])
    except PortalError as error:
        messages.error(request, str(error))
        return redirect("security_settings")
    return HttpResponseRedirect(f"{reverse('step_up')}?for={act.id}", status=303)


@require_POST
def forget_trusted(request: CustomerRequest) -> HttpResponse:
    """Ask for a code in every browser again."""
    count = trusted.forget(request.user)
    record("device.trust_ended", actor=actor_from(request), data={"browsers": count})
    messages.success(request, _("Every browser is asked for a code again."))
    return redirect("security_settings")


@require_http_methods(["GET", "HEAD", "POST"])
def factor_app(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """The key of a new authenticator app, shown until one right code of it was given."""
    acts.done(request.customer, instruction_id, acts.ADD_APP)
    waiting = app.waiting(request.user, instruction_id)
    if waiting is None:
        if not app.is_there(request.user):
            messages.info(request, str(TookTooLong.message))
        return redirect("security_settings")
    form = AppCodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "identity/app.html", {"form": form, **_key(request, waiting)})
    try:
        app.prove(request.user, instruction_id, form.cleaned_data["code"], actor_from(request))
    except PortalError as error:
        return refuse(request, "identity/app.html", form, error, **_key(request, waiting))
    sessions.rotate(request, request.signed_in_session)
    messages.success(request, _("Your authenticator app is added. You can have us ask for it first."))
    return redirect("security_settings")


@require_http_methods(["GET", "HEAD", "POST"])
def backup_codes(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Ten backup codes, made and shown at a press of the button; only the browser that made them can ask again."""
    act = acts.done(request.customer, instruction_id, acts.MAKE_CODES)
    form = (
        SeedForm(request.POST) if request.method == "POST" else SeedForm(initial={"token": secrets.token_urlsafe(32)})
    )
    made: list[str] = []
    try:
        if form.is_bound and form.is_valid():
            made = backup.make(request.user, act, form.cleaned_data["token"], actor_from(request))
        else:
            backup.refuse_unless_fresh(request.user, act)
    except PortalError as error:
        messages.info(request, str(error))
        return redirect("security_settings")
    return render(request, "identity/backup_codes.html", {"form": form, "codes": made, "today": clock.today()})


def _page(request: CustomerRequest, ways: Ways, form: FirstWayForm) -> HttpResponse:
    number_notice = simguard.notice(request.user)  # first: it notes since when the number is known
    shown = listing.shown(request.user, request.customer, ways)
    context = {
        "shown": shown,
        "done": acts.just_done(request.customer, request.GET.get("done", "")),
        "trusted": trusted.how_many(request.user) if trusted.is_offered() else 0,
        "number_notice": number_notice,
        "codes_low": shown.codes_left <= backup.LOW,
    }
    return render(request, "identity/security.html", {"form": form, "ways": ways, **context})


def _key(request: CustomerRequest, waiting: AuthenticatorApp) -> dict[str, object]:
    key = app.key_of(waiting)
    return {"qr": qr_code(oath.address(key, request.customer.email)), "letters": oath.in_letters(key)}
