"""A calendar on which a customer's movements are pencilled in before anyone knows whether the money will do."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from wekeza_portal import clock
from wekeza_portal.branch.demobank.holdings import months_after
from wekeza_portal.branch.demobank.rows import Book

# Public holidays with a fixed date, on which no counter is open.
_CLOSED = {(1, 1), (5, 1), (6, 1), (10, 10), (10, 20), (12, 12), (12, 25), (12, 26)}


class Event(NamedTuple):
    """Something that happens at `at`; `order` keeps events of one second in the order they were written down."""

    at: datetime
    order: int
    act: Callable[[Book, datetime], object]


class Diary:
    """Events of one customer between the day the account opened and yesterday. Draws come from their own generator."""

    def __init__(self, rng: Random, start: date, today: date) -> None:
        self.rng = rng
        self.start = start
        self.today = today
        self.events: list[Event] = []

    def months(self) -> Iterator[date]:
        """The first of each month from the start to this month."""
        month = self.start.replace(day=1)
        while month <= self.today:
            yield month
            month = months_after(month, 1)

    def at(self, day: date, moment: time, act: Callable[[Book, datetime], object]) -> None:
        """Pencil in, unless it lies before the start or is not over yet: today's rows are added by name."""
        if self.start <= day < self.today:
            self.events.append(Event(_eat(day, moment), len(self.events), act))

    def some_day(self, month: date, act: Callable[[Book, datetime], object], first: int = 1, last: int = 28) -> None:
        """On any day of the month, between seven in the morning and half past eight in the evening."""
        moment = time(self.rng.randint(7, 19), self.rng.randint(0, 59), self.rng.randint(0, 59))
        self.at(month.replace(day=self.rng.randint(first, last)), moment, act)

    def counter_day(self, month: date, act: Callable[[Book, datetime], object], first: int = 1, last: int = 28) -> None:
        """At the counter: on a working day, between half past eight and four."""
        day = working_day(month.replace(day=self.rng.randint(first, last)))
        self.at(day, self.counter_hour(), act)

    def counter_hour(self) -> time:
        minutes = 8 * 60 + 30 + self.rng.randint(0, 7 * 60 + 25)
        return time(minutes // 60, minutes % 60, self.rng.randint(0, 59))

    def pick(self, low: int, high: int, step: int) -> int:
        """An amount in KES between `low` and `high`, rounded as people choose amounts."""
        return max(self.rng.randint(low, high) // step * step, step)


def working_day(day: date) -> date:
    """`day` itself, or the last day before it on which the branch was open (Monday to Friday)."""
    while day.weekday() > 4 or (day.month, day.day) in _CLOSED:
        day -= timedelta(days=1)
    return day


def pay_day(month: date, wanted: int) -> date:
    """The pay day of that month: `wanted`, or the working day before."""
    return working_day(month.replace(day=wanted))


def _eat(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, tzinfo=clock.NAIROBI)
