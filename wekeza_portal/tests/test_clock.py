"""Days and months turn at midnight in Nairobi, which is 21:00 UTC."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from wekeza_portal import clock


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-11-23T20:59:59Z", date(2026, 11, 23)),
        ("2026-11-23T21:00:00Z", date(2026, 11, 24)),
        ("2026-10-31T21:00:00Z", date(2026, 11, 1)),
        ("2028-02-28T21:00:00Z", date(2028, 2, 29)),
        ("2026-12-31T21:00:00Z", date(2027, 1, 1)),
    ],
)
def test_the_date_is_nairobis(instant: str, day: date) -> None:
    with time_machine.travel(instant, tick=False):
        assert clock.today() == day


def test_a_day_is_a_half_open_range() -> None:
    period = clock.day(date(2026, 11, 23))
    assert period.start == datetime(2026, 11, 22, 21, tzinfo=UTC)
    assert period.end == datetime(2026, 11, 23, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("of", "first", "following"),
    [
        (date(2026, 1, 31), date(2026, 1, 1), date(2026, 2, 1)),
        (date(2028, 2, 29), date(2028, 2, 1), date(2028, 3, 1)),
        (date(2026, 12, 15), date(2026, 12, 1), date(2027, 1, 1)),
    ],
)
def test_a_month_reaches_to_the_first_of_the_next(of: date, first: date, following: date) -> None:
    assert clock.month(of) == (clock.midnight(first), clock.midnight(following))


def test_now_has_no_fraction_because_the_branch_keeps_none() -> None:
    with time_machine.travel(datetime(2026, 11, 23, 12, 0, 0, 999_999, tzinfo=UTC), tick=False):
        assert clock.now().microsecond == 0
        assert clock.now().utcoffset() == timedelta(hours=3)
