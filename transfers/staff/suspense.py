"""The accounts through which money only passes: what stands in each, and the payments that make it up.

Each is worked to zero: what stands there is explained by payments that are not finished, to the cent, or it is a fault.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.models import PostingLeg, ProofSheet
from transfers.collecting.kinds import SUSPENSE
from transfers.models import Incoming, Payment
from transfers.outside.executing import FEES_PENDING, rail_account
from wekeza_portal.money import ZERO

PASSING = ("rail.", "suspense.")
BATCH = 2000
MOST_SHOWN = 50


@dataclass(slots=True)
class Suspense:
    """One account in KES. `explained` is what its open payments make; `payments` the oldest of them."""

    name: str
    balance: Decimal = ZERO
    explained: Decimal = ZERO
    count: int = 0
    payments: list[Payment] = field(default_factory=list)
    nobodys: int = 0
    """How many pieces of money stand here of which nobody knows whose they are."""

    @property
    def unexplained(self) -> Decimal:
        return self.balance - self.explained

    @property
    def is_clear(self) -> bool:
        return not self.balance and not self.explained


def accounts() -> list[Suspense]:
    """Every such account that ever held anything, by name."""
    found = {name: Suspense(name, balance) for name, balance in balances().items()}
    for payment in Payment.objects.filter(state__in=Payment.OPEN).order_by("received_at", "pk").iterator(BATCH):
        parts = ((rail_account(payment.rail), payment.amount), (FEES_PENDING, payment.fee))
        for name, part in parts:
            if part:
                account = found.setdefault(name, Suspense(name))
                account.explained += part
                account.count += 1
                if len(account.payments) < MOST_SHOWN:
                    account.payments.append(payment)
    for amount in Incoming.objects.filter(state__in=Incoming.WAITING).values_list("amount", flat=True).iterator(BATCH):
        account = found.setdefault(SUSPENSE, Suspense(SUSPENSE))
        account.explained += amount
        account.nobodys += 1
    return [found[name] for name in sorted(found)]


def balances() -> dict[str, Decimal]:
    """What each holds: as the last proof sheet says, and every leg since."""
    sheet = ProofSheet.objects.order_by("-day").first()
    held: dict[str, Decimal] = defaultdict(lambda: ZERO)
    legs: Any = PostingLeg.objects.filter(account__isnull=True)
    if sheet is not None:
        for row in sheet.content["internal"]:
            if _passes(row["name"]):
                held[row["name"]] = Decimal(row["held"])
        legs = legs.filter(posting__business_date__gt=sheet.day)
    for name, amount in legs.values_list("internal_account", "amount").iterator(BATCH):
        if _passes(name):
            held[name] += amount
    return dict(held)


def _passes(name: str) -> bool:
    return name == FEES_PENDING or name.startswith(PASSING)
