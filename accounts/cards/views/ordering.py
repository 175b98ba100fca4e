"""Asking for a card."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.cards import courier, ordering, pricing, selectors
from accounts.cards.forms import NewCardForm, ReplacementForm
from accounts.cards.views.shared import count_draft, off_notice, refuse, require_get_or_post, see_other
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of, payers_among
from wekeza_portal import clock
from wekeza_portal.errors import PortalError


@require_get_or_post
def card_new(request: CustomerRequest) -> HttpResponse:
    """Ask for a card or a virtual card. Nothing is ordered before the code."""
    if notice := off_notice():
        return render(request, "cards/off.html", {"notice": notice})
    accounts = [account for account in accounts_of(request.customer) if account.is_active]
    home = courier.offer(request.customer)
    options: dict[str, Any] = {"accounts": accounts, "branches": selectors.branches(), "courier": home}
    form = NewCardForm(request.POST if request.method == "POST" else None, **options)
    if request.method == "POST" and form.is_valid():
        draft = _draft(request, form, lambda: ordering.prepare_order(request.customer, **form.wanted))
        if draft is not None:
            return see_other("card_review", draft.id)
    return render(
        request, "cards/new.html", {"form": form, "can_order": bool(accounts), "needs_home": _needs_home(request, home)}
    )


@require_get_or_post
def card_replace(request: CustomerRequest, card_id: uuid.UUID) -> HttpResponse:
    """Pay for a card in the place of a lost one: what it costs, from which account, where it is collected."""
    line = selectors.card_for(request.customer, card_id)
    if not line.can_be_replaced:
        return see_other("card", card_id)
    if notice := off_notice():
        return render(request, "cards/off.html", {"notice": notice})
    payers = payers_among(accounts_of(request.customer))
    options: dict[str, Any] = {
        "accounts": payers,
        "branches": selectors.branches(),
        "card": line.card,
        "courier": courier.offer(request.customer),
        "hide_amounts": request.user.hide_amounts,
    }
    form = ReplacementForm(request.POST if request.method == "POST" else None, **options)
    if request.method == "POST" and form.is_valid():
        draft = _draft(request, form, lambda: ordering.prepare_replacement(request.customer, card_id, **form.wanted))
        if draft is not None:
            return see_other("card_review", draft.id)
    context = {"line": line, "card": line.card, "form": form, "can_order": bool(payers), **_priced()}
    context["needs_home"] = _needs_home(request, options["courier"])
    return render(request, "cards/replace.html", context)


def _priced() -> dict[str, Any]:
    """What it costs, or why nothing can be ordered."""
    try:
        return {"price": pricing.replacement(clock.today())}
    except pricing.NoCardFee as refusal:
        return {"can_order": False, "refusal": str(refusal)}


def _needs_home(request: CustomerRequest, offered: courier.Delivery | None) -> bool:
    """Whether an address in the profile is what keeps a courier away."""
    return offered is None and not courier.home_of(request.customer)


def _draft(request: CustomerRequest, form: Any, prepare: Any) -> Instruction | None:
    """The draft, or None with the refusal in the form."""
    count_draft(request)
    try:
        draft: Instruction = prepare()
    except PortalError as refusal:
        refuse(request, form, refusal)
        return None
    return draft
