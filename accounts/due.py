"""What falls due when, from every app that knows: one query for all, for the home page and for the forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, reduce
from typing import Any, TypeVar

from django.db.models import BigIntegerField, CharField, DateField, DecimalField, Expression, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from accounts.models.branch import MONEY
from accounts.selectors import AccountSummary
from wekeza_portal import clock
from wekeza_portal.prepared import Prepared, Slot, any_of
from wekeza_portal.registry import DueItem, DueRow, DueSource, Registry, TieSource, due_sources

COMING_UP = 5
Source = TypeVar("Source", DueSource, TieSource)
PREPARED = 64
"""Queries kept, one for each number of accounts that a customer may have."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The accounts a source is asked about: so many, each a place that is filled later."""

    accounts: int

    def by_number(self, column: str) -> Q:
        """Rows of these account numbers."""
        return any_of(column, (Slot(f"number{n}", CharField()) for n in range(self.accounts)))

    def by_id(self, column: str) -> Q:
        """Rows of these accounts' ids."""
        return any_of(column, (Slot(f"id{n}", BigIntegerField()) for n in range(self.accounts)))


def coming_up(_customer: Any, accounts: Sequence[AccountSummary]) -> list[DueItem] | None:
    """The next five, for the home page; None if nothing is due."""
    return due_items(accounts, today=clock.today())[:COMING_UP] or None


def due_items(accounts: Sequence[AccountSummary], *, today: date) -> list[DueItem]:
    """What falls due from `today` on, soonest first: of each loan, policy and deposit the next one.

    A day that has passed is not listed: the branch moves dates on by hand, so it may have been paid there.
    """
    items = [due_sources.get(row.source).item(row, today) for row in rows_of(due_sources, accounts)]
    return sorted((item for item in items if item and item.on >= today), key=lambda item: (item.on, item.what))


def rows_of(sources: Registry[Source], accounts: Sequence[AccountSummary]) -> list[DueRow]:
    """What all of these sources have about the accounts, in one query."""
    named = tuple(sources.items())
    if not accounts or not named:
        return []
    values: dict[str, Any] = {f"number{n}": account.number for n, account in enumerate(accounts)}
    values |= {f"id{n}": account.account_id for n, account in enumerate(accounts)}
    return [DueRow(*row) for row in _rows(named, len(accounts))(**values)]


@lru_cache(maxsize=PREPARED)
def _rows(sources: tuple[tuple[str, Source], ...], accounts: int) -> Prepared[tuple[Any, ...]]:
    """What all sources have about so many accounts."""
    queries = [
        source.rows(Asked(accounts))
        .annotate(due_source=Value(name, output_field=CharField()))
        .values_list("due_source", *_NAMES)
        for name, source in sources
    ]
    return Prepared(lambda: reduce(_beside, queries))


def columns(
    *,
    number: str,
    name: str,
    account_number: str,
    amount: str,
    day: str | Combinable | None = None,
    first_day: str | None = None,
    last_day: str | None = None,
    word: str = "",
) -> dict[str, Expression]:
    """The columns of a source, by the names of its table's, for `annotate()`; DueRow says what each is for.

    Texts are cast: the branch's tables sort by different collations, and a union of those is refused.
    """
    return {
        "due_number": _text(number),
        "due_name": _text(name),
        "due_account_number": _text(account_number),
        "due_first_day": _day(first_day),
        "due_last_day": _day(last_day),
        "due_day": _day(day),
        "due_amount": Cast(amount, DecimalField(**MONEY)),
        "due_word": _text(word),
    }


_NAMES = [f"due_{name}" for name in DueRow._fields if name != "source"]


def _beside(one: QuerySet[Any, Any], other: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return one.union(other, all=True)


def _text(column: str) -> Expression:
    if not column:
        return Value("", output_field=CharField())
    return Coalesce(Cast(column, CharField(max_length=255)), Value(""))


def _day(column: str | Combinable | None) -> Expression:
    return Cast(Value(None) if column is None else column, DateField())
