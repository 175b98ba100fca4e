"""What the pages of payments out of the bank show. Every query is scoped to the signed-in customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Instruction
from transfers import phones
from transfers.destinations import WARNINGS, Kind
from transfers.models import Biller, Payment, StandingOrder
from transfers.outside.reasons import Reason, reason
from transfers.outside.tokens import grouped
from wekeza_portal import crypto


@dataclass(frozen=True, slots=True)
class Life:
    """What became of a payment, as its payer sees it. Times aware in EAT, None for what has not happened."""

    state: str
    received_at: datetime
    sent_at: datetime | None
    confirmed_at: datetime | None
    returned_at: datetime | None
    is_open: bool
    with_staff: bool
    rail: str
    receipt: str
    token: str
    why: Reason | None

    @property
    def stamp(self) -> str:
        """Changes whenever the page would say something else."""
        return f"{self.state}-staff" if self.with_staff else self.state

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
    if row is None:
        return None
    is_back = row.state == Payment.State.RETURNED
    return Life(
        state=row.state,
        received_at=row.received_at,
        sent_at=None if row.state == Payment.State.RECEIVED else row.sent_at,  # claimed, but it never reached them
        confirmed_at=row.finished_at if row.state == Payment.State.SETTLED else None,
        returned_at=row.finished_at if is_back else None,
        is_open=row.is_open,
        with_staff=row.with_staff_since is not None,
        rail=row.rail,
        receipt=row.receipt,
        token=grouped(crypto.decrypt(row.token)) if row.token and not is_back else "",
        why=reason(row.reason) if is_back else None,
    )


def warnings_for(instruction: Instruction) -> list[Any]:
    """What to look at twice before this payment is confirmed. Never a refusal."""
    return [WARNINGS[key] for key in instruction.payload.get("warned", ()) if key in WARNINGS]


def bill_like(instruction: Instruction) -> str:
    """The code of the biller this payment went to, "" for other kinds."""
    is_bill = instruction.kind == Kind.BILL_PAYMENT
    return str(instruction.payload["values"].get("biller", "")) if is_bill else ""


def typed_again(instruction: Instruction | StandingOrder) -> dict[str, Any]:
    """The fields of the form as they were typed for this payment."""
    payload = instruction.payload
    values: dict[str, str] = payload["values"]
    fields = {
        "from_account": payload["from_number"],
        "amount": f"{instruction.amount:,.2f}",
        "note": payload["note"],
        "name": payload["to_name"] if payload["to_name_by"] == "customer" else "",
        "network": values.get("network", ""),
        "bank": values.get("bank_code", ""),
        "account": values.get("account", "") if instruction.kind != Kind.AIRTIME else "",
        "broker": values.get("broker", ""),
        "cds_number": values.get("cds_number", ""),
        "client_type": values.get("client_type", ""),
    }
    number = values.get("msisdn") or (values.get("account", "") if instruction.kind == Kind.AIRTIME else "")
    return {**fields, "phone": phones.shown(number) if number else ""}
