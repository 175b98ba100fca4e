"""The run that this thread is at: keeps its claim alive while it works, remembers how far it came, stops it in time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import QuerySet

from wekeza_portal import clock
from wekeza_portal.jobs.models import JobRun

FINISHED = ""
"""Instead of a key: all rows of this work were gone through."""


class Paused(Exception):
    """The time of this pass is over; the run goes on in the next one. Jobs let it through."""


class TakenOver(Exception):
    """The claim ran out and another runner has the run now. Jobs let it through."""


@dataclass(slots=True)
class Running:
    """One claimed run. `seconds`: how long it may work in this pass, None for as long as it takes."""

    run: JobRun
    lease: timedelta
    seconds: float | None
    began: float = field(default_factory=lambda: time.monotonic())
    renewed: float = field(default_factory=lambda: time.monotonic())
    done: int = 0
    failed: int = 0

    def claimed(self) -> QuerySet[JobRun]:
        """The row as long as this claim holds: whoever comes back late overwrites nobody's outcome."""
        return JobRun.objects.filter(pk=self.run.pk, state=JobRun.State.RUNNING, attempts=self.run.attempts)

    def came_to(self, work: str) -> str | None:
        """The last key that earlier passes of this try finished, FINISHED, or None when they never began."""
        key: str | None = self.run.progress.get(work)
        return key

    def note(self, work: str, key: str) -> None:
        self.run.progress[work] = key

    def is_over(self) -> bool:
        return self.seconds is not None and time.monotonic() - self.began > self.seconds


_current: ContextVar[Running | None] = ContextVar("running", default=None)


def current() -> Running | None:
    """The run of this thread; None outside one (a test, a command)."""
    return _current.get()


@contextmanager
def at_work(running: Running) -> Iterator[Running]:
    """Make it the run of this thread."""
    token = _current.set(running)
    try:
        yield running
    finally:
        _current.reset(token)


def breathe() -> None:
    """Called by long jobs now and then, outside any transaction: renews the claim when a third of it has passed.

    Raises TakenOver when another runner has the run.
    """
    running = _current.get()
    if running is None or time.monotonic() - running.renewed <= running.lease.total_seconds() / 3:
        return
    if not running.claimed().update(next_at=clock.now() + running.lease):
        raise TakenOver()
    running.renewed = time.monotonic()
