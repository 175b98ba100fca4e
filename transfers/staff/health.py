"""How each rail does: whether it answers, when it last ended a payment, when it last called us."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from transfers.models import Payment
from transfers.outside import stopping
from transfers.outside.rails import TITLES
from wekeza_portal import clock
from wekeza_portal.rails.base import rails
from wekeza_portal.rails.models import RailCallback, RailCircuit
from wekeza_portal.staff import switches

LOOKED_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Health:
    """One rail. `failures` in a row; `resting_until` while it is left alone. Times in EAT, None for never."""

    name: str
    title: Any
    is_there: bool
    is_on: bool
    failures: int
    opened_at: datetime | None
    last_end: datetime | None
    last_callback: datetime | None

    @property
    def is_resting(self) -> bool:
        return self.opened_at is not None


def board() -> list[Health]:
    """Every rail that payments go over."""
    circuits = {row.rail: row for row in RailCircuit.objects.all()}
    off = {row.code for row in switches.off_rows(TITLES)}
    return [_of(name, title, circuits.get(name.lower()), name not in off) for name, title in TITLES.items()]


def resting() -> list[Any]:
    """The titles of the rails that are left alone for the moment."""
    opened = set(RailCircuit.objects.filter(opened_at__isnull=False).values_list("rail", flat=True))
    return [title for name, title in TITLES.items() if name.lower() in opened]


def alarmed() -> list[Any]:
    """The titles of the rails that said within the last hour that they refuse the bank's own access."""
    said = set(stopping.alarms(*TITLES).values_list("subject", flat=True))
    return [title for name, title in TITLES.items() if f"rail:{name}" in said]


def _of(name: str, title: Any, row: RailCircuit | None, is_on: bool) -> Health:
    ended = Payment.objects.filter(rail=name, finished_at__isnull=False).order_by("-finished_at").first()
    called = RailCallback.objects.filter(
        received_at__gte=clock.now() - LOOKED_BACK, rail__startswith=f"{name.lower()}."
    )
    latest = called.order_by("-received_at").first()
    return Health(
        name=name,
        title=title,
        is_there=name.lower() in rails,
        is_on=is_on,
        failures=row.failures if row else 0,
        opened_at=row.opened_at if row else None,
        last_end=ended.finished_at if ended else None,
        last_callback=latest.received_at if latest else None,
    )
