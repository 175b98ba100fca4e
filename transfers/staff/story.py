"""Everything known about one payment out of the bank: its states, the rail's ids, its callbacks, its postings."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Instruction, Posting
from accounts.trail import OURS
from transfers.models import Payment, RailId
from transfers.outside import amending
from transfers.outside.rails import TITLES
from wekeza_portal import clock
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.registry import MoneyTrail

MOST_CALLBACKS = 50
AFTERWARDS = timedelta(hours=24)
"""How long after its end callbacks of a payment are looked for: found by time first, then by its reference."""


def callbacks_of(payment: Payment) -> list[RailCallback]:
    """What its rail reported of it, in the order of arrival. By time, which is indexed, then by our reference."""
    ends = [payment.contradicted_at, payment.finished_at, payment.sent_at]
    last = max((at for at in ends if at is not None), default=payment.received_at)
    until = clock.now() if payment.is_open or payment.contradicted_at else last + AFTERWARDS
    rows = RailCallback.objects.filter(received_at__gte=payment.received_at, received_at__lte=until)
    rows = rows.filter(rail__startswith=f"{payment.rail.lower()}.", reason__contains=payment.reference)
    return list(rows.order_by("received_at", "pk")[:MOST_CALLBACKS])


def postings_of(payment: Payment) -> list[Posting]:
    """The payment's own posting, then what came after it."""
    own = Posting.objects.filter(reference=payment.reference).first()
    if own is None:
        return []
    steps = [amending.step_id(payment, step) for step in ("settled", "reversal", "came back", amending.LOST)]
    later = Posting.objects.filter(Q(instruction_id__in=steps) | Q(reverses=own)).order_by("pk")
    rows = [own, *later]
    return list(Posting.objects.filter(pk__in=[row.pk for row in rows]).prefetch_related("legs").order_by("pk"))


def instruction_of(payment: Payment) -> Instruction:
    return Instruction.objects.get(pk=payment.pk)


def find(typed: str) -> Sequence[str]:
    """Instruction ids of the payments that a rail knows by this receipt, conversation or callback."""
    spellings = {typed[:64], typed.upper()[:64]}
    found = RailId.objects.filter(value__in=spellings).order_by("-pk").values_list("payment_id", flat=True)[:5]
    return [str(payment_id) for payment_id in found] or _by_callback(typed)


def _by_callback(typed: str) -> list[str]:
    """A callback's number in our list of them, or the digest of its body."""
    rows = RailCallback.objects.none()
    if typed.isascii() and typed.isdigit() and len(typed) < 19:
        rows = RailCallback.objects.filter(pk=int(typed))
    elif len(typed) == 64 and typed.isalnum():
        rows = RailCallback.objects.filter(digest=typed.lower())
    references = ["-".join(ours.groups()) for row in rows[:5] for ours in OURS.finditer(row.reason)]
    return [str(pk) for pk in Payment.objects.filter(reference__in=references).values_list("pk", flat=True)]


def rows(reference: str, instruction_id: str) -> list[tuple[Any, Any, bool]]:
    """The payment's life for the page that follows a shilling, in the order of time."""
    payment = _payment(reference, instruction_id)
    if payment is None:
        return []
    address = reverse("admin:payment_out", args=[payment.pk])
    link = format_html('<a class="staff__target" href="{}">{}</a>', address, payment.get_state_display())
    lines: list[tuple[Any, Any, bool]] = [
        (_("Payment out of the bank"), link, payment.contradicted_at is not None),
        (_("Rail"), TITLES.get(payment.rail, payment.rail), False),
    ]
    lines += [(words, _moment(at), False) for words, at in _times(payment) if at is not None]
    if payment.receipt:
        lines.append((_("The rail's receipt"), payment.receipt, False))
    lines += [(name, value, False) for name, value in sorted(payment.rail_ids.items())]
    for row in callbacks_of(payment):
        said = f"{row.rail} {row.state} x {row.times}: {row.reason}"
        lines.append((_moment(row.received_at), said, row.state == RailCallback.State.FAILED))
    return lines


def _payment(reference: str, instruction_id: str) -> Payment | None:
    """By its own id; a settlement or reversal leads to the payment it follows."""
    by_id = Payment.objects.filter(pk=instruction_id).first() if instruction_id else None
    if by_id is not None or not reference:
        return by_id
    own = Payment.objects.filter(reference=reference).first()
    if own is not None:
        return own
    follows = Instruction.objects.filter(pk=instruction_id).values_list("payload", flat=True).first() or {}
    return Payment.objects.filter(reference=follows["follows"]).first() if "follows" in follows else None


def _times(payment: Payment) -> list[tuple[Any, datetime | None]]:
    return [
        (_("Received"), payment.received_at),
        (_("Last sent"), payment.sent_at),
        (_("With staff since"), payment.with_staff_since),
        (_("Ended"), payment.finished_at),
        (_("Contradicted since"), payment.contradicted_at),
    ]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(clock.NAIROBI):%d/%m/%Y %H:%M:%S}"


TRAIL = MoneyTrail(find=find, rows=rows, title=gettext_lazy("Outside the bank"))
