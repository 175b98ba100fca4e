"""What the pages of cards have in common."""

import uuid
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import wording
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from wekeza_portal import ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import switches

DRAFTS = ratelimit.Policy("card-drafts", 60, timedelta(hours=1))
"""Far more than anybody needs, far fewer than would fill a disk."""

require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def off_notice() -> str:
    """What the bank says while cards are switched off; empty while they are on."""
    row = switches.off_row(switches.CARDS)
    return switches.notice_of(row) if row is not None else ""


def see_other(name: str, key: uuid.UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(name, args=[key]), status=303)


def ask_for_code(instruction: Instruction) -> HttpResponseRedirect:
    """To the page that asks for the code of an act."""
    return HttpResponseRedirect(f"{reverse('step_up')}?for={instruction.id}", status=303)


def count_draft(request: CustomerRequest) -> None:
    """Raises TooMany."""
    ratelimit.consume(DRAFTS, str(request.customer.user_id))


def refuse(request: CustomerRequest, form: forms.Form, refusal: PortalError) -> None:
    """Put a refusal beside the field it is about, or on top."""
    words = wording.refusal_for(request.user, refusal)
    form.add_error(refusal.field if refusal.field in form.fields else None, words)


def back_with(request: CustomerRequest, refusal: PortalError, card_id: uuid.UUID) -> HttpResponse:
    """To the card's page, with why it was not done."""
    messages.error(request, wording.refusal_for(request.user, refusal))
    return see_other("card", card_id)
