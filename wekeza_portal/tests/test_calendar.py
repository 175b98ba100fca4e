"""Business days in Kenya, with the bank's own changes."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import HolidayChangeFactory
from wekeza_portal import calendar, clock
from wekeza_portal.calendar import Calendar

PLAIN = Calendar()
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
# Holidays on weekdays and moved ones, from the published table; a Saturday's holiday moves nothing.
WEEKDAYS_OFF = {
    2026: ["01-01", "03-20", "04-03", "04-06", "05-01", "06-01", "10-20", "12-25"],
    2027: ["01-01", "03-09", "03-26", "03-29", "06-01", "10-11", "10-20", "12-13", "12-27"],
    2028: ["04-14", "04-17", "05-01", "06-01", "10-10", "10-20", "12-12", "12-25", "12-26"],
}
ON_SATURDAY = [date(2026, 10, 10), date(2026, 12, 12), date(2026, 12, 26), date(2027, 5, 1)]


@pytest.mark.parametrize("year", WEEKDAYS_OFF)
def test_exactly_the_published_weekdays_are_off(year: int) -> None:
    first = date(year, 1, 1)
    weekdays = [first + timedelta(days=n) for n in range(366) if (first + timedelta(days=n)).year == year]
    off = [day for day in weekdays if day.weekday() < 5 and not PLAIN.is_business_day(day)]
    assert [f"{day:%m-%d}" for day in off] == WEEKDAYS_OFF[year]


@pytest.mark.parametrize("day", ON_SATURDAY)
def test_a_holiday_on_a_saturday_does_not_move(day: date) -> None:
    assert PLAIN.holiday(day)
    monday = day + timedelta(days=2)
    assert "observed" not in PLAIN.holiday(monday)


@pytest.mark.parametrize(
    ("sunday", "moved"),
    [(date(2027, 10, 10), date(2027, 10, 11)), (date(2027, 12, 26), date(2027, 12, 27))],
)
def test_a_holiday_on_a_sunday_moves_to_the_next_day(sunday: date, moved: date) -> None:
    assert sunday.weekday() == 6
    assert PLAIN.holiday(sunday)
    assert not PLAIN.is_business_day(moved)
    assert PLAIN.is_business_day(moved + timedelta(days=1))


def test_a_sundays_holiday_steps_over_one_on_monday() -> None:
    """Christmas on Sunday: Boxing Day has the Monday, so Christmas gets the Tuesday."""
    assert date(2022, 12, 25).weekday() == 6
    assert PLAIN.next_business_day(date(2022, 12, 24)) == date(2022, 12, 28)


def test_the_days_have_names_in_both_languages() -> None:
    assert PLAIN.holiday(date(2026, 5, 1)) == "Labour Day"
    assert PLAIN.holiday(date(2026, 5, 1), "sw") == "Siku ya Kazi"
    assert PLAIN.holiday(date(2026, 12, 26), "sw") == "Boxing Day"
    assert PLAIN.holiday(date(2026, 5, 4)) == ""


def test_next_and_previous_include_the_day_or_not() -> None:
    thursday, tuesday = date(2026, 4, 2), date(2026, 4, 7)
    assert PLAIN.next_business_day(thursday) == thursday
    assert PLAIN.next_business_day(thursday, inclusive=False) == tuesday
    assert PLAIN.previous_business_day(tuesday) == tuesday
    assert PLAIN.previous_business_day(tuesday, inclusive=False) == thursday


@given(DAYS)
def test_the_next_business_day_is_the_nearest_one(day: date) -> None:
    found = PLAIN.next_business_day(day)
    assert PLAIN.is_business_day(found)
    between = [day + timedelta(days=n) for n in range((found - day).days)]
    assert not any(PLAIN.is_business_day(other) for other in between)
    assert PLAIN.previous_business_day(found, inclusive=False) < day or found == day


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_adding_business_days_adds_up(day: date, some: int, more: int) -> None:
    start = PLAIN.next_business_day(day)
    assert PLAIN.add_business_days(PLAIN.add_business_days(start, some), more) == PLAIN.add_business_days(
        start, some + more
    )
    end = PLAIN.add_business_days(start, some)
    counted = sum(PLAIN.is_business_day(start + timedelta(days=n + 1)) for n in range((end - start).days))
    assert counted == some


def test_business_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="-1"):
        PLAIN.add_business_days(date(2026, 4, 2), -1)


@given(DAYS, st.sets(DAYS, max_size=20))
def test_a_day_added_is_off_and_a_day_removed_is_worked(day: date, others: set[date]) -> None:
    added = Calendar(added={other: {"en": "Day", "sw": "Siku"} for other in others | {day}})
    assert not added.is_business_day(day)
    removed = Calendar(removed=frozenset(others | {day}))
    assert removed.is_business_day(day) == (day.weekday() < 5)
    assert added.next_business_day(day) > day


@pytest.mark.parametrize(
    ("sent", "counts"),
    [
        ("2026-04-02T12:59:59Z", date(2026, 4, 2)),  # Thursday 15:59:59 EAT, before the cut-off
        ("2026-04-02T13:00:00Z", date(2026, 4, 7)),  # 16:00 EAT: over Easter
        ("2026-04-02T21:00:00Z", date(2026, 4, 7)),  # midnight of Good Friday in Nairobi
        ("2026-04-04T07:00:00Z", date(2026, 4, 7)),  # Saturday
        ("2026-12-31T20:59:59Z", date(2027, 1, 4)),
    ],
)
def test_a_value_date_turns_at_the_cut_off_in_nairobi(sent: str, counts: date) -> None:
    at = datetime.fromisoformat(sent)
    assert PLAIN.value_date(at, cut_off=time(16)) == counts
    assert PLAIN.value_date(at, cut_off=time(16), settles_in=1) == PLAIN.add_business_days(counts, 1)


@given(st.integers(0, 5 * 365 * 86_400), st.integers(1, 300_000), st.integers(0, 3))
def test_what_is_sent_later_never_counts_earlier(second: int, seconds: int, settles_in: int) -> None:
    sent = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    later = sent + timedelta(seconds=seconds)
    first = PLAIN.value_date(sent, cut_off=time(15), settles_in=settles_in)
    assert first <= PLAIN.value_date(later, cut_off=time(15), settles_in=settles_in)
    assert first >= sent.astimezone(clock.NAIROBI).date()
    assert PLAIN.is_business_day(first)


@pytest.mark.django_db
def test_the_newest_change_of_a_day_holds() -> None:
    day = date(2026, 12, 18)
    assert calendar.is_business_day(day)
    HolidayChangeFactory(day=day, name_en="Day of mourning", name_sw="Siku ya maombolezo")
    assert not calendar.is_business_day(day)
    assert calendar.current().holiday(day, "sw") == "Siku ya maombolezo"
    assert calendar.next_business_day(day) == date(2026, 12, 21)
    assert calendar.add_business_days(day - timedelta(days=1), 1) == date(2026, 12, 21)
    HolidayChangeFactory(day=day, change="REMOVE")
    assert calendar.is_business_day(day)


@pytest.mark.django_db
def test_a_public_holiday_can_be_taken_away_and_another_day_given() -> None:
    """Eid is estimated until the moon is seen."""
    HolidayChangeFactory(day=date(2027, 3, 9), change="REMOVE")
    HolidayChangeFactory(day=date(2027, 3, 10), name_en="Idd-ul-Fitr", name_sw="Idd-ul-Fitr")
    assert calendar.is_business_day(date(2027, 3, 9))
    named = dict(calendar.current().holidays_of(2027))
    assert date(2027, 3, 9) not in named
    assert named[date(2027, 3, 10)] == "Idd-ul-Fitr"


def test_todays_business_day_is_nairobis_not_utcs() -> None:
    with time_machine.travel("2026-12-24T21:30:00Z", tick=False):
        assert not PLAIN.is_business_day(clock.today())
