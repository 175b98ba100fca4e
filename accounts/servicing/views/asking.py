"""The page that lists services, and the form of each. Checking, papers and sending are pages of every request."""

import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import wording
from accounts.approvals import services as requests
from accounts.cards.selectors import branches
from accounts.freezing.state import notice_of
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.models import ApprovalRequest
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of
from accounts.servicing import asking, catalogue, letters
from accounts.servicing.forms import FORMS, ServiceForm
from accounts.servicing.pricing import prices
from accounts.servicing.views.shared import off_notice
from wekeza_portal import calendar, clock, ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import TooMany

DRAFTS = ratelimit.Policy("service-drafts", 60, timedelta(hours=1))
LETTER_PAGES = {"ACCOUNT": "letter_account", "BALANCE": "letter_balance"}


@require_safe
def services(request: CustomerRequest) -> HttpResponse:
    """All that can be asked for: what it costs, how long it takes, and letters made before."""
    today = clock.today()
    lines = catalogue.SERVICES.values()
    found = prices([*(one.fee for one in lines), *letters.FEES.values()], today)
    days = catalogue.promised_days(request.customer, today)
    dates = calendar.current()
    context = {
        "notice": off_notice(),
        "stopped": notice_of(request.customer.user_id),
        "lines": [
            (one, found.get(one.fee), days[one.kind], dates.add_business_days(today, days[one.kind])) for one in lines
        ],
        "letters": [(kind, LETTER_PAGES[kind], found.get(code)) for kind, code in letters.FEES.items()],
        "made": letters.letters_of(request.customer),
    }
    return render(request, "servicing/services.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: CustomerRequest, kind: str) -> HttpResponse:
    """Fill in what is wanted; `?draft=` begins with what a draft says, and takes its place. Nothing is sent here."""
    if notice := off_notice():
        return render(request, "servicing/off.html", {"notice": notice})
    form = _form(request, kind)
    if request.method == "POST" and form.is_valid():
        wish = _drafted(request, kind, form)
        if wish is not None:
            return HttpResponseRedirect(reverse("request_page", args=[wish.id]), status=303)
    service, today = catalogue.SERVICES[kind], clock.today()
    days = catalogue.promised_days(request.customer, today)[kind]
    context = {
        "service": service,
        "form": form,
        "price": prices([service.fee], today).get(service.fee),
        "days": days,
        "day": calendar.add_business_days(today, days),
    }
    return render(request, "servicing/ask.html", context)


def _form(request: CustomerRequest, kind: str) -> ServiceForm:
    options: dict[str, Any] = {"accounts": accounts_of(request.customer)}
    if "branch" in FORMS[kind].base_fields:
        options["branches"] = branches()
    if request.method == "POST":
        return FORMS[kind](request.POST, **options)
    return FORMS[kind](initial=_typed_before(request, kind), **options)


def _typed_before(request: CustomerRequest, kind: str) -> dict[str, Any]:
    """What was kept when the session ran out, else what the draft says that is changed, else the account meant."""
    names = FORMS[kind].base_fields
    kept = restored(request)
    if kept is not None:
        return {name: kept.get(name, "") for name in names}
    if "draft" not in request.GET:
        return {"account": request.GET.get("account", "")[:20]}
    try:
        wish = requests.get(request.customer, uuid.UUID(request.GET["draft"]))
    except ValueError:
        raise Http404 from None
    if wish.kind != kind:
        raise Http404
    if not requests.is_open_draft(wish):
        return {}
    return {name: wish.payload.get(name, "") for name in names} | {"draft": wish.id}


def _drafted(request: CustomerRequest, kind: str, form: ServiceForm) -> ApprovalRequest | None:
    """The draft to review; None with the refusal in the form."""
    ratelimit.consume(DRAFTS, str(request.customer.user_id))
    old, wish = form.cleaned_data["draft"], form.wish()
    try:
        if old is not None:
            with suppress(requests.DraftIsGone):
                return asking.redraft(request.customer, old, kind, wish, actor_from(request))
        return asking.draft(request.customer, kind, wish)
    except TooMany:
        raise
    except PortalError as refusal:
        words = wording.refusal_for(request.user, refusal)
        form.add_error(refusal.field if refusal.field in form.fields else None, words)
        return None
