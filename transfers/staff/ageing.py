"""Payments out of the bank whose end nobody knows yet, by rail and age; on top what rails contradict."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from transfers.models import Payment
from transfers.outside.rails import TITLES
from wekeza_portal import clock
from wekeza_portal.money import ZERO

AGES: tuple[tuple[Any, timedelta], ...] = (
    (_("under 2 min"), timedelta(minutes=2)),
    (_("under 10 min"), timedelta(minutes=10)),
    (_("under 1 h"), timedelta(hours=1)),
    (_("under 24 h"), timedelta(hours=24)),
    (_("older"), timedelta.max),
)
LATE = timedelta(minutes=10)
MOST_SHOWN = 100


@dataclass(slots=True)
class Cell:
    """How many payments of one rail and age wait, and how much they are in KES."""

    rail: str
    age: int
    count: int = 0
    amount: Decimal = ZERO

    @property
    def is_late(self) -> bool:
        return bool(self.count) and self.age > 1


@dataclass(slots=True)
class Line:
    """One rail with its cells, youngest first."""

    rail: str
    title: Any
    cells: list[Cell] = field(default_factory=list)


def board() -> list[Line]:
    """One line for each rail that there is, with what waits in it."""
    cells: dict[tuple[str, int], Cell] = {}
    now = clock.now()
    for rail, received_at, amount in _open().values_list("rail", "received_at", "amount").iterator(2000):
        age = _age(now - received_at)
        cell = cells.setdefault((rail, age), Cell(rail, age))
        cell.count += 1
        cell.amount += amount
    names = dict.fromkeys([*TITLES, *(rail for rail, _age_ in cells)])
    return [
        Line(rail, TITLES.get(rail, rail), [cells.get((rail, age), Cell(rail, age)) for age in range(len(AGES))])
        for rail in names
    ]


def waiting(rail: str = "", age: int | None = None) -> list[Payment]:
    """The payments of one cell, of one rail, or all; oldest first, at most MOST_SHOWN."""
    rows, now = _open(), clock.now()
    if rail:
        rows = rows.filter(rail=rail)
    if age is not None and age < len(AGES) - 1:
        rows = rows.filter(received_at__gt=now - AGES[age][1])
    if age:
        rows = rows.filter(received_at__lte=now - AGES[age - 1][1])
    return list(rows.order_by("received_at", "pk")[:MOST_SHOWN])


def contradicted() -> list[Payment]:
    """Payments of which a rail says what can't be, oldest first."""
    return list(Payment.objects.filter(contradicted_at__isnull=False).order_by("contradicted_at")[:MOST_SHOWN])


def numbers() -> dict[str, int]:
    """For the front page: `late` (unconfirmed over ten minutes), `with_staff`, `contradicted`."""
    counts: dict[str, int] = defaultdict(int)
    counts["late"] = _open().filter(received_at__lte=clock.now() - LATE).count()
    counts["with_staff"] = _open().filter(with_staff_since__isnull=False).count()
    counts["contradicted"] = Payment.objects.filter(contradicted_at__isnull=False).count()
    return counts


def _open() -> Any:
    return Payment.objects.filter(state__in=Payment.OPEN)


def _age(waited: timedelta) -> int:
    return next(number for number, (_words, limit) in enumerate(AGES) if waited < limit)
