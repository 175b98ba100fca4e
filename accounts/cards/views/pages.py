"""The cards, one card, and what is done at once: freezing, and reporting a card lost."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.cards import acts, selectors, usepaper
from accounts.cards.forms import LostForm
from accounts.cards.views.shared import back_with, off_notice, require_get_or_post, see_other
from accounts.identity.actors import actor_from
from accounts.identity.middleware import before_the_terms
from accounts.preferences.chosen import shown_since
from accounts.requests import CustomerRequest
from wekeza_portal import clock
from wekeza_portal.errors import PortalError

LATEST = 8


@require_safe
def cards(request: CustomerRequest) -> HttpResponse:
    """All cards of the customer."""
    context = {"lines": selectors.cards_of(request.customer), "notice": off_notice()}
    return render(request, "cards/list.html", context)


@require_safe
def card(request: CustomerRequest, card_id: uuid.UUID) -> HttpResponse:
    """One card: its state, what can be done, its latest uses."""
    line = selectors.card_for(request.customer, card_id)
    context = {
        "line": line,
        "card": line.card,
        "page": selectors.uses_of(line.card, most=LATEST, since=shown_since(request.customer)),
        "branch": selectors.branch_name(line.card.branch_code) if line.is_on_its_way else "",
        "notice": off_notice(),
    }
    return render(request, "cards/card.html", context)


@require_safe
def card_uses(request: CustomerRequest, card_id: uuid.UUID) -> HttpResponse:
    """Everything that was done with a card; `?before=` goes on below one of them."""
    line = selectors.card_for(request.customer, card_id)
    try:
        before = uuid.UUID(request.GET["before"]) if "before" in request.GET else None
    except ValueError:
        before = None
    context = {
        "line": line,
        "card": line.card,
        "page": selectors.uses_of(line.card, before, since=shown_since(request.customer)),
        "periods": usepaper.periods(clock.today()),
    }
    return render(request, "cards/uses.html", context)


@before_the_terms
@require_POST
def card_freeze(request: CustomerRequest, card_id: uuid.UUID) -> HttpResponse:
    """Nothing can be paid with it from now on."""
    try:
        acts.freeze(request.customer, card_id, actor_from(request))
    except PortalError as refusal:
        return back_with(request, refusal, card_id)
    messages.success(request, _("Frozen. Nothing can be paid with this card."))
    return see_other("card", card_id)


@before_the_terms
@require_get_or_post
def card_lost(request: CustomerRequest, card_id: uuid.UUID) -> HttpResponse:
    """Say that a card is lost or stolen: it is blocked in that very moment."""
    line = selectors.card_for(request.customer, card_id)
    form = LostForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            acts.report_lost(request.customer, card_id, form.cleaned_data["loss"], actor_from(request))
        except PortalError as refusal:
            return back_with(request, refusal, card_id)
        messages.success(request, _("Blocked. Nothing can be paid with this card any more."))
        return see_other("card", card_id)
    return render(request, "cards/lost.html", {"line": line, "card": line.card, "form": form})
