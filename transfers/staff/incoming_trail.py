"""What is known of money that came in, for the staff's page that follows a shilling."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from transfers.models import Deposit, Incoming
from wekeza_portal.registry import MoneyTrail


def find(typed: str) -> Sequence[str]:
    """References of the postings of this M-Pesa receipt, or of a prompt's id or the reference on the phone."""
    text = typed.strip().upper()[:60]
    deposits = Deposit.objects.filter(Q(checkout=typed.strip()[:60]) | Q(reference=text)).values("pk")
    rows = Incoming.objects.filter(Q(receipt=text[:20]) | Q(deposit__in=deposits))
    return [row.ended_reference or row.reference for row in rows.order_by("received_at")[:5]]


def rows(reference: str, instruction_id: str) -> list[tuple[Any, Any, bool]]:
    """The money that this posting took in or out of suspense."""
    found = Incoming.objects.none()
    if reference:
        found = Incoming.objects.filter(Q(reference=reference) | Q(ended_reference=reference))
    elif instruction_id:
        found = Incoming.objects.filter(deposit_id=uuid.UUID(instruction_id))
    lines: list[tuple[Any, Any, bool]] = []
    for row in found.select_related("deposit"):
        address = reverse("admin:money_in_one", args=[row.pk])
        link = format_html('<a class="staff__target" href="{}">{}</a>', address, row.get_state_display())
        lines.append((_("Money that came in"), link, row.state in Incoming.WAITING))
        said = ((_("M-Pesa receipt"), row.receipt), (_("Payer"), row.payer), (_("Account as typed"), row.typed))
        lines += [(words, value, False) for words, value in said if value]
        if row.deposit is not None:
            lines.append((_("Deposit from M-Pesa"), f"{row.deposit.reference} {row.deposit.checkout or ''}", False))
    return lines


TRAIL = MoneyTrail(find=find, rows=rows, title=gettext_lazy("Money that came in"))
