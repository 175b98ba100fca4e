"""When something that repeats falls due: nothing twice, nothing lost, in order, and the 31st comes back."""

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wekeza_portal.calendar import Calendar
from wekeza_portal.recurrence import (
    Frequency,
    Occurrence,
    OnHoliday,
    Rule,
    between,
    following,
    last_day,
    next_one,
    occurrences,
)

PLAIN = Calendar()
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    starts = draw(DAYS)
    skipped = draw(st.lists(st.integers(0, 400), max_size=5))
    return Rule(
        frequency=draw(st.sampled_from(Frequency)),
        starts=starts,
        interval=draw(st.integers(1, 7)),
        until=draw(st.none() | st.integers(0, 1500).map(lambda days: starts + timedelta(days=days))),
        times=draw(st.none() | st.integers(1, 60)),
        skips=frozenset(starts + timedelta(days=days) for days in skipped),
        on_holiday=draw(st.sampled_from(OnHoliday)),
    )


CALENDARS = st.sets(DAYS, max_size=40).map(lambda days: Calendar(added={day: {"en": "x", "sw": "x"} for day in days}))


def first(rule: Rule, count: int) -> list[date]:
    return [occurrence.nominal for occurrence in islice(occurrences(rule, PLAIN, rule.starts), count)]


def test_the_thirty_first_becomes_the_last_day_and_comes_back() -> None:
    rule = Rule(Frequency.MONTHLY, date(2027, 10, 31))
    assert [f"{day:%d/%m/%y}" for day in first(rule, 7)] == [
        "31/10/27", "30/11/27", "31/12/27", "31/01/28", "29/02/28", "31/03/28", "30/04/28",
    ]  # fmt: skip


def test_the_twenty_ninth_of_february_comes_back_in_leap_years() -> None:
    rule = Rule(Frequency.YEARLY, date(2028, 2, 29))
    assert first(rule, 5) == [
        date(2028, 2, 29), date(2029, 2, 28), date(2030, 2, 28), date(2031, 2, 28), date(2032, 2, 29),
    ]  # fmt: skip


def test_every_second_week_and_every_third_day() -> None:
    assert first(Rule(Frequency.WEEKLY, date(2026, 12, 25), 2), 3) == [
        date(2026, 12, 25), date(2027, 1, 8), date(2027, 1, 22),
    ]  # fmt: skip
    assert first(Rule(Frequency.DAILY, date(2026, 12, 30), 3), 2) == [date(2026, 12, 30), date(2027, 1, 2)]


def test_it_ends_with_its_last_date_or_its_last_time() -> None:
    assert len(first(Rule(Frequency.MONTHLY, date(2026, 1, 31), until=date(2026, 3, 31)), 9)) == 3
    assert len(first(Rule(Frequency.MONTHLY, date(2026, 1, 31), until=date(2026, 3, 30)), 9)) == 2
    assert len(first(Rule(Frequency.DAILY, date(2026, 1, 31), times=4), 9)) == 4


def test_a_skipped_date_is_left_out_and_makes_the_whole_no_longer() -> None:
    rule = Rule(Frequency.MONTHLY, date(2026, 1, 15), times=3, skips=frozenset({date(2026, 2, 15)}))
    assert first(rule, 9) == [date(2026, 1, 15), date(2026, 3, 15)]


@pytest.mark.parametrize(
    ("on_holiday", "due_on"),
    [(OnHoliday.SAME, date(2026, 4, 3)), (OnHoliday.NEXT, date(2026, 4, 7)), (OnHoliday.PREVIOUS, date(2026, 4, 2))],
)
def test_good_friday_is_paid_the_same_the_next_or_the_previous_day(on_holiday: OnHoliday, due_on: date) -> None:
    rule = Rule(Frequency.YEARLY, date(2026, 4, 3), times=1, on_holiday=on_holiday)
    assert next_one(rule, PLAIN, date(2026, 4, 1)) == Occurrence(date(2026, 4, 3), due_on)


def test_three_dates_moved_to_one_monday_are_three_occurrences() -> None:
    rule = Rule(Frequency.DAILY, date(2026, 11, 21), times=3, on_holiday=OnHoliday.NEXT)
    monday = date(2026, 11, 23)
    assert [found.due_on for found in between(rule, PLAIN, monday, monday)] == [monday] * 3


@given(rules(), CALENDARS)
def test_no_date_twice_none_lost_and_the_order_kept(rule: Rule, days: Calendar) -> None:
    found = list(islice(occurrences(rule, days, date(2020, 1, 1)), 80))
    nominal = [occurrence.nominal for occurrence in found]
    assert all(one < two for one, two in pairwise(nominal))
    assert all(one.due_on <= two.due_on for one, two in pairwise(found))
    everything = [day for day in (rule.nominal(number) for number in range(200)) if day is not None]
    assert nominal == [day for day in everything if day not in rule.skips][:80]
    if rule.on_holiday is not OnHoliday.SAME:
        assert all(days.is_business_day(occurrence.due_on) for occurrence in found)


@given(rules(), CALENDARS, st.dates(date(2023, 1, 1), date(2034, 1, 1)), st.integers(0, 90))
@settings(deadline=None)
def test_looking_from_any_day_finds_what_counting_from_the_start_finds(
    rule: Rule, days: Calendar, since: date, length: int
) -> None:
    until = since + timedelta(days=length)
    counted = []
    for occurrence in occurrences(rule, days, date(2020, 1, 1)):
        if occurrence.due_on > until:
            break
        counted.append(occurrence)
    assert between(rule, days, since, until) == [found for found in counted if found.due_on >= since]


@given(rules(), CALENDARS)
def test_windows_side_by_side_hold_each_occurrence_once(rule: Rule, days: Calendar) -> None:
    """A run a day, whatever the holidays do: the sum of the days is the whole."""
    start = rule.starts - timedelta(days=10)
    each_day = [start + timedelta(days=n) for n in range(120)]
    by_day = [found for day in each_day for found in between(rule, days, day, day)]
    assert by_day == between(rule, days, start, each_day[-1])


@given(rules(), CALENDARS)
def test_one_follows_the_other(rule: Rule, days: Calendar) -> None:
    found = list(islice(occurrences(rule, days, date(2020, 1, 1)), 12))
    for one, two in pairwise(found):
        assert following(rule, days, one.nominal) == two
    if found and len(found) < 12:
        assert following(rule, days, found[-1].nominal) is None


def test_it_ends_where_dates_end() -> None:
    rule = Rule(Frequency.YEARLY, date(9990, 6, 1))
    assert len(first(rule, 99)) == 10
    assert next_one(Rule(Frequency.DAILY, date(2026, 1, 1), until=date(2026, 1, 2)), PLAIN, date(9999, 1, 1)) is None


@pytest.mark.parametrize(("interval", "times"), [(0, None), (-1, None), (1, 0), (1, -3)])
def test_it_refuses_what_repeats_never(interval: int, times: int | None) -> None:
    with pytest.raises(ValueError, match="every"):
        Rule(Frequency.DAILY, date(2026, 1, 1), interval, times=times)


@pytest.mark.parametrize(("year", "month", "days"), [(2027, 2, 28), (2028, 2, 29), (2026, 12, 31), (2026, 11, 30)])
def test_months_have_their_days(year: int, month: int, days: int) -> None:
    assert last_day(year, month) == days
