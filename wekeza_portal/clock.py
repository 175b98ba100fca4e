"""Time as the bank keeps it: Africa/Nairobi (EAT, UTC+3, no summer time).

Days and months are computed here in Python and used as half-open ranges, because MariaDB servers often lack the
time zone tables that database-side conversion needs.
"""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone

NAIROBI = ZoneInfo("Africa/Nairobi")


class Period(NamedTuple):
    """A half-open range of instants: start <= t < end, both aware in EAT."""

    start: datetime
    end: datetime


def now() -> datetime:
    """The current instant, aware, in EAT, to the second: the branch's columns keep no fractions."""
    return timezone.now().astimezone(NAIROBI).replace(microsecond=0)


def today() -> date:
    """The date in Nairobi."""
    return now().date()


def midnight(day: date) -> datetime:
    """00:00 EAT at the start of `day`."""
    return datetime.combine(day, time.min, tzinfo=NAIROBI)


def day(of: date) -> Period:
    """The Nairobi day `of`."""
    return Period(midnight(of), midnight(of + timedelta(days=1)))


def month(of: date) -> Period:
    """The Nairobi calendar month that contains `of`."""
    first = of.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Period(midnight(first), midnight(following))
