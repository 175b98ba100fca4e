"""What the pages of Move have in common."""

import uuid
from datetime import timedelta

from django import forms
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import wording
from accounts.identity.actors import actor_from
from accounts.requests import CustomerRequest
from transfers import checks
from wekeza_portal import ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import switches

DRAFTS = ratelimit.Policy("transfer-drafts", 60, timedelta(hours=1))
"""Payments a customer may prepare: far more than anybody needs, far fewer than would fill a disk."""

require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def off_notice(*codes: str) -> str:
    """What the bank says while one of these services is switched off; empty while all are on. One query."""
    off = {row.code: row for row in switches.off_rows(codes)}
    return next((switches.notice_of(off[code]) for code in codes if code in off), "")


def see_other(name: str, instruction_id: uuid.UUID) -> HttpResponseRedirect:
    """To a page of this payment, after something was done."""
    return HttpResponseRedirect(reverse(name, args=[instruction_id]), status=303)


def refuse(request: CustomerRequest, form: forms.Form, refusal: PortalError) -> None:
    """Put a refusal beside the field it is about, or on top."""
    words = wording.refusal_for(request.user, refusal)
    form.add_error(refusal.field if refusal.field in form.fields else None, words)


def look_at_source(request: CustomerRequest, form: forms.Form) -> None:
    """Something else is wrong already: say also what speaks against the paying account, and note who tries another's.

    Counts as a draft: what is noted can't be made to fill a disk. Raises TooMany.
    """
    if "from_account" not in form.cleaned_data:
        return
    ratelimit.consume(DRAFTS, str(request.customer.user_id))
    try:
        checks.own_source(request.customer, form.cleaned_data["from_account"], actor_from(request))
    except PortalError as refusal:
        refuse(request, form, refusal)


def uuid_or_none(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
