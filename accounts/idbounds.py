"""Dates as ranges of `transactions.transaction_id`, because the branch's table has no index on `created_at`.

Ids are given in the order of time, give or take rows that commit late, so the first id of a day is found by bisecting
the primary key: a few look-ups instead of reading every row an account ever had. A day of slack on either side covers
late rows; the caller adds the exact `created_at` filter.

Where ids do not follow dates (a restored or merged table, history loaded account by account) bounds would hide rows.
A sample of rows over the whole table tells; without order there are no bounds, and the caller reads the account's
rows. A single row dated back by more than a day inside an otherwise orderly table can escape the sample: it is then
missing from period-limited lists and sums, never from the full history.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from django.core.cache import cache
from django.db.models import QuerySet

from accounts.models import AccountTransaction
from wekeza_portal import clock
from wekeza_portal.clock import Period

SLACK = timedelta(days=1)
SAMPLE = 64
PROBES = 128
ORDER_IS_KNOWN_FOR = 10 * 60
PROOF_HOLDS_FOR = 60
BOUND_IS_KEPT_FOR = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class IdBounds:
    """first <= transaction_id < end; None where that side is open."""

    first: int | None = None
    end: int | None = None


class _Row(NamedTuple):
    id: int
    at: datetime


EVERYTHING = IdBounds()
NOTHING = IdBounds(first=0, end=0)


def bounds_for(period: Period) -> IdBounds:
    """Ids outside these bounds hold no row of the period; inside, `created_at` still has to be looked at."""
    if not ids_follow_dates():
        return EVERYTHING
    first = first_id_from(period.start - SLACK)
    if first is None:
        return NOTHING
    closes = period.end + SLACK
    return IdBounds(first, first_id_from(closes) if closes < clock.now() else None)


def ids_follow_dates() -> bool:
    """Whether a sample of rows, taken evenly over the table, is in the order of time (to within the slack)."""
    known = cache.get("ids-follow-dates")
    if known is None:
        known = _sample_is_in_order()
        cache.set("ids-follow-dates", known, ORDER_IS_KNOWN_FOR)
    return bool(known)


def first_id_from(instant: datetime) -> int | None:
    """The first id whose row was written at or after `instant`, None if there is none yet.

    Kept per instant, and proved again every minute (one look-up by primary key): branch scripts may have emptied and
    refilled the table since.
    """
    key = f"first-id-from-{int(instant.timestamp())}"
    kept = cache.get(key)
    if kept is not None and (cache.get(f"{key}-proved") or _is_first_from(kept, instant)):
        cache.add(f"{key}-proved", True, PROOF_HOLDS_FOR)
        return int(kept)
    found = _search(instant)
    if found is not None and instant < clock.now():
        cache.set(key, found, BOUND_IS_KEPT_FOR)
        cache.set(f"{key}-proved", True, PROOF_HOLDS_FOR)
    return found


def _is_first_from(candidate: int, instant: datetime) -> bool:
    rows = list(_dated().filter(transaction_id__lte=candidate).order_by("-transaction_id")[:2])
    if not rows or rows[0][0] != candidate or rows[0][1] < instant:
        return False
    return len(rows) == 1 or rows[1][1] < instant


def _search(instant: datetime) -> int | None:
    """Bisect with many probes at once: each round reads up to PROBES rows and keeps the gap the answer lies in.

    `low` is a row before the instant, `answer` one at or after it; nothing lies between `edge` and `answer`.
    """
    ends = _ends()
    if ends is None or ends[1].at < instant:
        return None
    if ends[0].at >= instant:
        return ends[0].id
    low, answer = ends[0].id, ends[1].id
    edge = answer
    while edge - low > 1:
        rows = _rows_at(_spread(low, edge, PROBES)) or _next_row(low, edge)
        if not rows:
            edge = low + (edge - low) // 2
            continue
        later = [row.id for row in rows if row.at >= instant]
        if later:
            answer = edge = min(later)
        low = max((row.id for row in rows if row.at < instant and row.id < edge), default=low)
    return answer


def _sample_is_in_order() -> bool:
    ends = _ends()
    if ends is None:
        return True
    first, last = ends
    wanted = _spread(first.id, last.id, SAMPLE)
    hit = _rows_at(wanted)
    rows = {first, last, *hit}
    for missed in set(wanted) - {row.id for row in hit}:
        rows.update(_around(missed))
    in_order_of_id = sorted(rows)
    newest_so_far = accumulate((row.at for row in in_order_of_id), max)
    return all(newest - row.at < SLACK for newest, row in zip(newest_so_far, in_order_of_id, strict=True))


def _around(gap: int) -> list[_Row]:
    """The rows on either side of an id that no row has: tables that were merged meet at such a gap."""
    before = _dated().filter(transaction_id__lt=gap).order_by("-transaction_id")[:1]
    return [_Row(*row) for row in (*before, *_dated().filter(transaction_id__gt=gap)[:1])]


def _spread(low: int, high: int, count: int) -> list[int]:
    """Up to `count` ids evenly spread strictly between `low` and `high`."""
    step = -(-(high - low) // (count + 1))
    return list(range(low + step, high, step)) if step else []


def _dated() -> QuerySet[AccountTransaction, tuple[int, datetime]]:
    dated = AccountTransaction.objects.filter(created_at__isnull=False)
    return dated.values_list("transaction_id", "created_at").order_by("transaction_id")


def _ends() -> tuple[_Row, _Row] | None:
    first = _dated().first()
    last = _dated().last()
    return (_Row(*first), _Row(*last)) if first and last else None


def _rows_at(ids: list[int]) -> list[_Row]:
    return [_Row(*row) for row in _dated().filter(transaction_id__in=ids)]


def _next_row(low: int, edge: int) -> list[_Row]:
    """The first row of the upper half of the gap: the probes can all fall between rows."""
    middle = low + (edge - low) // 2
    return [_Row(*row) for row in _dated().filter(transaction_id__gte=middle, transaction_id__lt=edge)[:1]]
