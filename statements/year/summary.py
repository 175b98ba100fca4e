"""The figures of a year, summed here in Decimal from the rows of the accounts.

The branch writes amounts without a sign and fees in rows of their own, so a fee is part of what went out and is said
beside it. As on the home page, a payment that came back in the same year is in no sum, and neither is the return of an
earlier one; what moves between two of a customer's accounts is money out of one and into the other, and in no sum of
all accounts together.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from accounts import movements, returns, vocabulary
from accounts.movements import OTHER_TYPES, Entry
from accounts.selectors import AccountSummary
from accounts.vocabulary import Direction
from wekeza_portal import clock
from wekeza_portal.clock import Period
from wekeza_portal.money import ZERO

EARLIEST = 2000
"""The history looks no further back."""


@dataclass(frozen=True, slots=True)
class Figure:
    """KES, and the address of the rows that sum to it, returned payments beside them; "" where there are none."""

    amount: Decimal
    address: str


@dataclass(frozen=True, slots=True)
class Line:
    """One month, or the whole year (`month` None), of one account or of all together."""

    month: date | None
    money_in: Figure
    money_out: Figure
    groups: tuple[Figure, ...]
    """In the order of `Year.groups`: parts of what came in or went out."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        return (self.money_in, self.money_out, *self.groups)


@dataclass(frozen=True, slots=True)
class Table:
    """One account's months and their sum; `account` None for all together."""

    account: AccountSummary | None
    months: list[Line]
    total: Line


@dataclass(frozen=True, slots=True)
class Year:
    """All accounts together first, then each where there are several."""

    year: int
    groups: tuple[str, ...]
    """Keys of vocabulary.GROUPS that any word belongs to."""
    tables: list[Table]
    until: date
    """The last day in it: today in the running year."""
    unsigned: int
    unsigned_address: str
    """Rows with a word nobody knows: in no figure."""
    earlier: int | None
    later: int | None
    since: date | None = None
    """The first day in it, where the customer's own choice hides what was before; None: the whole year is in it."""

    @property
    def is_hidden(self) -> bool:
        """Whether nothing of the year is shown: all of it is from before."""
        return self.since is not None and self.since > self.until

    @property
    def total(self) -> Line:
        return self.tables[0].total


@dataclass(slots=True)
class _Sums:
    money_in: Decimal = ZERO
    money_out: Decimal = ZERO
    groups: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    def add(self, row: Entry) -> None:
        if vocabulary.direction_of(row.txn_type) is Direction.IN:
            self.money_in += row.amount
        else:
            self.money_out += row.amount
        group = vocabulary.group_of(row.txn_type)
        if group:
            self.groups[group] += row.amount


def of(accounts: Sequence[AccountSummary], year: int, since: datetime | None = None) -> Year:
    """The year in figures; Http404 for one before the first movement or after this year. Nothing from before `since`.

    One query for the rows, whatever their number, and one for the first of them.
    """
    today, hidden_before = clock.today(), since.date() if since else None
    if not EARLIEST <= year <= today.year:
        raise Http404
    rows = movements.entries_by_account(accounts, _shown_of(year, since))
    first = movements.first_year(accounts) or today.year
    if year < first and not any(rows.values()):
        raise Http404
    everything = [row for found in rows.values() for row in found]
    back = returns.undone(everything)
    counted = {key: [row for row in found if _is_known(row) and row.id not in back] for key, found in rows.items()}
    own = returns.between_own(everything) if len(accounts) > 1 else frozenset()
    until = min(date(year, 12, 31), today)
    return Year(
        year=year,
        groups=_groups(),
        tables=_tables(accounts, counted, own, until, hidden_before),
        until=until,
        unsigned=sum(not _is_known(row) for row in everything),
        unsigned_address=_address(None, date(year, 1, 1), until, type=OTHER_TYPES),
        earlier=year - 1 if year > max(first, EARLIEST, hidden_before.year if hidden_before else 0) else None,
        later=year + 1 if year < today.year else None,
        since=hidden_before if hidden_before and date(year, 1, 1) < hidden_before else None,
    )


def _shown_of(year: int, since: datetime | None) -> Period:
    """The part of the year that is shown."""
    whole = period_of(year)
    return Period(min(max(whole.start, since), whole.end), whole.end) if since else whole


def period_of(year: int) -> Period:
    """The Nairobi year as a range of instants."""
    return Period(clock.midnight(date(year, 1, 1)), clock.midnight(date(year + 1, 1, 1)))


def _is_known(row: Entry) -> bool:
    return vocabulary.direction_of(row.txn_type) is not Direction.UNKNOWN


def _groups() -> tuple[str, ...]:
    return tuple(group for group in vocabulary.GROUPS if vocabulary.words_in(group))


def _tables(
    accounts: Sequence[AccountSummary],
    rows: dict[int, list[Entry]],
    own: Set[int],
    until: date,
    since: date | None,
) -> list[Table]:
    counted = [row for found in rows.values() for row in found if row.id not in own]
    together = _table(None, counted, until, since)
    if len(accounts) < 2:
        return [together]
    return [together, *(_table(account, rows.get(account.account_id, []), until, since) for account in accounts)]


def _table(account: AccountSummary | None, rows: Iterable[Entry], until: date, since: date | None) -> Table:
    months: dict[int, _Sums] = defaultdict(_Sums)
    total = _Sums()
    for row in rows:
        months[row.at.astimezone(clock.NAIROBI).month].add(row)
        total.add(row)
    number = account.number if account else None
    firsts = [until.replace(month=month, day=1) for month in range(1, until.month + 1)]
    return Table(
        account=account,
        months=[
            _line(number, first, _last_day(first, until), months[first.month], month=first)
            for first in firsts
            if since is None or since <= _last_day(first, until)
        ],
        total=_line(number, until.replace(month=1, day=1), until, total),
    )


def _last_day(first: date, until: date) -> date:
    following = (first + timedelta(days=32)).replace(day=1)
    return min(following - timedelta(days=1), until)


def _line(number: str | None, first: date, last: date, sums: _Sums, month: date | None = None) -> Line:
    def figure(amount: Decimal, **narrowed: str) -> Figure:
        return Figure(amount, _address(number, first, last, **narrowed) if amount else "")

    return Line(
        month=month,
        money_in=figure(sums.money_in, direction=Direction.IN.value),
        money_out=figure(sums.money_out, direction=Direction.OUT.value),
        groups=tuple(figure(sums.groups[group], type=group) for group in _groups()),
    )


def _address(number: str | None, first: date, last: date, **narrowed: str) -> str:
    """The history, narrowed to what a figure sums."""
    asked = {"account": number or "", "period": "custom", "from_day": f"{first}", "to_day": f"{last}", **narrowed}
    return f"{reverse('view')}?{urlencode({name: value for name, value in asked.items() if value})}"
