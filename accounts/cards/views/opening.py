"""Letting a card do more, which needs a code; the page of its limits, where less holds at once."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import limits
from accounts.cards import acts, opening, rules, selectors
from accounts.cards.errors import CardBlocked, NotThere
from accounts.cards.forms import ControlsForm
from accounts.cards.selectors import CardLine
from accounts.cards.views.shared import ask_for_code, back_with, count_draft, refuse, require_get_or_post, see_other
from accounts.identity.actors import actor_from
from accounts.models import Limit
from accounts.requests import CustomerRequest
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import TooMany


@require_POST
def card_unfreeze(request: CustomerRequest, card_id: uuid.UUID) -> HttpResponse:
    """Ask for the code that unfreezes."""
    line = selectors.card_for(request.customer, card_id)
    return _act(request, line, opening.UNFREEZE, is_possible=line.can_be_unfrozen, otherwise=CardBlocked())


@require_POST
def card_activate(request: CustomerRequest, card_id: uuid.UUID) -> HttpResponse:
    """Ask for the code that activates."""
    line = selectors.card_for(request.customer, card_id)
    return _act(request, line, opening.ACTIVATE, is_possible=line.can_be_activated, otherwise=NotThere())


def _act(
    request: CustomerRequest, line: CardLine, kind: str, *, is_possible: bool, otherwise: PortalError
) -> HttpResponse:
    if line.works and kind in {opening.UNFREEZE, opening.ACTIVATE}:
        return see_other("card", line.card.pk)
    if not is_possible:
        return back_with(request, otherwise, line.card.pk)
    count_draft(request)
    try:
        return ask_for_code(opening.draft(request.customer, kind, line.card))
    except PortalError as refusal:
        return back_with(request, refusal, line.card.pk)


@require_get_or_post
def card_controls(request: CustomerRequest, card_id: uuid.UUID) -> HttpResponse:
    """What a card may do: less at once, more after a code and a wait."""
    line = selectors.card_for(request.customer, card_id)
    if line.is_over:
        return see_other("card", card_id)
    typed = request.POST if request.method == "POST" else None
    form = ControlsForm(typed, card=line.card, initial=_wanted_so_far(line))
    if request.method == "POST" and form.is_valid():
        answer = _changed(request, line, form)
        if answer is not None:
            return answer
    figures = [Limit.Code.CARD_ATM_DAY, Limit.Code.CARD_LOOSEN_HOURS]
    found = limits.values(figures, tier=request.customer.kyc_tier, on=clock.today())
    context = {
        "line": line,
        "card": line.card,
        "form": form,
        "most": found[Limit.Code.CARD_ATM_DAY],
        "hours": int(found[Limit.Code.CARD_LOOSEN_HOURS]),
        "taken": selectors.cash_today(request.customer, line.card),
    }
    return render(request, "cards/controls.html", context)


def _wanted_so_far(line: CardLine) -> dict[str, Any]:
    """What holds, and in its place what was asked for and is waited for."""
    wanted = {name: getattr(line.controls, name) for name in (rules.ATM_DAILY, *rules.SWITCHES)}
    wanted |= {name: value for name, (value, _since) in line.waiting.items()}
    return wanted | {rules.ATM_DAILY: f"{wanted[rules.ATM_DAILY]:,.2f}"}


def _changed(request: CustomerRequest, line: CardLine, form: ControlsForm) -> HttpResponse | None:
    """Where to go on; None with the refusal in the form."""
    count_draft(request)
    try:
        card, looser = acts.tighten(request.customer, line.card.pk, form.controls, actor_from(request))
        if looser:
            return see_other("card_review", opening.draft_loosening(request.customer, card, looser).id)
    except TooMany:
        raise
    except PortalError as refusal:
        refuse(request, form, refusal)
        return None
    messages.success(request, _("Saved. What you took away holds now."))
    return see_other("card", card.pk)
