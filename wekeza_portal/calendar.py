"""Which days are business days: Monday to Friday and no holiday of Kenya's or of the bank's own.

Public Holidays Act s.4: a holiday that falls on a Sunday moves to the next day that is none; one on a Saturday doesn't
move. The public holidays come from the `holidays` package; what is gazetted late or moved is added or taken away by
the bank's staff (wekeza_portal.jobs.holidays). All dates are Nairobi's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType

import holidays
from django.utils.translation import get_language

from wekeza_portal import clock

DAY = timedelta(days=1)
SATURDAY = 5
LANGUAGES = {"en": "en_KE", "sw": "sw"}
# Where the package's Kiswahili is not what Kenyans say.
BETTER_WORDS = {"Siku ya Ndondi": "Boxing Day", "(imezingatiwa)": "(siku ya mapumziko)"}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Public holidays with the bank's changes: `added` days with their name by language, `removed` days."""

    added: Mapping[date, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    removed: frozenset[date] = frozenset()

    def holiday(self, day: date, language: str = "en") -> str:
        """The name of the holiday, "" on a day that is none."""
        if day in self.added:
            return self.added[day].get(language) or self.added[day]["en"]
        return "" if day in self.removed else _public_holidays(day.year, language).get(day, "")

    def is_business_day(self, day: date) -> bool:
        return day.weekday() < SATURDAY and not self.holiday(day)

    def next_business_day(self, day: date, *, inclusive: bool = True) -> date:
        """The first business day from `day` on, or after it when not inclusive."""
        found = day if inclusive else day + DAY
        while not self.is_business_day(found):
            found += DAY
        return found

    def previous_business_day(self, day: date, *, inclusive: bool = True) -> date:
        """The last business day up to `day`, or before it when not inclusive."""
        found = day if inclusive else day - DAY
        while not self.is_business_day(found):
            found -= DAY
        return found

    def add_business_days(self, day: date, count: int) -> date:
        """The business day `count` (1 or more) after `day`; 0 gives the first from `day` on. ValueError below 0."""
        if count < 0:
            raise ValueError(f"{count} business days")
        if count == 0:
            return self.next_business_day(day)
        for _ in range(count):
            day = self.next_business_day(day, inclusive=False)
        return day

    def value_date(self, at: datetime, *, cut_off: time, settles_in: int = 0) -> date:
        """When money sent at the instant `at` by EFT, RTGS or cheque counts; `cut_off` is EAT.

        At the cut-off or later, or on a day that is none, it is as if sent on the next business day; then it takes
        `settles_in` business days. PesaLink, wallets and transfers inside the bank count at once and need no calendar.
        """
        local = at.astimezone(clock.NAIROBI)
        in_time = local.time() < cut_off
        taken_on = self.next_business_day(local.date(), inclusive=in_time)
        return self.add_business_days(taken_on, settles_in)

    def holidays_of(self, year: int, language: str = "en") -> list[tuple[date, str]]:
        """The holidays of one year with their names, in order."""
        days = {*_public_holidays(year, language), *(day for day in self.added if day.year == year)}
        named = [(day, self.holiday(day, language)) for day in sorted(days)]
        return [(day, name) for day, name in named if name]


def current() -> Calendar:
    """The calendar as approved now. One query: whoever asks about several days asks this once."""
    from wekeza_portal.jobs.models import HolidayChange

    newest: dict[date, HolidayChange] = {row.day: row for row in HolidayChange.objects.order_by("pk")}
    added = {
        day: {"en": row.name_en, "sw": row.name_sw}
        for day, row in newest.items()
        if row.change == HolidayChange.Change.ADD
    }
    return Calendar(MappingProxyType(added), frozenset(newest.keys() - added.keys()))


def is_business_day(day: date) -> bool:
    """Whether the bank works on `day`."""
    return current().is_business_day(day)


def next_business_day(day: date, *, inclusive: bool = True) -> date:
    """The first business day from `day` on, or after it."""
    return current().next_business_day(day, inclusive=inclusive)


def add_business_days(day: date, count: int) -> date:
    """The business day `count` after `day`."""
    return current().add_business_days(day, count)


def language() -> str:
    """ "en" or "sw": the reader's, as the calendar names days in no other."""
    return "sw" if get_language() == "sw" else "en"


@lru_cache(maxsize=256)
def _public_holidays(year: int, language: str) -> Mapping[date, str]:
    named = dict(holidays.country_holidays("KE", years=year, language=LANGUAGES[language]))
    for theirs, ours in BETTER_WORDS.items():
        named = {day: name.replace(theirs, ours) for day, name in named.items()}
    return MappingProxyType(named)
