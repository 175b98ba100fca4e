"""Payments that came back, for sums over a period: neither money that came in nor money that went out.

A payment and its return in one period are left out of both. A return of a payment from before the period is left out of
what came in, and nothing is taken off what went out: that was another period's. So is, the other way round, what is
taken back from a receiver. What is left out is said beside the sums. Returns that the branch wrote name no payment and
are counted as they stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import PostingLeg
from accounts.movements import Entry, totals, within
from wekeza_portal.clock import Period
from wekeza_portal.money import ZERO

BACK, TAKEN = "REVERSAL_IN", "REVERSAL_OUT"


@dataclass(frozen=True, slots=True)
class Flow:
    """KES in and out, both positive, and what each leaves out because it came back or was taken back."""

    money_in: Decimal = ZERO
    money_out: Decimal = ZERO
    unsigned: int = 0
    not_in: Decimal = ZERO
    not_out: Decimal = ZERO


def paid_at(rows: Sequence[Entry]) -> dict[int, datetime]:
    """When the payment was posted that each return among the rows undoes, by the return's id. No query without any."""
    ids = [row.id for row in rows if row.txn_type in (BACK, TAKEN)]
    if not ids:
        return {}
    legs = PostingLeg.objects.filter(transaction_id__in=ids, posting__reverses__isnull=False)
    found = legs.values_list("transaction_id", "posting__reverses__posted_at")
    return {row_id: at for row_id, at in found if row_id is not None}


def flow(rows: Sequence[Entry], period: Period, paid: Mapping[int, datetime]) -> Flow:
    """What the rows of the period sum to; `paid` as `paid_at` gives it."""
    own = within(rows, period)
    sums, not_in, not_out = totals(own), ZERO, ZERO
    for row in own:
        if row.id not in paid:
            continue
        is_same_period = period.start <= paid[row.id] < period.end
        if is_same_period or row.txn_type == BACK:
            not_in += row.amount
        if is_same_period or row.txn_type == TAKEN:
            not_out += row.amount
    return Flow(sums.money_in - not_in, sums.money_out - not_out, sums.unsigned, not_in, not_out)
