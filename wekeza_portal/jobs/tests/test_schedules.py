"""When a job is due: pure rules in Nairobi's time, on a server in UTC."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from wekeza_portal import clock
from wekeza_portal.calendar import Calendar
from wekeza_portal.jobs.schedules import Daily, Days, Every, Schedule, Slot

PLAIN = Calendar()


def eat(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.NAIROBI)


def slots(schedule: Schedule, after: str, until: str) -> list[Slot]:
    return list(schedule.slots(eat(after), eat(until), lambda: PLAIN))


def dates(schedule: Schedule, after: str, until: str) -> list[str]:
    return [slot.key for slot in slots(schedule, after, until)]


def test_a_daily_job_is_due_once_a_day_at_its_time_in_nairobi() -> None:
    found = slots(Daily(time(0, 5)), "2026-11-23 12:00", "2026-11-25 00:05")
    assert [slot.business_date for slot in found] == [date(2026, 11, 24), date(2026, 11, 25)]
    assert found[0].due_at == datetime(2026, 11, 23, 21, 5, tzinfo=UTC)


def test_the_ends_of_the_range_belong_to_the_slot_before() -> None:
    schedule = Daily(time(6))
    assert dates(schedule, "2026-11-24 06:00", "2026-11-25 05:59") == []
    assert dates(schedule, "2026-11-24 05:59", "2026-11-24 06:00") == ["2026-11-24"]


def test_business_days_leave_out_weekends_and_holidays() -> None:
    found = dates(Daily(time(6), Days.BUSINESS_DAYS), "2026-12-23 07:00", "2026-12-29 07:00")
    assert found == ["2026-12-24", "2026-12-28", "2026-12-29"]


def test_the_calendar_is_not_asked_on_a_weekend() -> None:
    def nobody() -> Calendar:
        raise AssertionError

    schedule = Daily(time(6), Days.BUSINESS_DAYS)
    assert list(schedule.slots(eat("2026-11-21 00:00"), eat("2026-11-22 23:59"), nobody)) == []


def test_month_ends_are_the_last_days_also_in_february() -> None:
    found = dates(Daily(time(23, 30), Days.MONTH_ENDS), "2027-12-01 00:00", "2028-04-01 00:00")
    assert found == ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]
    assert dates(Daily(time(23, 30), Days.MONTH_ENDS), "2027-01-31 23:30", "2027-02-28 23:30") == ["2027-02-28"]


def test_a_frequent_job_looks_at_the_present_only() -> None:
    assert dates(Every(10), "2026-11-20 08:00", "2026-11-24 09:19") == ["2026-11-24 09:10"]
    assert dates(Every(10), "2026-11-24 09:10", "2026-11-24 09:19") == []
    assert dates(Every(60), "2026-11-23 23:00", "2026-11-24 00:00") == ["2026-11-24 00:00"]


@pytest.mark.parametrize("minutes", [0, -5, 7, 1441])
def test_a_day_is_a_whole_number_of_them(minutes: int) -> None:
    with pytest.raises(ValueError, match="minutes"):
        Every(minutes)


def test_a_time_that_runs_backwards_has_no_slots() -> None:
    assert dates(Daily(time(6)), "2026-11-25 12:00", "2026-11-24 12:00") == []
    assert dates(Every(5), "2026-11-25 12:00", "2026-11-24 12:00") == []


@given(
    st.sampled_from([Daily(time(0)), Daily(time(23, 59), Days.BUSINESS_DAYS), Daily(time(4), Days.MONTH_ENDS)]),
    st.lists(st.integers(1, 400_000), min_size=1, max_size=12),
)
def test_however_often_one_looks_each_slot_comes_once(schedule: Daily, pauses: list[int]) -> None:
    start = datetime(2026, 12, 20, 8, tzinfo=UTC)
    seen, at = [], start
    for pause in pauses:
        seen += list(schedule.slots(at, at + timedelta(seconds=pause), lambda: PLAIN))
        at += timedelta(seconds=pause)
    assert seen == list(schedule.slots(start, at, lambda: PLAIN))
    assert len({slot.key for slot in seen}) == len(seen)


def test_it_says_when_in_words_of_both_languages() -> None:
    assert str(Daily(time(3, 10))) == "every day at 03:10"
    assert str(Every(60)) == "every 60 minutes"
    with translation.override("sw"):
        assert str(Daily(time(3, 10), Days.BUSINESS_DAYS)) == "siku za kazi saa 03:10"


def test_it_says_what_comes_next() -> None:
    following = Daily(time(3, 10)).next_after(eat("2026-11-24 03:10"), lambda: PLAIN)
    assert following is not None
    assert following.key == "2026-11-25"
    minute = Every(15).next_after(eat("2026-11-24 09:14"), lambda: PLAIN)
    assert minute is not None
    assert minute.key == "2026-11-24 09:15"
