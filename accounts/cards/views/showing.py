"""Looking once at a PIN, or at the number of a virtual card."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts import wording
from accounts.cards import selectors, showing
from accounts.cards.views.shared import ask_for_code, back_with, count_draft, require_get_or_post
from accounts.identity.actors import actor_from
from accounts.requests import CustomerRequest
from wekeza_portal.errors import PortalError


@require_POST
def card_show(request: CustomerRequest, card_id: uuid.UUID) -> HttpResponse:
    """Ask for the code that allows one look."""
    line = selectors.card_for(request.customer, card_id)
    count_draft(request)
    try:
        return ask_for_code(showing.draft_look(request.customer, line.card))
    except PortalError as refusal:
        return back_with(request, refusal, card_id)


@require_get_or_post
def card_sight(request: CustomerRequest, sight_id: uuid.UUID) -> HttpResponse:
    """The page before the look; its POST gets the one address that shows the secret, and keeps it nowhere."""
    sight = showing.sight_for(request.customer, sight_id)
    context = {"sight": sight, "card": sight.card, "is_number": sight.what == showing.What.NUMBER}
    if request.method == "POST":
        try:
            context["address"] = showing.look(request.customer, sight_id, actor_from(request))
        except PortalError as refusal:
            context["refusal"] = wording.refusal_for(request.user, refusal)
        sight.refresh_from_db()
    return render(request, "cards/look.html", context | {"is_open": showing.is_open(sight)})
