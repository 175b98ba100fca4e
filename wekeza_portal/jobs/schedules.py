"""When a job is due, as pure rules. Slots are aware instants in EAT; a slot's business date is its Nairobi date."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

from django.utils.translation import gettext_lazy, ngettext

from wekeza_portal import clock
from wekeza_portal.calendar import SATURDAY, Calendar
from wekeza_portal.recurrence import last_day

DAY = timedelta(days=1)


class Slot(NamedTuple):
    """One time a job is due. `key` is unique within the job: what is run once."""

    key: str
    due_at: datetime
    business_date: date


class Days(StrEnum):
    EVERY_DAY = "EVERY_DAY"
    BUSINESS_DAYS = "BUSINESS_DAYS"
    MONTH_ENDS = "MONTH_ENDS"


WORDS: dict[Days, Any] = {
    Days.EVERY_DAY: gettext_lazy("every day at %(time)s"),
    Days.BUSINESS_DAYS: gettext_lazy("on business days at %(time)s"),
    Days.MONTH_ENDS: gettext_lazy("on the last day of the month at %(time)s"),
}


@dataclass(frozen=True, slots=True)
class Daily:
    """Once on each of its days, at `at` EAT. A date missed is made up for; moving `at` repeats no date."""

    at: time
    days: Days = Days.EVERY_DAY
    makes_up: ClassVar[bool] = True

    def slots(self, after: datetime, until: datetime, calendar: Callable[[], Calendar]) -> Iterator[Slot]:
        """The slots with after < due <= until, oldest first. The calendar is only asked for where it matters."""
        day, last = after.astimezone(clock.NAIROBI).date(), until.astimezone(clock.NAIROBI).date()
        while day <= last:
            due_at = datetime.combine(day, self.at, tzinfo=clock.NAIROBI)
            if after < due_at <= until and self._is_one(day, calendar):
                yield Slot(day.isoformat(), due_at, day)
            day += DAY

    def next_after(self, after: datetime, calendar: Callable[[], Calendar]) -> Slot | None:
        """The first slot after an instant; None when there is none within 40 days."""
        return next(self.slots(after, after + 40 * DAY, calendar), None)

    def _is_one(self, day: date, calendar: Callable[[], Calendar]) -> bool:
        if self.days is Days.BUSINESS_DAYS:
            return day.weekday() < SATURDAY and calendar().is_business_day(day)
        return self.days is Days.EVERY_DAY or day.day == last_day(day.year, day.month)

    def __str__(self) -> str:
        return str(WORDS[self.days]) % {"time": self.at.strftime("%H:%M")}


@dataclass(frozen=True, slots=True)
class Every:
    """Every `minutes` minutes, counted from midnight EAT. Looks at the present: of missed slots only the newest runs.

    ValueError unless a day is a whole number of them.
    """

    minutes: int
    makes_up: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.minutes < 1 or 24 * 60 % self.minutes:
            raise ValueError(f"every {self.minutes} minutes")

    def slots(self, after: datetime, until: datetime, calendar: Callable[[], Calendar]) -> Iterator[Slot]:
        """The newest slot with after < due <= until, if there is one."""
        local = until.astimezone(clock.NAIROBI)
        passed = (local.hour * 60 + local.minute) // self.minutes * self.minutes
        due_at = clock.midnight(local.date()) + timedelta(minutes=passed)
        if due_at > after:
            yield Slot(due_at.strftime("%Y-%m-%d %H:%M"), due_at, due_at.date())

    def next_after(self, after: datetime, calendar: Callable[[], Calendar]) -> Slot | None:
        """The first slot after an instant."""
        return next(self.slots(after, after + timedelta(minutes=self.minutes), calendar), None)

    def __str__(self) -> str:
        words = ngettext("every minute", "every %(minutes)s minutes", self.minutes)
        return words % {"minutes": self.minutes}


Schedule = Daily | Every
