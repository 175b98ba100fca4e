"""Requests for money, and the picture by which one is paid."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import wording
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of
from transfers.asking import answers, asks, selectors
from transfers.asking.forms import AnswerForm, AskForm, ToBePaidForm
from transfers.recent import recent_payees
from transfers.views.shared import DRAFTS, off_notice, require_get_or_post, see_other
from wekeza_portal import ratelimit
from wekeza_portal.documents.codes import qr_code
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import TooMany
from wekeza_portal.staff import switches


@require_safe
def money_requests(request: CustomerRequest) -> HttpResponse:
    """What I am asked for, and what I asked for."""
    context = {
        "asked_of": selectors.asked_of(request.customer),
        "asked_by": selectors.asked_by(request.customer),
        "blocked": selectors.blocked_by(request.customer),
    }
    return render(request, "transfers/asking/requests.html", context)


@require_get_or_post
def ask_for_money(request: CustomerRequest) -> HttpResponse:
    """Fill in a request. What comes of it looks the same for every number."""
    notice = off_notice(switches.INTERNAL_TRANSFERS)
    if notice:
        return render(request, "transfers/off.html", {"notice": notice})
    options: dict[str, Any] = {
        "accounts": accounts_of(request.customer),
        "payees": recent_payees(request.customer, inside_only=True),
    }
    if request.method == "POST":
        form = AskForm(request.POST, **options)
        if form.is_valid() and _ask(request, form):
            messages.success(request, _("We have your request. If this is somebody's account here, they are asked."))
            return _back()
    else:
        kept = restored(request)
        typed = {name: kept.get(name, "") for name in AskForm.base_fields} if kept is not None else None
        form = AskForm(initial=typed, **options)
    return render(request, "transfers/asking/ask.html", {"form": form})


def _ask(request: CustomerRequest, form: AskForm) -> bool:
    """Whether it was stored; otherwise the refusal stands beside the field it is about."""
    typed = {name: form.cleaned_data[name] for name in ("to_account", "payer", "amount", "note")}
    try:
        asks.ask(request.customer, **typed, actor=actor_from(request))
    except TooMany:
        raise
    except PortalError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


@require_get_or_post
def money_request(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """One request to be answered. POST leads to the ordinary review: nothing is paid here."""
    asked = answers.get(request.customer, request_id)
    options: dict[str, Any] = {"accounts": accounts_of(request.customer), "hide_amounts": request.user.hide_amounts}
    form = AnswerForm(request.POST if request.method == "POST" else None, **options)
    if request.method == "POST" and form.is_valid():
        ratelimit.consume(DRAFTS, str(request.customer.user_id))
        number = form.cleaned_data["from_account"]
        try:
            draft = answers.prepare(request.customer, asked, from_number=number, actor=actor_from(request))
        except PortalError as refusal:
            field = refusal.field if refusal.field in form.fields else None
            form.add_error(field, wording.refusal_for(request.user, refusal))
        else:
            return see_other("payment_review", draft.id)
    name = selectors.name_of_asker(asked)
    context = {"form": form, "line": selectors.as_payer_sees(asked, name)}
    return render(request, "transfers/asking/request.html", context)


@require_POST
def money_request_decline(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """Say no."""
    answers.decline(request.customer, request_id, actor_from(request))
    return _back()


@require_POST
def money_request_block(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """Say no, now and to all that this person asks later."""
    answers.block(request.customer, request_id, actor_from(request))
    return _back()


@require_POST
def money_request_take_back(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """The asker no longer wants it."""
    asks.take_back(request.customer, request_id, actor_from(request))
    return _back()


@require_POST
def money_asker_unblock(request: CustomerRequest, blocked_id: uuid.UUID) -> HttpResponse:
    """Let somebody ask again."""
    answers.unblock(request.customer, blocked_id, actor_from(request))
    return _back()


@require_safe
def be_paid(request: CustomerRequest) -> HttpResponse:
    """One of my accounts as a picture that others scan. It leads to a form and pays nothing."""
    accounts = accounts_of(request.customer)
    active = [account.number for account in accounts if account.is_active]
    asked: dict[str, Any] = request.GET.dict() or {"account": active[0] if active else ""}
    form = ToBePaidForm(asked, accounts=accounts)
    context: dict[str, Any] = {"form": form, "has_account": bool(active)}
    if active and form.is_valid():
        number, amount = form.cleaned_data["account"], form.cleaned_data["amount"]
        query = {"to": number} | ({"amount": str(amount)} if amount else {})
        address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('move_wekeza')}?{urlencode(query)}"
        context |= {"picture": qr_code(address), "address": address, "number": number, "amount": amount}
    return render(request, "transfers/asking/be_paid.html", context)


def _back() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("money_requests"), status=303)
