"""The engine: each slot once, missed dates oldest first, a failure stops only its own job, the dead are replaced."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from tests.factories import DueDoneFactory, HolidayChangeFactory, JobRunFactory, UserFactory
from wekeza_portal import clock, registry
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.jobs import engine, running
from wekeza_portal.jobs.engine import run_due
from wekeza_portal.jobs.management.commands import runjobs
from wekeza_portal.jobs.models import DueDone, JobRun, JobState
from wekeza_portal.jobs.schedules import Daily, Days, Every
from wekeza_portal.jobs.tests.support import SIX, Diary, install, states
from wekeza_portal.registry import worker_steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    """Tuesday 24 November 2026, 07:00 in Nairobi; the server's own clock is UTC."""
    with time_machine.travel(datetime(2026, 11, 24, 4, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch, now: time_machine.Traveller) -> Diary:
    return install(monkeypatch)


def test_a_job_that_is_due_runs_once_and_says_how_many(diary: Diary) -> None:
    diary.add("a")
    assert run_due() == 1
    assert run_due() == 0
    assert diary.dates() == ["2026-11-24"]
    run = JobRun.objects.get()
    assert (run.state, run.done, run.attempts, run.error) == ("DONE", 3, 1, "")
    assert run.due_at == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    assert run.started_at == run.finished_at == clock.now()


def test_nothing_runs_before_its_time(diary: Diary, now: time_machine.Traveller) -> None:
    diary.add("a", Daily(time(7, 0, 1)))
    assert run_due() == 0
    now.shift(timedelta(seconds=1))
    assert run_due() == 1


def test_a_new_job_begins_with_its_first_day_and_not_with_the_past(diary: Diary) -> None:
    diary.add("a", Daily(time(0, 0)))
    run_due()
    assert diary.dates() == ["2026-11-24"]


def test_a_job_added_before_its_first_time_is_made_up_for_when_the_worker_died_meanwhile(
    diary: Diary, now: time_machine.Traveller
) -> None:
    diary.add("a", Daily(time(23, 0)))
    run_due()
    now.shift(timedelta(days=1))
    run_due()
    assert diary.dates() == ["2026-11-24"]


def test_after_three_days_without_a_worker_each_date_runs_once_and_the_oldest_first(
    diary: Diary, now: time_machine.Traveller
) -> None:
    diary.add("a")
    run_due()
    now.shift(timedelta(days=3))
    assert run_due() == 3
    assert diary.dates() == ["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"]
    assert run_due() == 0


def test_a_long_outage_is_made_up_for_in_bounded_passes(diary: Diary, now: time_machine.Traveller) -> None:
    diary.add("a")
    run_due()
    now.shift(timedelta(days=70))
    assert [run_due(), run_due(), run_due(), run_due()] == [31, 31, 8, 0]
    assert diary.dates() == sorted(diary.dates())
    assert len(set(diary.dates())) == 71


def test_the_worker_does_one_date_a_round(diary: Diary, now: time_machine.Traveller) -> None:
    diary.add("a")
    engine.work()
    now.shift(timedelta(days=3))
    assert [engine.work() for _ in range(4)] == [1, 1, 1, 0]


def test_month_ends_and_business_days_are_made_up_for_too(diary: Diary, now: time_machine.Traveller) -> None:
    diary.add("ends", Daily(time(1), Days.MONTH_ENDS))
    diary.add("work", Daily(time(1), Days.BUSINESS_DAYS))
    HolidayChangeFactory(day=date(2026, 12, 1))
    run_due()
    now.move_to(datetime(2026, 12, 2, 4, 0, tzinfo=UTC))
    run_due()
    assert diary.dates("ends") == ["2026-11-30"]
    assert diary.dates("work") == ["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30", "2026-12-02"]


def test_a_frequent_job_makes_up_for_nothing(diary: Diary, now: time_machine.Traveller) -> None:
    diary.add("a", Every(10))
    run_due()
    now.shift(timedelta(days=3, minutes=5))
    assert run_due() == 1
    assert list(JobRun.objects.order_by("due_at").values_list("slot", flat=True)) == [
        "2026-11-24 07:00",
        "2026-11-27 07:00",
    ]


def test_moving_the_time_of_a_job_repeats_no_date(diary: Diary, now: time_machine.Traveller) -> None:
    diary.add("a", SIX)
    run_due()
    diary.jobs = registry.Registry("job")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "jobs", diary.jobs)
        diary.add("a", Daily(time(6, 30)))
        assert run_due() == 0
    assert diary.dates() == ["2026-11-24"]


@pytest.mark.parametrize("jump", [timedelta(hours=-2), timedelta(days=-2)])
def test_a_clock_that_jumps_back_repeats_nothing(diary: Diary, now: time_machine.Traveller, jump: timedelta) -> None:
    diary.add("a")
    diary.add("b", Every(5))
    run_due()
    now.shift(jump)
    assert run_due() == 0
    now.shift(-jump)
    assert run_due() == 0
    assert diary.dates() == ["2026-11-24"]
    assert len(diary.dates("b")) == 1


def test_a_run_begun_before_the_clock_jumped_back_waits_for_its_time(diary: Diary, now: time_machine.Traveller) -> None:
    diary.add("a")
    diary.faults["a"] = ValueError("x")
    run_due()
    now.shift(timedelta(days=-1))
    assert run_due() == 0
    assert engine.overdue_seconds() is None


def test_the_day_turns_at_midnight_in_nairobi(diary: Diary, now: time_machine.Traveller) -> None:
    diary.add("a", Daily(time(0, 0)))
    run_due()
    now.move_to(datetime(2026, 11, 24, 20, 59, 59, tzinfo=UTC))
    assert run_due() == 0
    now.move_to(datetime(2026, 11, 24, 21, 0, 0, tzinfo=UTC))
    assert run_due() == 1
    assert diary.dates()[-1] == "2026-11-25"


@pytest.mark.parametrize(
    "error", [ValueError("secret 4711"), KeyError("x"), OperationalError(1205, "lock"), ZeroDivisionError(), OSError()]
)
def test_a_job_that_fails_stops_only_itself(diary: Diary, error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    diary.add("a")
    diary.add("b")
    diary.faults["a"] = error
    assert run_due() == 2
    assert states("a") == ["FAILED"]
    assert states("b") == ["DONE"]
    failed = JobRun.objects.get(job="a")
    assert failed.error.startswith(type(error).__name__)
    assert "support.py, _note" in failed.error
    assert "4711" not in failed.error, "what an error says may be a customer's"


@pytest.mark.parametrize("answer", [None, "three"])
def test_a_job_that_does_not_say_how_many_has_failed_and_stops_only_itself(diary: Diary, answer: Any) -> None:
    diary.add("a", run=lambda _day: answer)
    diary.add("b")
    assert run_due() == 2
    assert states("a") == ["FAILED"]
    assert states("b") == ["DONE"]
    assert JobRun.objects.get(job="a").error.startswith("TypeError")


def test_it_is_tried_again_after_growing_pauses_and_holds_up_its_later_dates(
    diary: Diary, now: time_machine.Traveller
) -> None:
    diary.add("a")
    diary.faults["a"] = ValueError("x")
    run_due()
    waited = []
    for _ in range(6):
        pause = JobRun.objects.order_by("due_at").first().next_at - clock.now()
        now.shift(pause - timedelta(seconds=1))
        assert run_due() == 0
        now.shift(timedelta(seconds=1))
        assert run_due() == 1
        waited.append(int(pause.total_seconds() / 60))
    assert waited == [1, 5, 15, 60, 60, 60]
    now.shift(timedelta(days=1))
    run_due()
    assert set(diary.dates()) == {"2026-11-24"}
    del diary.faults["a"]
    now.shift(timedelta(hours=1))
    run_due()
    assert states() == ["DONE", "DONE"]
    assert diary.dates()[-2:] == ["2026-11-24", "2026-11-25"]
    assert list(JobRun.objects.values_list("error", flat=True)) == ["", ""]


def test_a_frequent_job_that_fails_leaves_one_run_and_not_a_heap(diary: Diary, now: time_machine.Traveller) -> None:
    diary.add("a", Every(10))
    diary.faults["a"] = ValueError("x")
    for _ in range(30):
        run_due()
        now.shift(timedelta(minutes=10))
    assert len(states()) == 1
    del diary.faults["a"]
    now.shift(timedelta(hours=1))
    run_due()
    now.shift(timedelta(minutes=10))
    run_due()
    assert states() == ["DONE", "DONE"]


def test_a_runner_that_died_is_replaced_when_its_lease_is_over(diary: Diary, now: time_machine.Traveller) -> None:
    diary.add("a", lease=timedelta(minutes=5))
    engine._plan("a", diary.jobs.get("a"))
    dead = engine._claim("a", diary.jobs.get("a"))
    assert dead is not None
    now.shift(timedelta(minutes=5, seconds=-1))
    assert run_due() == 0
    now.shift(timedelta(seconds=1))
    assert run_due() == 1
    assert JobRun.objects.get().attempts == 2


def test_a_runner_that_comes_back_late_changes_nothing_of_the_outcome(
    diary: Diary, now: time_machine.Traveller
) -> None:
    def slow(day: date) -> int:
        """While it sleeps its lease runs out, and another does the work."""
        if not diary.ran:
            diary.ran.append(("a", day))
            now.shift(timedelta(minutes=6))
            assert run_due() == 1
            return 99
        diary.ran.append(("a", day))
        return 3

    diary.add("a", run=slow)
    run_due()
    run = JobRun.objects.get()
    assert (run.state, run.attempts, run.done) == ("DONE", 2, 3)


def test_a_long_job_keeps_its_claim_alive_by_breathing(
    diary: Diary, now: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(0, 100_000, 150))
    monkeypatch.setattr(running.time, "monotonic", lambda: next(ticks))
    seen: list[datetime] = []

    def long(day: date) -> int:
        for _ in range(4):
            now.shift(timedelta(minutes=4))
            running.breathe()
            seen.append(JobRun.objects.get().next_at)
        return 1

    diary.add("a", run=long)
    run_due()
    assert seen == sorted(set(seen)), "each breath moved the end of the claim"
    assert states() == ["DONE"]


def test_a_long_job_that_lost_its_claim_stops(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 100_000, 150))
    monkeypatch.setattr(running.time, "monotonic", lambda: next(ticks))

    def long(day: date) -> int:
        JobRun.objects.update(attempts=7)
        running.breathe()
        raise AssertionError("went on without a claim")

    diary.add("a", run=long)
    assert run_due() == 0
    assert states() == ["RUNNING"], "its outcome belongs to the other"


def test_a_job_that_was_dropped_holds_up_nobody_and_alarms_nobody(diary: Diary) -> None:
    JobRunFactory(job="dropped", state="FAILED")
    diary.add("a")
    assert run_due() == 1
    assert engine.overdue_seconds() is None
    assert engine.is_idle()


def test_an_idle_look_writes_nothing_and_asks_twice(diary: Diary) -> None:
    diary.add("a")
    diary.add("b", Daily(time(9), Days.BUSINESS_DAYS))
    engine.work()
    with CaptureQueriesContext(connection) as queries:
        assert engine.work() == 0
    assert [query["sql"].split()[0] for query in queries] == ["SELECT", "SELECT"]


def test_the_longest_overdue_is_known_also_when_no_worker_plans(diary: Diary, now: time_machine.Traveller) -> None:
    diary.add("a")
    run_due()
    assert engine.overdue_seconds() is None
    now.shift(timedelta(days=2))
    assert engine.overdue_seconds() == (24 + 1) * 3600
    assert not JobRun.objects.exclude(state="DONE").exists()


@pytest.mark.parametrize("question", [lambda: engine.overdue_seconds() is not None, lambda: not engine.is_idle()])
def test_what_another_runner_plans_between_two_questions_is_not_overlooked(
    diary: Diary, now: time_machine.Traveller, question: Callable[[], bool]
) -> None:
    diary.add("a")
    run_due()
    now.shift(timedelta(days=2))
    asked: list[str] = []

    def plan_after_the_first(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        asked.append(sql)
        if len(asked) == 1:
            engine._plan("a", engine.jobs.get("a"))
        return answer

    with connection.execute_wrapper(plan_after_the_first):
        assert question()


def test_jobs_take_turns_when_time_is_short(diary: Diary, monkeypatch: pytest.MonkeyPatch, now: Any) -> None:
    """The clock of the pass runs out after each job."""
    diary.add("a")
    diary.add("b")
    run_due()
    now.shift(timedelta(days=2))
    diary.ran.clear()
    for _ in range(4):
        engine.run_due(seconds=-1.0, most=1)
        now.shift(timedelta(seconds=1))
    assert sorted(name for name, _day in diary.ran) == ["a", "a", "b", "b"]


# --- By hand ------------------------------------------------------------------------------------------------------


def again(run: JobRun) -> JobRun | None:
    return engine.run_again(run.pk, actor=Actor(kind="staff", id="7"))


def test_a_failed_run_is_begun_at_once_by_hand_and_the_trail_says_by_whom(diary: Diary) -> None:
    diary.add("a")
    diary.faults["a"] = ValueError("x")
    run_due()
    assert run_due() == 0
    del diary.faults["a"]
    assert again(JobRun.objects.get()) is not None
    assert run_due() == 1
    assert states() == ["DONE"]
    event = AuditEvent.objects.get(verb="job.run_again")
    assert (event.actor_id, event.subject, event.data) == ("7", "job:a", {"slot": "2026-11-24", "was": "FAILED"})


def test_a_run_under_way_is_left_alone(diary: Diary) -> None:
    diary.add("a")
    run_due()
    JobRun.objects.update(state="RUNNING", next_at=clock.now() + timedelta(minutes=1))
    assert again(JobRun.objects.get()) is None
    assert not AuditEvent.objects.filter(verb="job.run_again").exists()
    JobRun.objects.update(next_at=clock.now())
    assert again(JobRun.objects.get()) is not None


def test_what_is_not_there_is_not_run(diary: Diary) -> None:
    assert again(JobRunFactory(job="dropped")) is None
    assert engine.run_again(99, actor=system("test")) is None


# --- Forgetting ---------------------------------------------------------------------------------------------------


def test_old_history_is_deleted_and_markers_outlive_the_runs(diary: Diary) -> None:
    today = clock.today()

    def run(days: int, **more: Any) -> None:
        JobRunFactory(due_at=clock.midnight(today - timedelta(days=days)), **{"state": "DONE", **more})

    run(399)
    run(401)
    run(13, slot="2026-11-11 00:00")
    run(15, slot="2026-11-09 00:00")
    for days in (429, 431):
        DueDoneFactory(due_on=today - timedelta(days=days))
    assert engine.forget_old(today) == 3
    assert JobRun.objects.count() == 2
    assert DueDone.objects.get().due_on == today - timedelta(days=429)


def test_an_old_run_that_is_open_keeps_itself_and_every_marker(diary: Diary) -> None:
    today = clock.today()
    JobRunFactory(state="FAILED", due_at=clock.midnight(today - timedelta(days=500)))
    DueDoneFactory(due_on=today - timedelta(days=500))
    assert engine.forget_old(today) == 0


# --- Where it is called from --------------------------------------------------------------------------------------


def test_the_worker_and_the_command_run_it(
    diary: Diary, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runjobs, "refuse_unsafe_start", lambda: None)
    assert worker_steps.get("jobs") is engine.work
    diary.add("a")
    call_command("runjobs")
    assert capsys.readouterr().out == "1 runs ended, nothing overdue.\n"
    diary.faults["a"] = ValueError("x")
    JobState.objects.update(planned_until=clock.midnight(date(2026, 11, 23)))
    JobRun.objects.all().delete()
    call_command("runjobs", most=1)
    assert capsys.readouterr().out == "1 runs ended, 90000 s overdue.\n"


def test_the_portals_own_jobs_all_run() -> None:
    UserFactory()
    for name, job in registry.jobs.items():
        assert job.run(clock.today()) >= 0, name
        assert str(job.title)
        assert len(name) <= 60
