"""What the staff's pages show of the calendar and the jobs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from wekeza_portal import calendar, clock
from wekeza_portal.jobs.models import HolidayChange, JobRun, JobState
from wekeza_portal.registry import jobs

PAGE = 25
State = JobRun.State
FAILING = (State.FAILED, State.PARTIAL)


@dataclass(frozen=True, slots=True)
class Line:
    """One run as the board shows it."""

    run: JobRun
    title: Any
    late: str
    took: str
    is_alarming: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """One job: when it runs, what ran last, what comes next."""

    name: str
    title: Any
    schedule: str
    last_done: datetime | None
    next_due: datetime | None
    failing: int


@dataclass(frozen=True, slots=True)
class History:
    lines: list[Line]
    job: str
    older: int | None
    """Pass as `before` for the page after this one."""


def history(*, job: str = "", before: str = "") -> History:
    """Runs newest first, of one job or of all; words that name neither job nor run show the newest."""
    runs = JobRun.objects.order_by("-pk")
    if job in jobs:
        runs = runs.filter(job=job)
    if before.isascii() and before.isdigit() and len(before) < 19:
        runs = runs.filter(pk__lt=int(before))
    page = list(runs[: PAGE + 1])
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    return History([_line(run) for run in page[:PAGE]], job if job in jobs else "", older)


def standing() -> list[Standing]:
    """Every job there is. Three queries, however many there are."""
    done, failed = Q(state=State.DONE), Q(state__in=FAILING)
    rows = JobRun.objects.order_by().values("job")
    counted = rows.annotate(last=Max("finished_at", filter=done), bad=Count("pk", filter=failed))
    known = {row["job"]: (row["last"], row["bad"]) for row in counted}
    planned = dict(JobState.objects.values_list("name", "planned_until"))
    days, now = calendar.current(), clock.now()
    found = []
    for name, job in jobs.items():
        slot = job.schedule.next_after(max(now, planned.get(name, now)), lambda: days)
        last, bad = known.get(name, (None, 0))
        next_due = slot.due_at if slot else None
        found.append(Standing(name, job.title, str(job.schedule), last, next_due, bad))
    return found


def failing() -> int:
    """How many runs failed, whole or in part, and are to be tried again."""
    return JobRun.objects.filter(state__in=FAILING).count()


def exists(run_id: int) -> bool:
    """Whether there is such a run."""
    return JobRun.objects.filter(pk=run_id).exists()


def holiday_changes(year: int) -> list[HolidayChange]:
    """What the bank changed for days of this year and the next, newest first."""
    return list(HolidayChange.objects.filter(day__year__in=[year, year + 1]).order_by("-pk")[:50])


def _line(run: JobRun) -> Line:
    late = _in_words(run.started_at - run.due_at) if run.started_at else ""
    took = _in_words(run.finished_at - run.started_at) if run.started_at and run.finished_at else ""
    title = jobs.get(run.job).title if run.job in jobs else run.job
    return Line(run, title, late, took, run.state in FAILING)


def _in_words(span: timedelta) -> str:
    """ "40 s", "12 min", "3.5 h"."""
    seconds = int(span.total_seconds())
    if seconds < 100:
        return _("%(seconds)s s") % {"seconds": seconds}
    if seconds < 6000:
        return _("%(minutes)s min") % {"minutes": seconds // 60}
    return _("%(hours)s h") % {"hours": f"{seconds / 3600:.1f}"}
