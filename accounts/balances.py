"""How the balance went, as the rows explain it.

The balance of today is the branch's and the truth. Earlier days are found by walking back from it over the rows; money
that moved without a row (the branch software does that) therefore sits in every earlier figure, and rows with a word
nobody knows are left out. The current balance is never computed from rows.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounts.movements import Entry, Totals, totals
from accounts.vocabulary import Direction, direction_of
from wekeza_portal import clock
from wekeza_portal.clock import Period

DAYS = 90


@dataclass(frozen=True, slots=True)
class DayBalance:
    """One Nairobi day: what came and went, and the booked balance (KES) when it ended."""

    day: date
    money_in: Decimal
    money_out: Decimal
    closing: Decimal

    @property
    def change_out(self) -> Decimal:
        """What went out, with its sign."""
        return -self.money_out


def last_days(today: date, days: int = DAYS) -> Period:
    """The Nairobi days up to and including today, as a range of instants."""
    return Period(clock.midnight(today - timedelta(days=days - 1)), clock.midnight(today + timedelta(days=1)))


def by_day(current: Decimal, rows: Iterable[Entry], today: date, days: int = DAYS) -> list[DayBalance]:
    """The closing balance of each of the last `days` days, oldest first; the last one is `current` itself."""
    rows_of: dict[date, list[Entry]] = defaultdict(list)
    for row in rows:
        rows_of[row.at.astimezone(clock.NAIROBI).date()].append(row)
    closing, walked = current, []
    for back in range(days):
        day = today - timedelta(days=back)
        sums = totals(rows_of[day]) if day in rows_of else Totals()
        walked.append(DayBalance(day, sums.money_in, sums.money_out, closing))
        closing -= sums.money_in - sums.money_out
    return walked[::-1]


def points(days: Iterable[DayBalance]) -> list[tuple[date, Decimal]]:
    """For the chart: one step per day."""
    return [(each.day, each.closing) for each in days]


def unexplained_words(rows: Iterable[Entry]) -> list[str]:
    """The words in these rows that are not in the vocabulary, each once, in alphabetical order."""
    return sorted({row.txn_type for row in rows if direction_of(row.txn_type) is Direction.UNKNOWN})
