"""What the pages of Move have in common."""

import uuid
from datetime import timedelta

from django import forms
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import wording
from accounts.identity.actors import actor_from
from accounts.models import BranchCustomer
from accounts.requests import CustomerRequest
from transfers import checks
from wekeza_portal import ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import switches

DRAFTS = ratelimit.Policy("transfer-drafts", 60, timedelta(hours=1))
"""Forms a customer may send: far more than anybody needs, far fewer than would fill a disk or try many numbers."""
KNOWN_DRAFTS = ratelimit.Policy("transfer-drafts-known", 20, timedelta(minutes=1))
"""Payments to somebody paid before or to an own account: nothing is guessed by them, so they wait a minute at most."""

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


def count_draft(customer: BranchCustomer, *, is_known: bool) -> None:
    """Count one payment that is prepared. Raises TooMany; whom they know, a customer can always pay soon."""
    ratelimit.consume(KNOWN_DRAFTS if is_known else DRAFTS, str(customer.user_id))


def may_look_further(customer: BranchCustomer) -> bool:
    """Counts one form that is refused already; False when an hour's forms are used up: then it says no more.

    What speaks against the paying account is noted where it is another's, and can't be made to fill a disk so. Nobody
    is locked out by it.
    """
    try:
        ratelimit.consume(DRAFTS, str(customer.user_id))
    except ratelimit.TooMany:
        return False
    return True


def look_at_source(request: CustomerRequest, form: forms.Form) -> None:
    """Something else is wrong already: say also what speaks against the paying account, and note who tries another's.

    Nothing more once an hour's forms are used up.
    """
    if "from_account" not in form.cleaned_data or not may_look_further(request.customer):
        return
    try:
        checks.own_source(request.customer, form.cleaned_data["from_account"], actor_from(request))
    except PortalError as refusal:
        refuse(request, form, refusal)


def uuid_or_none(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
