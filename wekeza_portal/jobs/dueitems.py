"""Within a job: many rows, each done exactly once for its date, whoever runs beside us and whoever dies.

The marker of a row (portal_due_done) is written in the transaction of its work: a kill leaves both or neither. A
second runner is kept out by the lock of the row, and by the marker's unique key if anything ever went wrong with that.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Model, QuerySet

from wekeza_portal import clock
from wekeza_portal.jobs import running
from wekeza_portal.jobs.models import DueDone

logger = logging.getLogger(__name__)

PAGE = 25
"""Keys read at a time; a pass that is over stops between two pages."""
Row = TypeVar("Row", bound=Model)
Operation = Callable[[Callable[[], bool | None]], Callable[[], bool | None]]


@dataclass(slots=True)
class Tally:
    """How many rows were done now and how many failed."""

    done: int = 0
    failed: int = 0


def for_each_due(
    work: str,
    due_on: date,
    rows: QuerySet[Row],
    do: Callable[[Row], None],
    *,
    operation: Operation = transaction.atomic,
) -> Tally:
    """Call `do` once for each row of `rows` that was not done for `work` on `due_on`; how many.

    `do` gets the row freshly read and locked, inside a transaction of its own together with the marker, and keeps its
    effects in it. Money passes `operation=accounts.ledger.money_operation`. `rows` is read again under the lock: a row
    that it no longer holds is left alone, so it may filter by the row's own state. `work` names the work within the
    whole portal, at most 40 characters.

    What `do` raises rolls back that row alone and is counted; in a job the run is then PARTIAL, and its next try does
    only what is left. The rows that failed hold up neither the others nor later dates. A database that goes away ends
    everything at once (OperationalError, InterfaceError); Paused and TakenOver are the engine's.
    """
    return _Doing(work, due_on, rows, do, operation).all()


@dataclass(slots=True)
class _Doing(Generic[Row]):
    work: str
    due_on: date
    rows: QuerySet[Row]
    do: Callable[[Row], None]
    operation: Operation

    def all(self) -> Tally:
        tally, current = Tally(), running.current()
        came_to = current.came_to(self.work) if current else None
        if came_to == running.FINISHED:
            return tally
        for page, last in self._pages(came_to):
            self._do_page(page, tally)
            if current is not None:
                current.note(self.work, last)
                if current.is_over() and last != running.FINISHED:
                    raise running.Paused()
        return tally

    def _do_page(self, keys: list[Any], tally: Tally) -> None:
        """Every key of it; those that another runner holds at the end, waiting for it: it may die or give up."""
        held = [key for key in keys if self._try(key, tally, wait=False) is None]
        for key in held:
            self._try(key, tally, wait=True)

    def _pages(self, after: str | None) -> Iterator[tuple[list[Any], str]]:
        """Primary keys without a marker, in order, and with each page the last key looked at."""
        while True:
            rows = self.rows if after is None else self.rows.filter(pk__gt=after)
            keys = list(rows.order_by("pk").values_list("pk", flat=True)[:PAGE])
            marked = DueDone.objects.filter(
                work=self.work, due_on=self.due_on, key__in=[str(key) for key in keys]
            ).values_list("key", flat=True)
            done = set(marked)
            is_last = len(keys) < PAGE
            after = running.FINISHED if is_last else str(keys[-1])
            yield [key for key in keys if str(key) not in done], after
            if is_last:
                return

    def _try(self, key: Any, tally: Tally, *, wait: bool) -> bool | None:
        """Do one row: True done, False not due (any more) or failed, None when another runner holds it."""
        running.breathe()
        try:
            outcome = self.operation(lambda: self._do_one(key, wait=wait))()
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("%s of %s failed for row %s", self.work, self.due_on, key)
            tally.failed += 1
            _count(failed=1)
            return False
        if outcome:
            tally.done += 1
            _count(done=1)
        return outcome

    def _do_one(self, key: Any, *, wait: bool) -> bool | None:
        row = _hold(self.rows, key, wait=wait)
        if row is None:
            return False if wait or not self.rows.filter(pk=key).exists() else None
        if not _mark(self.work, str(key), self.due_on):
            return False
        self.do(row)
        return True


def _count(done: int = 0, failed: int = 0) -> None:
    current = running.current()
    if current is not None:
        current.done += done
        current.failed += failed


def _hold(rows: QuerySet[Row], key: Any, *, wait: bool) -> Row | None:
    """The row under its lock, None if it is not due any more or, unless we wait, held by another runner."""
    skip = not wait and connection.features.has_select_for_update_skip_locked
    return rows.select_for_update(skip_locked=skip).filter(pk=key).first()


def _mark(work: str, key: str, due_on: date) -> bool:
    """Claim the row's date; False if it is done. Asked anew under the lock: what the keys were read from is old."""
    if DueDone.objects.filter(work=work, due_on=due_on, key=key).exists():
        return False
    DueDone(work=work, key=key, due_on=due_on, done_at=clock.now()).save(force_insert=True)
    return True
