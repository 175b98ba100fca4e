"""What a posting is made of and what proves it: legs, receipts, and the rules both keep by themselves. No I/O."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import models

from wekeza_portal.money import ZERO, exact


class Side(models.TextChoices):
    DEBIT = "DEBIT"
    CREDIT = "CREDIT"


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a posting: a positive amount of KES on a customer account (by id) or an internal one (by name).

    `txn_type` and `description` are what the branch's row will say; internal legs have none.
    """

    side: Side
    amount: Decimal
    account_id: int | None = None
    internal: str = ""
    txn_type: str = ""
    description: str = ""

    @property
    def signed(self) -> Decimal:
        return self.amount if self.side is Side.CREDIT else -self.amount


@dataclass(frozen=True, slots=True)
class ReceiptLeg:
    """A posted leg: signed KES, and for customer accounts the balance after it and the branch's reference_code."""

    account_id: int | None
    internal: str
    amount: Decimal
    balance_after: Decimal | None
    branch_reference: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of a posting, the same however often it is asked for."""

    reference: str
    posted_at: datetime
    kind: str
    legs: tuple[ReceiptLeg, ...]

    def balance_after(self, account_id: int) -> Decimal | None:
        """What was booked on the account after its last leg of this posting."""
        found = [leg.balance_after for leg in self.legs if leg.account_id == account_id]
        return found[-1] if found else None


def refuse_unless_sound(legs: Sequence[Leg]) -> None:
    """ValueError for legs that could never be a posting: a mistake in our own code."""
    if len(legs) < 2:
        raise ValueError("a posting has at least two legs")
    for leg in legs:
        _refuse_unless_whole(leg)
    if sum((leg.signed for leg in legs), ZERO) != ZERO:
        raise ValueError("the legs of a posting sum to zero")
    debited = {leg.account_id for leg in legs if leg.side is Side.DEBIT and leg.account_id}
    if any(leg.account_id in debited for leg in legs if leg.side is Side.CREDIT):
        raise ValueError("no account is on both sides of a posting")


def _refuse_unless_whole(leg: Leg) -> None:
    if exact(leg.amount) <= 0:
        raise ValueError(f"a leg's amount is positive: {leg}")
    if (leg.account_id is None) == (not leg.internal):
        raise ValueError(f"a leg names a customer account or an internal one: {leg}")
    if leg.account_id is not None and not (leg.txn_type and leg.description):
        raise ValueError(f"a customer leg says what the branch's row shall say: {leg}")


def account_ids(legs: Sequence[Leg]) -> list[int]:
    """The customer accounts of the legs, each once, in primary-key order."""
    return sorted({leg.account_id for leg in legs if leg.account_id is not None})


def fingerprint(kind: str, legs: Sequence[Leg]) -> str:
    """The digest of what a posting does: the same instruction with another one is refused."""
    content = [[leg.side, str(exact(leg.amount)), leg.account_id, leg.internal, leg.txn_type] for leg in legs]
    return hashlib.sha256(json.dumps([kind, content]).encode()).hexdigest()
