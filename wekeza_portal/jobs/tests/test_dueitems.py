"""Rows that are due: each once for its date, whatever fails between."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from accounts.ledger import money_operation
from tests.factories import ErrandFactory, ProposalFactory
from wekeza_portal import clock
from wekeza_portal.jobs import dueitems, engine, running
from wekeza_portal.jobs.dueitems import PAGE, Tally, for_each_due
from wekeza_portal.jobs.engine import run_due
from wekeza_portal.jobs.models import DueDone, JobRun
from wekeza_portal.jobs.schedules import Daily
from wekeza_portal.jobs.tests.support import Diary, install, states
from wekeza_portal.models import Errand
from wekeza_portal.staff.models import Proposal

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


class Doer:
    """Does rows, notes which, fails for some."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.poison: set[Any] = set()

    def __call__(self, row: Any) -> None:
        if row.pk in self.poison:
            Errand.objects.filter(pk=row.pk).update(kind="half done")
            raise ValueError("poison")
        self.done.append(row.pk)

    def run(self, due_on: date = TODAY, rows: Any = None) -> Tally:
        return for_each_due("test", due_on, Errand.objects.all() if rows is None else rows, self)


def test_each_row_is_done_once_for_a_date_and_again_for_the_next() -> None:
    keys = [ErrandFactory().pk for _ in range(3)]
    doer = Doer()
    assert doer.run() == Tally(3, 0)
    assert doer.run() == Tally(0, 0)
    assert doer.run(TODAY + timedelta(days=1)) == Tally(3, 0)
    assert doer.done == keys * 2
    assert DueDone.objects.count() == 6


def test_more_than_a_page_is_done_whole_and_in_order() -> None:
    keys = [ErrandFactory().pk for _ in range(2 * PAGE)]
    doer = Doer()
    assert doer.run() == Tally(2 * PAGE, 0)
    assert doer.done == keys


def test_keys_may_be_uuids() -> None:
    rows = [ProposalFactory() for _ in range(PAGE + 3)]
    doer = Doer()
    doer.run(rows=Proposal.objects.all())
    assert sorted(doer.done) == sorted(row.pk for row in rows)


def test_a_row_that_fails_is_rolled_back_alone_and_done_the_next_time(caplog: pytest.LogCaptureFixture) -> None:
    keys = [ErrandFactory(kind="x").pk for _ in range(5)]
    doer = Doer()
    doer.poison = {keys[1], keys[3]}
    assert doer.run() == Tally(3, 2)
    assert set(Errand.objects.values_list("kind", flat=True)) == {"x"}
    assert DueDone.objects.count() == 3
    doer.poison.clear()
    assert doer.run() == Tally(2, 0)
    assert sorted(doer.done) == keys


def test_a_row_that_is_no_longer_due_under_the_lock_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = ErrandFactory(kind="due"), ErrandFactory(kind="due")
    done: list[int] = []

    def do(row: Errand) -> None:
        done.append(row.pk)
        Errand.objects.filter(pk=second.pk).update(kind="paused")

    assert for_each_due("test", TODAY, Errand.objects.filter(kind="due"), do) == Tally(1, 0)
    assert done == [first.pk]
    assert not DueDone.objects.filter(key=str(second.pk)).exists()


def test_what_two_works_do_for_one_row_are_two_things() -> None:
    ErrandFactory()
    doer = Doer()
    for_each_due("interest", TODAY, Errand.objects.all(), doer)
    for_each_due("reminder", TODAY, Errand.objects.all(), doer)
    assert len(doer.done) == 2


def test_a_database_that_goes_away_ends_everything_at_once() -> None:
    for _ in range(3):
        ErrandFactory()
    done: list[int] = []

    def do(row: Errand) -> None:
        done.append(row.pk)
        raise OperationalError(2013, "lost")

    with pytest.raises(OperationalError):
        for_each_due("test", TODAY, Errand.objects.all(), do)
    assert len(done) == 1


@pytest.mark.django_db(transaction=True)
def test_money_brings_its_own_transaction() -> None:
    ErrandFactory()
    doer = Doer()
    assert for_each_due("test", TODAY, Errand.objects.all(), doer, operation=money_operation) == Tally(1, 0)
    assert DueDone.objects.count() == 1


# --- Within a run -------------------------------------------------------------------------------------------------


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch) -> Diary:
    return install(monkeypatch)


def add_job(diary: Diary, doer: Doer) -> None:
    diary.add("a", Daily(clock.midnight(TODAY).time()), run=lambda day: doer.run(day).done)


def test_rows_that_failed_make_the_run_partial_and_hold_up_no_later_date(diary: Diary) -> None:
    keys = [ErrandFactory().pk for _ in range(4)]
    doer = Doer()
    doer.poison = {keys[0]}
    add_job(diary, doer)
    run_due()
    run = JobRun.objects.get()
    assert (run.state, run.done, run.failed, run.error) == ("PARTIAL", 3, 1, "")
    later = JobRun(job="a", slot="later", business_date=run.business_date + timedelta(days=1), due_at=run.due_at)
    later.next_at = run.due_at
    later.save(force_insert=True)
    doer.poison.clear()
    assert run_due() == 1
    assert states() == ["PARTIAL", "DONE"]
    JobRun.objects.filter(state="PARTIAL").update(next_at=clock.now())
    assert run_due() == 1
    run.refresh_from_db()
    assert (run.state, run.done, run.failed, run.attempts) == ("DONE", 4, 0, 2)
    assert len(doer.done) == 8


def test_a_pass_that_is_over_goes_on_where_it_stopped(diary: Diary) -> None:
    keys = [ErrandFactory().pk for _ in range(2 * PAGE + 5)]
    doer = Doer()
    doer.poison = {keys[0]}
    add_job(diary, doer)
    assert run_due(seconds=-1.0) == 0
    run = JobRun.objects.get()
    assert (run.state, run.done, run.failed, run.progress) == ("WAITING", PAGE - 1, 1, {"test": str(keys[PAGE - 1])})
    assert run_due(seconds=-1.0) == 0
    assert run_due(seconds=-1.0) == 1
    run.refresh_from_db()
    assert (run.state, run.done, run.failed, run.progress) == ("PARTIAL", len(keys) - 1, 1, {})
    assert doer.done == keys[1:], "the row that fails was not tried again in every pass"


def test_a_kill_between_two_rows_repeats_none(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a kill looks to the database: no code of ours runs after the third row."""
    keys = [ErrandFactory().pk for _ in range(6)]
    doer = Doer()

    class Killed(BaseException):
        pass

    def die() -> None:
        if len(doer.done) == 3:
            raise Killed

    add_job(diary, doer)
    monkeypatch.setattr(running, "breathe", die)
    with pytest.raises(Killed):
        run_due()
    monkeypatch.undo()
    monkeypatch.setattr(engine, "jobs", diary.jobs)
    JobRun.objects.update(next_at=clock.now())
    assert run_due() == 1
    assert doer.done == keys


def test_running_a_done_run_again_repeats_no_row(diary: Diary) -> None:
    ErrandFactory()
    doer = Doer()
    add_job(diary, doer)
    run_due()
    from wekeza_portal.actors import system

    assert engine.run_again(JobRun.objects.get().pk, actor=system("test")) is not None
    assert run_due() == 1
    assert len(doer.done) == 1


def test_the_marker_is_the_last_line_when_the_look_before_it_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runners that both believe they are first: the unique key lets one of them do the row."""
    row = ErrandFactory()
    doer = Doer()
    monkeypatch.setattr(dueitems.DueDone.objects, "filter", lambda **_: DueDone.objects.none())
    assert doer.run() == Tally(1, 0)
    assert doer.run() == Tally(0, 1)
    assert doer.done == [row.pk]
