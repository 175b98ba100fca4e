"""What the pages of payments out of the bank show. Every query is scoped to the signed-in customer."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts import limits
from accounts.models import BranchCustomer, Instruction
from transfers import phones, pricing
from transfers.destinations import Kind
from transfers.models import Biller, Payment, StandingOrder
from transfers.outside.kinds import OutsideKind
from transfers.outside.reasons import Reason, reason
from transfers.outside.tokens import grouped
from wekeza_portal import clock, crypto


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest and the largest single payment of a kind, in KES."""

    least: Decimal
    most: Decimal


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
    def is_unknown(self) -> bool:
        return self.state in (Payment.State.UNKNOWN, Payment.State.SENDING) and self.is_open


def terms_of(kind: OutsideKind, customer: BranchCustomer) -> dict[str, Any]:
    """What is said before an amount is typed: `bounds` of one payment, and its price as a `fee` or by `bands` (KES)."""
    today = clock.today()
    found = limits.values([kind.least, kind.most], tier=customer.kyc_tier, on=today)
    bounds = Bounds(least=found[kind.least], most=found[kind.most])
    if kind.kind is Kind.MOBILE_MONEY:
        return {"bounds": bounds, "bands": pricing.tariff(today)}
    return {"bounds": bounds, "fee": pricing.quote(kind.kind, bounds.least, today).fee}


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
        sent_at=row.sent_at,
        confirmed_at=row.finished_at if row.state == Payment.State.SETTLED else None,
        returned_at=row.finished_at if is_back else None,
        is_open=row.is_open,
        with_staff=row.with_staff_since is not None,
        rail=row.rail,
        receipt=row.receipt,
        token=grouped(crypto.decrypt(row.token)) if row.token else "",
        why=reason(row.reason) if is_back else None,
    )


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
        "account": values.get("account", ""),
        "broker": values.get("broker", ""),
        "cds_number": values.get("cds_number", ""),
        "client_type": values.get("client_type", ""),
    }
    number = values.get("msisdn") or (values.get("account", "") if instruction.kind == Kind.AIRTIME else "")
    return {**fields, "phone": phones.shown(number) if number else ""}
