"""Every account against its last proof: what it had then, plus its rows since, is what it had at the end of the day.

Accounts without a row that day are compared too: what moved without any row is what nobody would look for. An account
that is seen for the first time has nothing to be compared with; what it has is kept, so that the next sheet has.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery

from accounts import idbounds
from accounts.checking import Difference
from accounts.models import Account, AccountTransaction, ProofBalance
from accounts.vocabulary import signed
from wekeza_portal import clock
from wekeza_portal.clock import Period
from wekeza_portal.money import ZERO, format_kes

BATCH = 2000


@dataclass(slots=True)
class Compared:
    """What came of it. `closings` is what each account had that moved, did not tie or was seen for the first time."""

    moved: int = 0
    compared: int = 0
    not_compared: int = 0
    found: list[Difference] = field(default_factory=list)
    closings: dict[int, Decimal] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """As the sheet says it."""
        return {
            "moved": self.moved,
            "compared": self.compared,
            "not_compared": self.not_compared,
            "unexplained": len(self.found),
        }


def rows_of(period: Period) -> Any:
    """The branch's rows of this period, by id where ids follow dates."""
    bounds = idbounds.bounds_for(period)
    rows = AccountTransaction.objects.filter(created_at__gte=period.start, created_at__lt=period.end)
    rows = rows.filter(transaction_id__gte=bounds.first) if bounds.first is not None else rows
    return rows.filter(transaction_id__lt=bounds.end) if bounds.end is not None else rows


def compare(day: date) -> Compared:
    """Compare all accounts of the branch for this day; inside the proof's one view of the database.

    Two queries for each account that moved or differs; the others cost their share of a batch.
    """
    period = clock.day(day)
    moved = set(rows_of(period).values_list("account_id", flat=True))
    later = _sums_from(period.end)
    result = Compared()
    for account in _with_openings(day):
        _compare_one(account, account.account_id in moved, later[account.account_id], period, result)
    return result


def _compare_one(account: Any, has_moved: bool, later: Decimal, period: Period, result: Compared) -> None:
    closing = (account.balance or ZERO) - later
    result.moved += has_moved
    if account.opening is None:
        result.not_compared += 1
        result.closings[account.account_id] = closing
        return
    result.compared += 1
    if not has_moved and closing == account.opening:
        return
    result.closings[account.account_id] = closing
    rows = _since(account, clock.day(account.proved_on).end)
    since = _sum(row for row in rows if row.created_at < period.end)
    result.found += _drift(account, since, closing)


def _with_openings(day: date) -> Iterator[Any]:
    """Every account, with what it had when it was last proved (`opening`) and the day of that (`proved_on`)."""
    last = ProofBalance.objects.filter(account_id=OuterRef("account_id"), sheet__day__lt=day).order_by("-sheet_id")
    accounts = Account.objects.annotate(
        opening=Subquery(last.values("closing")[:1]), proved_on=Subquery(last.values("sheet__day")[:1])
    ).order_by("account_id")
    batch = list(accounts[:BATCH])
    while batch:
        yield from batch
        batch = list(accounts.filter(account_id__gt=batch[-1].account_id)[:BATCH])


def _sums_from(start: datetime) -> dict[int, Decimal]:
    """What the rows from `start` on make for each account: they are not the day's any more."""
    sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in _from(start).only("account_id", "txn_type", "amount").iterator(BATCH):
        sums[row.account_id] += signed(row.txn_type, row.amount) or ZERO
    return sums


def _from(start: datetime) -> Any:
    rows = AccountTransaction.objects.filter(created_at__gte=start)
    first = idbounds.bounds_for(Period(start, start)).first
    return rows.filter(transaction_id__gte=first) if first is not None else rows


def _since(account: Any, start: datetime) -> list[AccountTransaction]:
    """The account's rows from `start` on; by id where ids follow dates, or a heavy account's whole life is read."""
    return list(_from(start).filter(account_id=account.account_id))


def _drift(account: Any, since: Decimal, closing: Decimal) -> Iterator[Difference]:
    drift = closing - account.opening - since
    if drift != ZERO:
        words = (
            f"had {format_kes(account.opening)} at the end of {account.proved_on}, its rows since make "
            f"{format_kes(since)}, it has {format_kes(closing)}: {format_kes(drift)} moved without a row"
        )
        yield Difference("balance", account.account_number, words)


def _sum(rows: Iterable[AccountTransaction]) -> Decimal:
    return sum((signed(row.txn_type, row.amount) or ZERO for row in rows), ZERO)
