"""Runs jobs when they are due: each slot once, missed dates made up for oldest first, safe with any number of runners.

Planning writes a row for each slot that has come; running claims the oldest open row of a job. A claim is a lease: who
is killed loses it and the next runner takes over. A run that fails is tried again after a growing pause and holds up
the later dates of its own job only. Jobs are idempotent for their business date: a run may begin several times.
"""

import logging
import time
import traceback
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from wekeza_portal import calendar, clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.jobs import running
from wekeza_portal.jobs.models import DueDone, JobRun, JobState
from wekeza_portal.jobs.schedules import Slot
from wekeza_portal.registry import Job, jobs

logger = logging.getLogger(__name__)

State = JobRun.State
BACK_OFF = [timedelta(minutes=m) for m in (1, 5, 15, 60)]
"""Pauses after the first failures; the last one from then on, for ever: nobody's date is given up silently."""
MOST_PLANNED = 31
"""Slots of one job planned ahead in one pass; after a longer outage the next pass goes on."""
A_MOMENT = timedelta(seconds=1)


def run_due(*, seconds: float | None = None, most: int = MOST_PLANNED) -> int:
    """One pass: plan what has come due, then run up to `most` runs of each job; how many runs ended.

    With `seconds` the pass is over after about as many: what is not finished goes on in the next one, behind the jobs
    that waited meanwhile.
    """
    began, ended = time.monotonic(), 0
    for name, job in jobs.items():
        _plan(name, job)
    for name in _names_in_turn():
        for _ in range(most):
            claimed = _claim(name, jobs.get(name))
            if claimed is None or not _perform(jobs.get(name), claimed, seconds):
                break
            ended += 1
        if seconds is not None and time.monotonic() - began > seconds:
            break
    return ended


def _names_in_turn() -> list[str]:
    """Jobs with something to run, the one that has waited longest first."""
    rows = _runnable(clock.now()).order_by("next_at", "job").values_list("job", flat=True)
    return list(dict.fromkeys(rows))


def is_idle() -> bool:
    """Nothing to plan and nothing to run: a look without a lock, so that a quiet bank's worker writes nothing."""
    now = clock.now()
    planned = dict(JobState.objects.values_list("name", "planned_until"))
    if not all(name in planned and _first_slot(job, planned[name], now) is None for name, job in jobs.items()):
        return False
    return not _runnable(now).exists()  # asked last: what another runner has planned meanwhile is seen


def work() -> int:
    """A worker step: one short pass, so that messages beside it are not kept waiting; how many runs ended."""
    return 0 if is_idle() else run_due(seconds=1.0, most=1)


def overdue_since() -> datetime | None:
    """Since when the longest overdue job has been due, planned or not; None when all is done."""
    now = clock.now()
    states = list(JobState.objects.filter(name__in=_names()))
    slots = (_first_slot(jobs.get(state.name), state.planned_until, now) for state in states)
    # Asked after the states: what another runner plans in between is found twice, and never not at all.
    oldest = _open(now).order_by("due_at").values_list("due_at", flat=True).first()
    found = [slot.due_at for slot in slots if slot is not None]
    return min([*found, oldest] if oldest else found, default=None)


def overdue_seconds() -> int | None:
    """How long the longest overdue job has been due, in seconds; None when nothing is."""
    since = overdue_since()
    return None if since is None else int((clock.now() - since).total_seconds())


@transaction.atomic
def run_again(run_id: int, *, actor: Actor) -> JobRun | None:
    """Have a run tried at the next pass, also one that is done: what is done for its date stays done. Audited.

    None when there is no such run (any more), or a runner is at it.
    """
    run = JobRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None or run.job not in jobs or (run.state == State.RUNNING and run.next_at > clock.now()):
        return None
    before = run.state
    run.state, run.next_at, run.tries, run.progress, run.failed = State.WAITING, clock.now(), 0, {}, 0
    run.save(update_fields=["state", "next_at", "tries", "progress", "failed"])
    record("job.run_again", actor=actor, subject=f"job:{run.job}", data={"slot": run.slot, "was": before})
    return run


# --- Planning -----------------------------------------------------------------------------------------------------


def _plan(name: str, job: Job) -> None:
    """Write the rows of the slots that have come; another runner planning the same job is left to it."""
    now = clock.now()
    planned_until = JobState.objects.filter(pk=name).values_list("planned_until", flat=True).first()
    if planned_until is None:
        # A job that is new begins with the slots of its first day.
        JobState.objects.bulk_create(
            [JobState(name=name, planned_until=clock.midnight(now.date()) - A_MOMENT)], ignore_conflicts=True
        )
    elif _first_slot(job, planned_until, now) is None:
        return
    with transaction.atomic():
        state = _hold(name)
        if state is None:
            return
        slots = list(islice(job.schedule.slots(state.planned_until, now, calendar.current), MOST_PLANNED))
        if slots:
            # A frequent job's unfinished run stands for the slots that come meanwhile.
            if job.schedule.makes_up or not _open(now).filter(job=name).exists():
                JobRun.objects.bulk_create([_row(name, slot) for slot in slots], ignore_conflicts=True)
            state.planned_until = slots[-1].due_at
            state.save(update_fields=["planned_until"])


def _first_slot(job: Job, after: datetime, until: datetime) -> Slot | None:
    return next(iter(job.schedule.slots(after, until, calendar.current)), None)


def _row(name: str, slot: Slot) -> JobRun:
    return JobRun(job=name, slot=slot.key, business_date=slot.business_date, due_at=slot.due_at, next_at=slot.due_at)


def _hold(name: str) -> JobState | None:
    """The job's own row under a lock; None while another runner holds it."""
    skip = connection.features.has_select_for_update_skip_locked
    return JobState.objects.select_for_update(skip_locked=skip).filter(pk=name).first()


# --- Running ------------------------------------------------------------------------------------------------------


def _names() -> list[str]:
    return [name for name, _job in jobs.items()]


def _open(now: datetime) -> QuerySet[JobRun]:
    """Runs that have come due and are not done, of the jobs there are: one that was dropped holds up nobody."""
    return JobRun.objects.filter(job__in=_names(), due_at__lte=now).exclude(state=State.DONE)


def _runnable(now: datetime) -> QuerySet[JobRun]:
    return _open(now).filter(next_at__lte=now)


def _next_of(name: str, now: datetime) -> JobRun | None:
    """The run that this job must do next: the oldest date that is not done. Rows that failed hold up no later date."""
    of_job = _open(now).filter(job=name).order_by("due_at", "pk")
    oldest = of_job.exclude(state=State.PARTIAL).first()
    if oldest is not None and oldest.next_at <= now:
        return oldest
    if oldest is not None and oldest.state == State.RUNNING:
        return None
    return of_job.filter(state=State.PARTIAL, next_at__lte=now).first()


def _claim(name: str, job: Job) -> JobRun | None:
    """Take the job's next run for the length of its lease; None when there is none or another runner is at it."""
    if not _runnable(clock.now()).filter(job=name).exists():
        return None
    with transaction.atomic():
        if _hold(name) is None:
            return None
        now = clock.now()
        run = _next_of(name, now)
        if run is None:
            return None
        if run.state in {State.FAILED, State.PARTIAL}:
            run.failed = 0
        run.state, run.next_at = State.RUNNING, now + job.lease
        run.attempts += 1
        run.started_at = run.started_at or now
        run.save(update_fields=["state", "next_at", "attempts", "started_at", "failed"])
        return run


def _perform(job: Job, run: JobRun, seconds: float | None) -> bool:
    """Do one claimed run and write down what became of it; whether it ended (one way or another)."""
    with running.at_work(running.Running(run, job.lease, seconds)) as current:
        try:
            handled = job.run(run.business_date)
            current.done = max(current.done, handled)
        except running.Paused:
            _put_back(current)
            return False
        except running.TakenOver:
            logger.warning("job %s of %s went on elsewhere", run.job, run.slot)
            return False
        except Exception as error:
            logger.exception("job %s of %s failed", run.job, run.slot)
            _fail(current, State.FAILED, where(error))
        else:
            if run.failed + current.failed:
                _fail(current, State.PARTIAL, "")
            else:
                _settle(current, state=State.DONE, finished_at=clock.now(), tries=0, error="", progress={})
        return True


def _put_back(current: running.Running) -> None:
    run = current.run
    failed = run.failed + current.failed
    _settle(current, state=State.WAITING, next_at=clock.now(), progress=run.progress, failed=failed)


def _fail(current: running.Running, state: str, error: str) -> None:
    run = current.run
    pause = BACK_OFF[min(run.tries, len(BACK_OFF) - 1)]
    failed = run.failed + current.failed
    values = {"state": state, "next_at": clock.now() + pause, "tries": run.tries + 1, "error": error, "progress": {}}
    _settle(current, **values, failed=failed if state == State.PARTIAL else 0, finished_at=clock.now())
    logger.error("job %s of %s: %s, tried again in %s", run.job, run.slot, error or f"{failed} rows failed", pause)


def _settle(current: running.Running, **values: object) -> None:
    if not current.claimed().update(done=current.run.done + current.done, **values):
        logger.warning("job %s of %s ended here after it went on elsewhere", current.run.job, current.run.slot)


def where(error: BaseException) -> str:
    """Kind and place of an error in our own code, without what it says: that may be a customer's."""
    home = Path(settings.BASE_DIR)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(home)]
    ours = [frame for frame in frames if ".venv" not in frame.filename] or frames
    place = f" in {Path(ours[-1].filename).relative_to(home)}, {ours[-1].name}" if ours else ""
    return f"{type(error).__name__}{place}"[:200]


def forget_old(today: date) -> int:
    """Delete ended runs and markers that nobody can ask for any more; how many. Itself a job.

    Markers outlive every run that could ask for them: runs go first, and one still open keeps all markers.
    """
    frequent = clock.midnight(today - timedelta(days=14))
    all_others = clock.midnight(today - timedelta(days=400))
    ended = JobRun.objects.filter(state=State.DONE)
    deleted = ended.filter(Q(due_at__lt=all_others) | Q(due_at__lt=frequent, slot__contains=":")).delete()[0]
    if not JobRun.objects.filter(due_at__lt=all_others).exists():
        deleted += DueDone.objects.filter(due_on__lt=today - timedelta(days=430)).delete()[0]
    return deleted
