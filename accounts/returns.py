"""Payments that came back, and what moved between own accounts: neither money that came in nor money that went out.

A payment and its return in one period are left out of both. A return of a payment from before the period is left out of
what came in, and nothing is taken off what went out: that was another period's. So is, the other way round, what is
taken back from a receiver. What is left out is said beside the sums. Returns that the branch wrote name no payment and
are counted as they stand. So is what the branch itself moved between two accounts of one customer.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.ledger import PostingKind
from accounts.models import PostingLeg
from accounts.movements import Entry, totals, within
from wekeza_portal import sql
from wekeza_portal.clock import Period
from wekeza_portal.money import ZERO

BACK, TAKEN = "REVERSAL_IN", "REVERSAL_OUT"
MOVED_OUT, MOVED_IN = ("TRANSFER_OUT", TAKEN), ("TRANSFER_IN", BACK)
MOVED = (*MOVED_OUT, *MOVED_IN)


@dataclass(frozen=True, slots=True)
class Flow:
    """KES in and out, both positive, and what each leaves out because it came back or was taken back."""

    money_in: Decimal = ZERO
    money_out: Decimal = ZERO
    unsigned: int = 0
    not_in: Decimal = ZERO
    not_out: Decimal = ZERO
    between: Decimal = ZERO
    """What moved between the customer's own accounts, in neither."""


def paid_at(rows: Sequence[Entry]) -> dict[int, datetime]:
    """When the payment was posted that each return among the rows undoes, by the return's id. No query without any."""
    ids = [row.id for row in rows if row.txn_type in (BACK, TAKEN)]
    if not ids:
        return {}
    legs = PostingLeg.objects.filter(transaction_id__in=ids, posting__reverses__isnull=False)
    found = legs.values_list("transaction_id", "posting__reverses__posted_at")
    return {row_id: at for row_id, at in found if row_id is not None}


def between_own(rows: Sequence[Entry]) -> frozenset[int]:
    """The ids of the rows that moved money between a customer's own accounts, or undid that. One query or none.

    For sums over all of somebody's accounts: on one of them such a row is money in or out. Only where the same amount
    went out and came in is it asked which rows they were.
    """
    went, came = ({row.amount for row in rows if row.txn_type in words} for words in (MOVED_OUT, MOVED_IN))
    ids = [row.id for row in rows if row.txn_type in MOVED and row.amount in went & came]
    if not ids:
        return frozenset()
    kind = PostingKind.TRANSFER_OWN.value
    found = sql.run(
        "SELECT l.transaction_id FROM portal_posting_leg l JOIN portal_posting p ON p.id = l.posting_id"  # noqa: S608 - own names
        " LEFT JOIN portal_posting r ON r.id = p.reverses_id"
        f" WHERE l.transaction_id IN ({sql.marks(ids)}) AND (p.kind = %s OR r.kind = %s)",
        [*ids, kind, kind],
    )
    return frozenset(row_id for (row_id,) in found)


def undone(rows: Sequence[Entry]) -> frozenset[int]:
    """The ids of the returns among the rows and of the rows of the payments that they undo. Two queries or none."""
    ids = [row.id for row in rows if row.txn_type in (BACK, TAKEN)]
    if not ids:
        return frozenset()
    back = PostingLeg.objects.filter(transaction_id__in=ids, posting__reverses__isnull=False)
    payment_of = dict(back.values_list("transaction_id", "posting__reverses_id"))
    paid = PostingLeg.objects.filter(posting_id__in=set(payment_of.values()), transaction_id__isnull=False)
    return frozenset({*payment_of, *paid.values_list("transaction_id", flat=True)})  # type: ignore[arg-type] # filtered


def flow(rows: Sequence[Entry], period: Period, paid: Mapping[int, datetime], own: Set[int] = frozenset()) -> Flow:
    """What the rows of the period sum to; `paid` as `paid_at` gives it, `own` as `between_own` does."""
    counted = [row for row in within(rows, period) if row.id not in own]
    moved = totals(row for row in within(rows, period) if row.id in own and row.txn_type == "TRANSFER_OUT")
    sums, not_in, not_out = totals(counted), ZERO, ZERO
    for row in counted:
        if row.id not in paid:
            continue
        is_same_period = period.start <= paid[row.id] < period.end
        if is_same_period or row.txn_type == BACK:
            not_in += row.amount
        if is_same_period or row.txn_type == TAKEN:
            not_out += row.amount
    return Flow(sums.money_in - not_in, sums.money_out - not_out, sums.unsigned, not_in, not_out, moved.money_out)
