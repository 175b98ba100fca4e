"""A registry of the test's own jobs, and what they did."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest

from wekeza_portal.jobs import engine, selectors
from wekeza_portal.jobs.models import JobRun
from wekeza_portal.jobs.schedules import Daily
from wekeza_portal.registry import Job, Registry

SIX = Daily(time(6))


class Diary:
    """Jobs that write down for which dates they ran."""

    def __init__(self) -> None:
        self.jobs: Registry[Job] = Registry("job")
        self.ran: list[tuple[str, date]] = []
        self.faults: dict[str, Exception] = {}

    def add(self, name: str, schedule: Any = SIX, run: Callable[[date], int] | None = None, **more: Any) -> None:
        self.jobs.register(name, Job(name, schedule, run or (lambda day: self._note(name, day)), **more))

    def _note(self, name: str, day: date) -> int:
        self.ran.append((name, day))
        if name in self.faults:
            raise self.faults[name]
        return 3

    def dates(self, name: str = "a") -> list[str]:
        return [day.isoformat() for job, day in self.ran if job == name]


def install(monkeypatch: pytest.MonkeyPatch) -> Diary:
    """An engine with no jobs but the test's."""
    diary = Diary()
    monkeypatch.setattr(engine, "jobs", diary.jobs)
    monkeypatch.setattr(selectors, "jobs", diary.jobs)
    return diary


def states(job: str = "a") -> list[str]:
    return list(JobRun.objects.filter(job=job).order_by("due_at").values_list("state", flat=True))
