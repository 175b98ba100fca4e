"""Payments that wait because their payer said that somebody asked for them: where they are found again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery

from accounts.models import BranchCustomer, Instruction
from transfers import receivers
from transfers.models import PaymentFileRow, ScamPause
from wekeza_portal import clock

LISTED = 10
"""The latest; somebody who has more of them was not made to wait but is stopped by everybody."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One that was neither sent nor cancelled. KES without the fee; times in EAT.

    `minutes` are still to be waited, 0 once it may go; at `ends_at` it is forgotten as every draft is.
    """

    instruction_id: UUID
    payee: str
    amount: Decimal
    until: datetime
    minutes: int
    ends_at: datetime


def waiting_of(customer: BranchCustomer) -> list[Waiting]:
    """This customer's, the soonest first. One query."""
    asked = ScamPause.objects.filter(customer_id=customer.user_id, answer=ScamPause.Answer.ASKED, outcome="")
    held_until = Subquery(asked.filter(pk=OuterRef("pk")).values("held_until")[:1])
    rows = PaymentFileRow.objects.filter(instruction_id=OuterRef("pk"))  # their file waits, and stands for them
    drafts = Instruction.objects.filter(
        ~Exists(rows),
        pk__in=asked.values("pk"),
        customer_id=customer.user_id,
        state=Instruction.State.DRAFT,
        expires_at__gt=clock.now(),
    )
    found = drafts.annotate(held_until=held_until).order_by("held_until", "id")[:LISTED]
    return [_waiting(draft, draft.held_until) for draft in found]


def _waiting(draft: Instruction, until: datetime) -> Waiting:
    payload = draft.payload
    return Waiting(
        instruction_id=draft.id,
        payee=str(receivers.in_any_language(payload) or payload.get("to_at") or payload["to_number"]),
        amount=draft.amount,
        until=until,
        minutes=max(0, -((clock.now() - until) // timedelta(minutes=1))),
        ends_at=draft.expires_at,
    )
