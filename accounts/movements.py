"""Movements on a customer's accounts, whoever wrote them: pages of rows, one row, and what they sum to.

Reads the branch's `transactions`, always within accounts that `selectors.accounts_of` returned for the signed-in
customer. Rows are ordered and paged by `transaction_id` alone (`created_at` has no index and a resolution of one
second), a page in two steps: ids by keyset from the index on account_id, then those rows by primary key. Each account
is asked in a subquery of its own: for `account_id IN (...)` MariaDB may walk the whole table backwards.
Sums are made here in Decimal: SQLite's SUM is a float.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache, partial
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, DateTimeField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import Http404

from accounts import idbounds, vocabulary
from accounts.idbounds import IdBounds
from accounts.models import AccountTransaction
from accounts.selectors import AccountSummary
from accounts.vocabulary import Direction
from wekeza_portal import clock
from wekeza_portal.clock import Period
from wekeza_portal.money import ZERO, InvalidAmount, parse_amount
from wekeza_portal.prepared import Prepared, Slot, any_of

PAGE_SIZE = 25
LARGEST_ID = 2**63 - 1
SUMMED = 5_000
"""Rows that one page adds up: about 20 ms."""
OTHER_TYPES = "OTHER"
"""The choice of type that stands for every word which is not in the vocabulary."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One row of `transactions` as its owner sees it. `amount` is KES without a sign, as the branch stores it."""

    row_id: int
    account_number: str
    txn_type: str
    amount: Decimal
    reference: str
    description: str
    at: datetime | None
    """EAT; None where the branch left it out: such a row is in every list and in no period."""

    @property
    def direction(self) -> Direction:
        return vocabulary.direction_of(self.txn_type)

    @property
    def words(self) -> Any:
        return vocabulary.words_for(self.txn_type)

    @property
    def signed(self) -> Decimal | None:
        """KES with the sign it had on the balance; None for a word nobody knows."""
        return vocabulary.signed(self.txn_type, self.amount)

    @property
    def note(self) -> str:
        """The description without the marks of the books: the branch's supervisor approved it, we wrote it online."""
        return vocabulary.note_of(self.description)

    @property
    def remark(self) -> str:
        """The note where it says more than the words above it do: many fees are described by their own name."""
        return vocabulary.remark_of(self.txn_type, self.description)

    @property
    def is_in(self) -> bool:
        return self.direction is Direction.IN


@dataclass(frozen=True)
class Wanted:
    """Which movements: all of `accounts` (the customer's own, no others) unless narrowed."""

    accounts: Sequence[AccountSummary]
    period: Period | None = None
    since: datetime | None = None
    """What is older is left out because the customer wants it so; a row without a date goes by its id."""
    direction: Direction | None = None
    txn_type: str = ""
    text: str = ""
    only: Q = field(default_factory=Q)
    """What other apps know of a row and it has to fit, as a condition on `transactions`."""
    also: Q = field(default_factory=Q)
    """Where else than in the row itself `text` is found, as a condition on `transactions`."""

    @property
    def is_narrowed(self) -> bool:
        """Whether what is wanted goes by what a row says or what is known of it, not only by when."""
        return bool(self.direction or self.txn_type or self.text or self.only)

    @cached_property
    def bounds(self) -> IdBounds:
        """The ids the period can lie in, looked up once for all the queries of a page."""
        return idbounds.bounds_for(self.period) if self.period else idbounds.EVERYTHING

    @cached_property
    def not_hidden(self) -> Q:
        """What the customer's own choice of history leaves; all of it without one."""
        if self.since is None:
            return Q()
        bounds = idbounds.bounds_for(Period(self.since, clock.now()))
        young = Q(created_at__gte=self.since) | Q(created_at__isnull=True)
        return young & _between(bounds)


@dataclass(frozen=True, slots=True)
class MovementPage:
    """Newest first. `older` and `newer` are the references to page on from; None where there is nothing more."""

    movements: list[Movement]
    older: str | None
    newer: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """KES in and out, both positive. `unsigned` rows have a word nobody knows and are in neither."""

    money_in: Decimal = ZERO
    money_out: Decimal = ZERO
    unsigned: int = 0


class Change(NamedTuple):
    """The least of a row that sums need."""

    txn_type: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """The least of a row that sums and charts need."""

    txn_type: str
    amount: Decimal
    at: datetime
    id: int = 0


def page(wanted: Wanted, *, before: str | None = None, after: str | None = None, size: int = PAGE_SIZE) -> MovementPage:
    """One page of movements: the newest, or those older than row `before`, or the ones just newer than row `after`.

    `before` and `after` are references of the customer's own rows; Http404 for any other. Every row comes exactly
    once while new ones arrive, because a page starts at a row and not at a count.
    """
    if not wanted.accounts:
        return MovementPage([], older=None, newer=None)
    if before:
        found = _ids(wanted, Q(transaction_id__lt=_id_of(wanted, before)), size + 1)
        ids, has_older, has_newer = found[:size], len(found) > size, True
    elif after:
        found = _ids(wanted, Q(transaction_id__gt=_id_of(wanted, after)), size + 1, ascending=True)
        ids, has_older, has_newer = found[:size][::-1], True, len(found) > size
    else:
        found = _ids(wanted, Q(), size + 1)
        ids, has_older, has_newer = found[:size], len(found) > size, False
    movements = _movements(ids, wanted.accounts)
    return MovementPage(
        movements=movements,
        older=movements[-1].reference if movements and has_older else None,
        newer=movements[0].reference if movements and has_newer else None,
    )


def latest(accounts: Sequence[AccountSummary], count: int, since: datetime | None = None) -> list[Movement]:
    """The newest `count` movements over these accounts, in one statement; without those from before `since`."""
    if not accounts:
        return []
    slots = {f"account{n}": account.account_id for n, account in enumerate(accounts)}
    found = _as_movements(_newest_rows(len(accounts))(**slots, count=count), accounts)[:count]
    return [row for row in found if row.at is None or row.at >= since] if since else found


def in_batches(wanted: Wanted, size: int) -> Iterator[list[Movement]]:
    """All that matches, newest first, `size` rows at a time: as many are held in memory at once, and no more."""
    ids = _ids(wanted, Q(), size)
    while ids:
        yield _movements(ids, wanted.accounts)
        ids = _ids(wanted, Q(transaction_id__lt=ids[-1]), size)


def movement_for(accounts: Sequence[AccountSummary], reference: str) -> Movement:
    """The movement of that reference; Http404 if there is none or it is on somebody else's account."""
    return _movements([_id_of(Wanted(accounts), reference)], accounts)[0]


def entries(wanted: Wanted) -> list[Entry]:
    """Every row that matches, in no order, for summing. Give a period: without one this reads all there is.

    Not ordered on purpose: to spare the sort MariaDB might walk the primary key over everybody's rows.
    """
    if wanted.accounts and wanted.period and not wanted.is_narrowed and wanted.since is None:
        return _entries_of(wanted, wanted.period)
    rows = _rows(wanted).filter(account_id__in=[account.account_id for account in wanted.accounts])
    return [Entry(*row) for row in rows.values_list("txn_type", "amount", "created_at", "transaction_id")]


def _entries_of(wanted: Wanted, period: Period) -> list[Entry]:
    """The common case: all that happened in a period."""
    bounds = wanted.bounds
    values = {f"account{n}": account.account_id for n, account in enumerate(wanted.accounts)}
    values |= {"first": bounds.first or 0, "end": LARGEST_ID if bounds.end is None else bounds.end}
    rows = _entry_rows(len(wanted.accounts))
    return [Entry(*row) for row in rows(**values, start=period.start, stop=period.end)]


@lru_cache(maxsize=PAGE_SIZE)
def _entry_rows(accounts: int) -> Prepared[tuple[str, Decimal, datetime, int]]:
    row_id, instant = partial(Slot, field=BigIntegerField()), partial(Slot, field=DateTimeField())
    rows = AccountTransaction.objects.filter(
        any_of("account_id", (row_id(f"account{n}") for n in range(accounts))),
        transaction_id__gte=row_id("first"),
        transaction_id__lt=row_id("end"),
        created_at__gte=instant("start"),
        created_at__lt=instant("stop"),
    )
    return Prepared(lambda: rows.values_list("txn_type", "amount", "created_at", "transaction_id"))


def entries_by_account(accounts: Sequence[AccountSummary], period: Period) -> dict[int, list[Entry]]:
    """All that happened in the period, by account_id, each account's in no order. One query, whatever the number."""
    found: dict[int, list[Entry]] = {account.account_id: [] for account in accounts}
    if not accounts:
        return found
    bounds = idbounds.bounds_for(period)
    rows = AccountTransaction.objects.filter(_in_period(period, bounds), account_id__in=list(found))
    columns = rows.values_list("account_id", "txn_type", "amount", "created_at", "transaction_id")
    for account_id, txn_type, amount, at, row_id in columns.iterator():
        found[account_id].append(Entry(txn_type, amount, at, row_id))
    return found


def first_year(accounts: Sequence[AccountSummary]) -> int | None:
    """The Nairobi year of the oldest row that these accounts have by id; None where they have none with a date."""
    dated = AccountTransaction.objects.filter(created_at__isnull=False).order_by("transaction_id")
    parts = [dated.filter(account_id=each.account_id).values_list("transaction_id", flat=True)[:1] for each in accounts]
    oldest = AccountTransaction.objects.filter(transaction_id__in=_united(parts)).values_list("created_at", flat=True)
    return min((at.astimezone(clock.NAIROBI).year for at in oldest if at), default=None)


def totals(rows: Iterable[Entry | Change]) -> Totals:
    """What these rows sum to, in and out."""
    money_in = money_out = ZERO
    unsigned = 0
    for row in rows:
        change = vocabulary.signed(row.txn_type, row.amount)
        if change is None:
            unsigned += 1
        elif vocabulary.direction_of(row.txn_type) is Direction.IN:
            money_in += row.amount
        else:
            money_out += row.amount
    return Totals(money_in, money_out, unsigned)


def sums(wanted: Wanted, most: int = SUMMED) -> Totals | None:
    """What all rows that match sum to, on all pages; None where there are more than `most`: those are not read.

    Not ordered, for the reason given at `entries`.
    """
    rows = _rows(wanted).filter(account_id__in=[account.account_id for account in wanted.accounts])
    found = [Change(*row) for row in rows.values_list("txn_type", "amount")[: most + 1]]
    return totals(found) if len(found) <= most else None


def within(rows: Iterable[Entry], period: Period) -> list[Entry]:
    """Those of the rows that lie in the period."""
    return [row for row in rows if period.start <= row.at < period.end]


def words_with(direction: Direction) -> list[str]:
    """The words of the vocabulary that move money this way."""
    return [word for word in vocabulary.VOCABULARY if vocabulary.direction_of(word) is direction]


def words_like(txn_type: str) -> list[str]:
    """The words that read the same to a customer as this one does ("Loan paid out" has two)."""
    same = str(vocabulary.words_for(txn_type))
    return [word for word in vocabulary.VOCABULARY if str(vocabulary.words_for(word)) == same]


def _rows(wanted: Wanted) -> QuerySet[AccountTransaction]:
    rows = AccountTransaction.objects.filter(wanted.not_hidden)
    if wanted.period:
        rows = rows.filter(_in_period(wanted.period, wanted.bounds))
    if wanted.direction:
        rows = rows.filter(txn_type__in=words_with(wanted.direction))
    if wanted.txn_type == OTHER_TYPES:
        rows = rows.exclude(txn_type__in=list(vocabulary.VOCABULARY))
    elif wanted.txn_type in vocabulary.GROUPS:
        rows = rows.filter(txn_type__in=vocabulary.words_in(wanted.txn_type))
    elif wanted.txn_type:
        rows = rows.filter(txn_type__in=words_like(wanted.txn_type))
    if wanted.text:
        # Django escapes the wildcards of LIKE in what is looked for.
        found = Q(description__icontains=wanted.text) | Q(reference_code__icontains=wanted.text)
        amount = _amount_in(wanted.text)
        rows = rows.filter((found if amount is None else found | Q(amount=amount)) | wanted.also)
    return rows.filter(wanted.only) if wanted.only else rows


def _amount_in(text: str) -> Decimal | None:
    """What was searched for as an amount of KES; None when it is none."""
    try:
        return parse_amount(text)
    except InvalidAmount:
        return None


def _in_period(period: Period, bounds: IdBounds) -> Q:
    return Q(created_at__gte=period.start, created_at__lt=period.end) & _between(bounds)


def _between(bounds: IdBounds) -> Q:
    inside = Q()
    if bounds.first is not None:
        inside &= Q(transaction_id__gte=bounds.first)
    if bounds.end is not None:
        inside &= Q(transaction_id__lt=bounds.end)
    return inside


def _ids(wanted: Wanted, keyset: Q, count: int, *, ascending: bool = False) -> list[int]:
    if not (keyset or ascending or wanted.period or wanted.since or wanted.is_narrowed):
        return _newest_ids(wanted.accounts, count)
    rows = _rows(wanted).filter(keyset)
    order = "transaction_id" if ascending else "-transaction_id"
    parts = [
        rows.filter(account_id=account.account_id).order_by(order).values_list("transaction_id", flat=True)[:count]
        for account in wanted.accounts
    ]
    return sorted(_united(parts), reverse=not ascending)[:count]


def _newest_ids(accounts: Sequence[AccountSummary], count: int) -> list[int]:
    """The common case, in the same words for every account: nothing to narrow it, from the newest on."""
    if not accounts:
        return []
    with connection.cursor() as cursor:
        params = [param for account in accounts for param in (account.account_id, count)]
        cursor.execute(_newest_of_each(len(accounts)), params)
        return sorted((row[0] for row in cursor.fetchall()), reverse=True)[:count]


def _newest_of_each(accounts: int) -> str:
    part = "SELECT transaction_id FROM transactions WHERE account_id = %s ORDER BY transaction_id DESC LIMIT %s"
    return " UNION ALL ".join(f"SELECT * FROM ({part}) AS part{n}" for n in range(accounts))  # noqa: S608 - own names


@lru_cache(maxsize=PAGE_SIZE)
def _newest_rows(accounts: int) -> Prepared[AccountTransaction]:
    """The newest `count` rows of each account. The ids are a table of their own: found first, then looked up."""
    number = partial(Slot, field=BigIntegerField())
    slots = [slot for n in range(accounts) for slot in (number(f"account{n}"), number("count"))]
    ids = RawSQL(f"SELECT transaction_id FROM ({_newest_of_each(accounts)}) AS newest", slots)  # noqa: S608, S611 - own names
    return Prepared(lambda: AccountTransaction.objects.filter(transaction_id__in=ids))


def _united(parts: Sequence[QuerySet[AccountTransaction, int]]) -> list[int]:
    """What these queries find, in one statement. Django's own union() can't hold LIMITs on SQLite."""
    compiled = [part.query.sql_with_params() for part in parts]
    if not compiled:
        return []
    sql = " UNION ALL ".join(f"SELECT * FROM ({part}) AS part{n}" for n, (part, _params) in enumerate(compiled))  # noqa: S608 - own names
    with connection.cursor() as cursor:
        cursor.execute(sql, [param for _part, params in compiled for param in params])
        return [row[0] for row in cursor.fetchall()]


def _id_of(wanted: Wanted, reference: str) -> int:
    own = AccountTransaction.objects.filter(account_id__in=[account.account_id for account in wanted.accounts])
    found = own.filter(reference_code=reference).values_list("transaction_id", flat=True).first()
    if found is None:
        raise Http404
    return found


@lru_cache(maxsize=PAGE_SIZE * 2)
def _rows_of(count: int) -> Prepared[AccountTransaction]:
    slots: list[Any] = [Slot(f"id{n}", BigIntegerField()) for n in range(count)]
    return Prepared(lambda: AccountTransaction.objects.filter(transaction_id__in=slots))


def _movements(ids: list[int], accounts: Sequence[AccountSummary]) -> list[Movement]:
    """The rows of these ids, newest first."""
    if not ids:
        return []
    return _as_movements(_rows_of(len(ids))(**{f"id{n}": row_id for n, row_id in enumerate(ids)}), accounts)


def _as_movements(rows: Iterable[AccountTransaction], accounts: Sequence[AccountSummary]) -> list[Movement]:
    """Newest first."""
    numbers = {account.account_id: account.number for account in accounts}
    return [
        Movement(
            row_id=row.transaction_id,
            account_number=numbers[row.account_id],
            txn_type=row.txn_type,
            amount=row.amount,
            reference=row.reference_code,
            description=row.description or "",
            at=row.created_at.astimezone(clock.NAIROBI) if row.created_at else None,
        )
        for row in sorted(rows, key=lambda row: -row.transaction_id)
    ]
