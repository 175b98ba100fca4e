"""The staff's pages of the calendar and the jobs, and maker and checker for the holidays."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.factories import HolidayChangeFactory, JobRunFactory
from wekeza_portal import calendar, clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.errors import PortalError
from wekeza_portal.jobs import engine, holidays, selectors
from wekeza_portal.jobs.models import HolidayChange, JobRun
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 12, 18)


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 24, 4, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def wish(day: date = FRIDAY, change: str = "ADD", name_en: str = "Mourning", name_sw: str = "Maombolezo") -> Any:
    return {"change": change, "day": day, "name_en": name_en, "name_sw": name_sw}


def typed(**changed: str) -> dict[str, str]:
    given = {
        "change": "ADD",
        "day": "2026-12-18",
        "name_en": "Mourning",
        "name_sw": "Maombolezo",
        "reason": "Gazette 9",
    }
    return {**given, **changed}


def propose(user: User, **changed: Any) -> Proposal:
    payload = holidays.payload_of(wish(**changed))
    return proposals.propose(holidays.KIND, payload, reason="Gazette 9", user=user, actor=_actor(user))


def approve(proposal: Proposal, user: User) -> Proposal:
    return proposals.approve(proposal.pk, user=user, actor=_actor(user))


def _actor(user: User) -> Actor:
    return Actor(kind="staff", id=str(user.pk))


# --- Maker and checker --------------------------------------------------------------------------------------------


def test_a_holiday_is_one_once_another_person_approves_it() -> None:
    maker, checker = staff("operations"), staff("risk")
    proposal = propose(maker)
    assert calendar.is_business_day(FRIDAY)
    approve(proposal, checker)
    assert not calendar.is_business_day(FRIDAY)
    row = HolidayChange.objects.get()
    assert (row.name_en, row.name_sw, row.created_by) == (
        "Mourning", "Maombolezo", f"{maker.username}, {checker.username}",
    )  # fmt: skip


def test_a_public_holiday_becomes_an_ordinary_day() -> None:
    day = date(2027, 3, 9)
    approve(propose(staff("operations"), day=day, change="REMOVE"), staff("operations"))
    assert calendar.is_business_day(day)
    assert HolidayChange.objects.get().name_en == ""


def test_the_maker_is_not_the_checker() -> None:
    maker = staff("operations")
    proposal = propose(maker)
    with pytest.raises(proposals.OwnProposal):
        approve(proposal, maker)
    assert calendar.is_business_day(FRIDAY)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"day": date(2026, 11, 24)}, "too_late"),
        ({"day": date(2026, 11, 23)}, "too_late"),
        ({"day": date(2036, 12, 18)}, "too_far"),
        ({"day": date(2026, 12, 25)}, "nothing_to_change"),
        ({"change": "REMOVE"}, "nothing_to_change"),
        ({"name_en": " "}, "name_missing"),
        ({"name_sw": ""}, "name_missing"),
    ],
)
def test_it_refuses_days_gone_by_slips_and_what_is_so_already(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(PortalError) as refusal:
        propose(staff("operations"), **changed)
    assert refusal.value.code == code
    assert not Proposal.objects.exists()


def test_it_refuses_what_became_too_late_while_it_waited(now: time_machine.Traveller) -> None:
    proposal = propose(staff("operations"))
    now.move_to(datetime(2026, 12, 17, 20, 59, 59, tzinfo=UTC))
    holidays.refuse_if_wrong(proposal.payload)
    now.move_to(datetime(2026, 12, 17, 21, 0, tzinfo=UTC))
    with pytest.raises(holidays.TooLate):
        approve(proposal, staff("risk"))
    assert not HolidayChange.objects.exists()


def test_of_two_proposals_for_one_day_the_second_is_refused_when_approved() -> None:
    first, second = propose(staff("operations")), propose(staff("operations"))
    approve(first, staff("risk"))
    with pytest.raises(holidays.NothingToChange):
        approve(second, staff("risk"))
    assert HolidayChange.objects.count() == 1


@pytest.mark.parametrize("role", ["support", "audit", "risk"])
def test_only_operations_propose(role: str) -> None:
    with pytest.raises(proposals.NotAllowed):
        propose(staff(role))
    assert signed_in(staff(role)).get("/admin/boards/calendar/propose/").status_code == 403


# --- The calendar's page ------------------------------------------------------------------------------------------


def test_the_calendar_shows_this_year_and_the_next_with_the_banks_changes() -> None:
    HolidayChangeFactory(day=FRIDAY, name_en="Day of mourning")
    HolidayChangeFactory(day=date(2027, 3, 9), change="REMOVE", name_en="", name_sw="")
    page = signed_in(staff("support")).get("/admin/boards/calendar/").content.decode()
    assert "Holidays of 2026" in page
    assert "Holidays of 2027" in page
    assert "Day of mourning" in page
    assert "Boxing Day (observed)" in page
    assert "Idd-ul-Fitr (estimated)" not in page
    assert "boards/calendar/propose" not in page


def test_the_calendar_speaks_kiswahili() -> None:
    client = signed_in(staff("support"))
    page = client.get("/admin/boards/calendar/", headers={"accept-language": "sw"}).content.decode()
    assert "Siku ya Jamhuri" in page
    assert "Jamhuri Day" not in page


def test_a_proposal_is_made_on_the_page_and_described_in_the_readers_language() -> None:
    client = signed_in(staff("operations"))
    answer = client.post("/admin/boards/calendar/propose/", typed())
    proposal = Proposal.objects.get()
    assert answer["Location"] == f"/admin/boards/proposals/{proposal.pk}/"
    assert "Friday 18 December 2026 becomes a holiday: Mourning" in client.get(answer["Location"]).content.decode()
    in_kiswahili = client.get(answer["Location"], headers={"accept-language": "sw"}).content.decode()
    assert "inakuwa siku ya mapumziko: Maombolezo" in in_kiswahili


@pytest.mark.parametrize(
    "changed",
    [
        {"day": "yesterday"},
        {"day": "2026-02-30"},
        {"day": "٢٠٢٦-١٢-١٨x"},
        {"day": "2026-11-01"},
        {"day": "9999-12-31"},
        {"change": "DROP"},
        {"name_en": "x" * 10_000},
        {"name_sw": ""},
        {"reason": ""},
    ],
)
def test_bad_input_is_told_beside_the_field_and_changes_nothing(changed: dict[str, str]) -> None:
    answer = signed_in(staff("operations")).post("/admin/boards/calendar/propose/", typed(**changed))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "errorlist" in page
    assert "Gazette 9" in page or changed.get("reason") == ""
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "=HYPERLINK(1)", "🕊️ Siku"])
def test_a_holidays_name_is_text_whatever_it_holds(name: str) -> None:
    approve(propose(staff("operations"), name_en=name), staff("risk"))
    page = signed_in(staff("audit")).get("/admin/boards/calendar/").content.decode()
    assert "<script>alert" not in page
    assert calendar.current().holiday(FRIDAY) == name


# --- The jobs' page -----------------------------------------------------------------------------------------------


def test_the_history_says_what_ran_when_and_what_failed() -> None:
    due = clock.now() - timedelta(hours=1)
    JobRunFactory(state="DONE", due_at=due, started_at=due + timedelta(seconds=40), finished_at=clock.now(), done=1234)
    JobRunFactory(state="FAILED", error="ValueError in accounts/jobs.py, pay", started_at=due, finished_at=due)
    JobRunFactory(state="PARTIAL", failed=7)
    page = signed_in(staff("support")).get("/admin/boards/jobs/").content.decode()
    for words in ("1234", "40 s", "59 min", "ValueError in accounts/jobs.py, pay", "7 rows failed"):
        assert words in page, words
    assert "every day at 03:10" in page
    assert "Run again now" not in page


def test_the_history_pages_by_key_and_by_job() -> None:
    runs = [JobRunFactory(job="tidy-identity" if n % 2 else "forget-job-history") for n in range(60)]
    first = selectors.history()
    assert [line.run.pk for line in first.lines] == [run.pk for run in reversed(runs)][:25]
    second = selectors.history(before=str(first.older))
    assert second.lines[0].run.pk == first.lines[-1].run.pk - 1
    assert {line.run.job for line in selectors.history(job="tidy-identity").lines} == {"tidy-identity"}


@pytest.mark.parametrize("query", ["before=abc", "before=-1", "before=" + "9" * 40, "before=٣", "job=<script>", "job="])
def test_an_address_that_makes_no_sense_shows_the_newest(query: str) -> None:
    JobRunFactory()
    answer = signed_in(staff("support")).get(f"/admin/boards/jobs/?{query}")
    assert answer.status_code == 200
    assert b"<script>" not in answer.content.replace(b"<script src", b"")


def test_a_job_that_was_dropped_keeps_its_history() -> None:
    JobRunFactory(job="dropped-long-ago", state="DONE")
    assert b"dropped-long-ago" in signed_in(staff("audit")).get("/admin/boards/jobs/").content


def test_the_page_asks_few_questions_however_many_runs() -> None:
    client = signed_in(staff("operations"))
    client.get("/admin/boards/jobs/")
    for _ in range(30):
        JobRunFactory()
    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/boards/jobs/")
    about_jobs = [query for query in queries if "portal_job" in query["sql"] or "portal_holiday" in query["sql"]]
    assert len(about_jobs) == 4


def again(client: Client, run: JobRun) -> Any:
    return client.post(f"/admin/boards/jobs/{run.pk}/again/", follow=True)


def test_operations_have_a_run_begin_again_and_the_trail_knows() -> None:
    user = staff("operations")
    run = JobRunFactory(state="FAILED", next_at=clock.now() + timedelta(hours=1))
    client = signed_in(user)
    assert b"Run again now" in client.get("/admin/boards/jobs/").content
    assert b"begins it within seconds" in again(client, run).content
    run.refresh_from_db()
    assert (run.state, run.next_at) == ("WAITING", clock.now())
    assert AuditEvent.objects.get(verb="job.run_again").actor_id == str(user.pk)
    engine.run_due()
    run.refresh_from_db()
    assert run.state == "DONE"


def test_pressed_twice_it_is_one_run() -> None:
    client, run = signed_in(staff("operations")), JobRunFactory(state="DONE", done=5)
    again(client, run)
    again(client, run)
    engine.run_due()
    run.refresh_from_db()
    assert run.attempts == 1


def test_a_run_under_way_and_a_run_that_is_not_there_are_told_apart() -> None:
    client = signed_in(staff("operations"))
    run = JobRunFactory(state="RUNNING", next_at=clock.now() + timedelta(minutes=5))
    assert b"be started now" in again(client, run).content
    assert client.post("/admin/boards/jobs/987654/again/").status_code == 404
    assert client.get(f"/admin/boards/jobs/{run.pk}/again/").status_code == 405


@pytest.mark.parametrize("role", ["support", "audit", "risk"])
def test_nobody_else_begins_a_run(role: str) -> None:
    run = JobRunFactory(state="FAILED")
    assert signed_in(staff(role)).post(f"/admin/boards/jobs/{run.pk}/again/").status_code == 403
    run.refresh_from_db()
    assert run.state == "FAILED"


def test_the_front_page_is_alarmed_by_what_failed_and_by_what_is_late() -> None:
    client = signed_in(staff("support"))
    engine.run_due()
    assert "Nothing is overdue" in client.get("/admin/").content.decode()
    JobRunFactory(state="FAILED", due_at=clock.now() - timedelta(minutes=16))
    page = client.get("/admin/").content.decode()
    assert '<dd class="num staff__alarm">16 min</dd>' in page
    assert '<dd class="num staff__alarm">1</dd>' in page


def test_the_probe_tells_the_age_and_stays_ready(client: Client) -> None:
    JobRunFactory(state="FAILED", due_at=clock.now() - timedelta(minutes=16))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["oldest_overdue_job_seconds"] == 960
