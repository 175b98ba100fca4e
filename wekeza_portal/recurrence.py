"""When something that repeats falls due: pure rules, no database, no clock. All dates are Nairobi's.

Each date is computed from the first one, not from the one before, so that the 31st comes back after a February.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import count as counting

from wekeza_portal.calendar import Calendar


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class OnHoliday(StrEnum):
    """What a date on a day that is no business day becomes."""

    SAME = "SAME"
    NEXT = "NEXT"
    PREVIOUS = "PREVIOUS"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a rule. `nominal` names it for ever; `due_on` is when it is done.

    Several nominal dates can fall due on one day (Saturday, Sunday and Monday): each is an occurrence of its own.
    """

    nominal: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Rule:
    """Every `interval` days, weeks, months or years from `starts` on.

    Ends with the nominal date `until` (included) or after `times` nominal dates; with neither it goes on. A skipped
    date is left out and counts among `times`, so that skipping one doesn't make the whole longer. ValueError when
    interval or times are below 1.
    """

    frequency: Frequency
    starts: date
    interval: int = 1
    until: date | None = None
    times: int | None = None
    skips: frozenset[date] = frozenset()
    on_holiday: OnHoliday = OnHoliday.SAME

    def __post_init__(self) -> None:
        if self.interval < 1 or (self.times is not None and self.times < 1):
            raise ValueError(f"every {self.interval}, {self.times} times")

    def nominal(self, number: int) -> date | None:
        """The date with this number, counted from 0, skipped or not; None past the end of the rule or of dates."""
        if self.times is not None and number >= self.times:
            return None
        try:
            day = _step(self.frequency, self.starts, number * self.interval)
        except (OverflowError, ValueError):
            return None
        return None if self.until is not None and day > self.until else day

    def due_on(self, nominal: date, calendar: Calendar) -> date:
        """The day on which the occurrence of `nominal` is done."""
        if self.on_holiday is OnHoliday.NEXT:
            return calendar.next_business_day(nominal)
        if self.on_holiday is OnHoliday.PREVIOUS:
            return calendar.previous_business_day(nominal)
        return nominal


def occurrences(rule: Rule, calendar: Calendar, since: date) -> Iterator[Occurrence]:
    """What falls due on `since` or later, in order; without end if the rule has none."""
    for number in counting(_first_number(rule, calendar, since)):
        nominal = rule.nominal(number)
        if nominal is None:
            return
        if nominal not in rule.skips:
            yield Occurrence(nominal, rule.due_on(nominal, calendar))


def between(rule: Rule, calendar: Calendar, since: date, until: date) -> list[Occurrence]:
    """What falls due from `since` to `until`, both included."""
    found = []
    for occurrence in occurrences(rule, calendar, since):
        if occurrence.due_on > until:
            break
        found.append(occurrence)
    return found


def next_one(rule: Rule, calendar: Calendar, since: date) -> Occurrence | None:
    """The first that falls due on `since` or later; None when the rule is over."""
    return next(occurrences(rule, calendar, since), None)


def following(rule: Rule, calendar: Calendar, nominal: date) -> Occurrence | None:
    """The occurrence after the one named `nominal`; None when the rule is over."""
    for later in counting(max(0, _estimate(rule, nominal) - 2)):
        day = rule.nominal(later)
        if day is None:
            return None
        if day > nominal and day not in rule.skips:
            return Occurrence(day, rule.due_on(day, calendar))
    return None


def _first_number(rule: Rule, calendar: Calendar, since: date) -> int:
    """The first number due on `since` or later. Due days never go backwards, so walking from a guess is exact."""

    def is_early(number: int) -> bool:
        nominal = rule.nominal(number)
        return nominal is not None and rule.due_on(nominal, calendar) < since

    def is_late(number: int) -> bool:
        nominal = rule.nominal(number)
        return nominal is None or rule.due_on(nominal, calendar) >= since

    number = _estimate(rule, since)
    while number > 0 and is_late(number - 1):
        number -= 1
    while is_early(number):
        number += 1
    return number


def _estimate(rule: Rule, day: date) -> int:
    """About which number falls on `day`, never above the number of times."""
    if rule.until is not None:
        day = min(day, rule.until)
    if day <= rule.starts:
        return 0
    lengths = {Frequency.DAILY: 1, Frequency.WEEKLY: 7, Frequency.MONTHLY: 30.4375, Frequency.YEARLY: 365.25}
    number = int((day - rule.starts).days / (lengths[rule.frequency] * rule.interval))
    return number if rule.times is None else min(number, rule.times)


def _step(frequency: Frequency, first: date, steps: int) -> date:
    """`first` moved by so many days, weeks, months or years; a day its month lacks becomes the month's last."""
    if frequency is Frequency.DAILY:
        return first + timedelta(days=steps)
    if frequency is Frequency.WEEKLY:
        return first + timedelta(weeks=steps)
    months = steps * (12 if frequency is Frequency.YEARLY else 1)
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, last_day(year, month + 1)))


def last_day(year: int, month: int) -> int:
    """How many days the month has: 28 to 31. ValueError for a month that no date can name."""
    following = date(year, month, 28) + timedelta(days=4)
    return (following - timedelta(days=following.day)).day
