"""What the pages of payments out of the bank show. Every query is scoped to the signed-in customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Instruction
from transfers import phones
from transfers.destinations import WARNINGS, Kind
from transfers.models import Biller, Payment, StandingOrder
from transfers.outside import working
from transfers.outside.reasons import Reason, reason
from transfers.outside.tokens import grouped
from wekeza_portal import clock, crypto


@dataclass(frozen=True, slots=True)
class Life:
    """What became of a payment, as its payer sees it. Times aware in EAT, None for what has not happened."""

    state: str
    received_at: datetime
    sent_at: datetime | None
    confirmed_at: datetime | None
    returned_at: datetime | None
    is_open: bool
    is_held: bool
    with_staff: bool
    rail: str
    receipt: str
    token: str
    why: Reason | None
    late_until: datetime | None = None
    """By when we know or people look at it, of a payment that takes longer than usual."""

    @property
    def stamp(self) -> str:
        """Changes whenever the page would say something else."""
        held = "HELD" if self.is_held else self.state
        return f"{held}-staff" if self.with_staff else f"{held}-late" if self.late_until else held

    @property
    def token_groups(self) -> list[str]:
        """The token in fours, as one types it."""
        return self.token.split("-") if self.token else []

    @property
    def is_unknown(self) -> bool:
        return self.state in (Payment.State.UNKNOWN, Payment.State.SENDING) and self.is_open


def bill_shelves() -> list[tuple[str, list[Biller]]]:
    """The billers that can be paid, by category in words; airtime has a page of its own."""
    rows = [row for row in Biller.objects.order_by("name") if row.can_be_paid]
    shelves = [(category, [row for row in rows if row.category == category]) for category in Biller.Category]
    airtime = Biller.Category.AIRTIME
    return [(str(category.label), shelf) for category, shelf in shelves if shelf and category is not airtime]


def life_of(instruction: Instruction) -> Life | None:
    """What became of a posted payment out of the bank; None for one that stayed inside."""
    row = Payment.objects.filter(pk=instruction.id, customer_id=instruction.customer_id).first()
    return life(row) if row else None


def life(row: Payment) -> Life:
    """What became of this payment."""
    is_back = row.state == Payment.State.RETURNED
    return Life(
        state=row.state,
        received_at=row.received_at,
        sent_at=None if row.state == Payment.State.RECEIVED else row.sent_at,  # claimed, but it never reached them
        confirmed_at=row.finished_at if row.state == Payment.State.SETTLED else None,
        returned_at=row.finished_at if is_back else None,
        is_open=row.is_open,
        is_held=row.is_held,
        with_staff=row.with_staff_since is not None,
        rail=row.rail,
        receipt=row.receipt,
        token=grouped(crypto.decrypt(row.token)) if row.token and not is_back else "",
        why=reason(row.reason) if is_back else None,
        late_until=_late_until(row),
    )


def _late_until(row: Payment) -> datetime | None:
    """None for what is with people already, has not left, or has not been out for long."""
    is_out = row.is_open and row.state != Payment.State.RECEIVED and row.with_staff_since is None
    if not is_out or clock.now() < (row.sent_at or row.received_at) + working.TAKES_LONG:
        return None
    return working.people_look_by(row)


def warnings_for(instruction: Instruction) -> list[Any]:
    """What to look at twice before this payment is confirmed. Never a refusal."""
    return [WARNINGS[key] for key in instruction.payload.get("warned", ()) if key in WARNINGS]


def bill_like(instruction: Instruction) -> str:
    """The code of the biller this payment went to, "" for other kinds."""
    is_bill = instruction.kind == Kind.BILL_PAYMENT
    return str(instruction.payload["values"].get("biller", "")) if is_bill else ""


ASKS_NAME = (Kind.BANK_TRANSFER,)
"""Kinds whose form can't do without the receiver's name, whoever said it the last time."""


def typed_again(instruction: Instruction | StandingOrder) -> dict[str, Any]:
    """The fields of the form as they were typed for this payment."""
    payload = instruction.payload
    values: dict[str, str] = payload["values"]
    fields = {
        "from_account": payload["from_number"],
        "amount": f"{instruction.amount:,.2f}",
        "note": payload["note"],
        "name": payload.get("typed_name", "") or _name_again(instruction),
        "network": values.get("network", ""),
        "bank": values.get("bank_code", ""),
        "account": values.get("account", "") if instruction.kind != Kind.AIRTIME else "",
        "broker": values.get("broker", ""),
        "cds_number": values.get("cds_number", ""),
        "client_type": values.get("client_type", ""),
    }
    number = values.get("msisdn") or (values.get("account", "") if instruction.kind == Kind.AIRTIME else "")
    return {**fields, "phone": phones.shown(number) if number else ""}


def _name_again(instruction: Instruction | StandingOrder) -> str:
    """The name where the customer had to write one, or the form asks for it."""
    is_asked = instruction.payload["to_name_by"] == "customer" or instruction.kind in ASKS_NAME
    return str(instruction.payload["to_name"]) if is_asked else ""
