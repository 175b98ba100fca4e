"""What the pages of Move have in common."""

import uuid
from datetime import timedelta

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from wekeza_portal import ratelimit
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


def uuid_or_none(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
