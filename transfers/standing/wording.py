"""When an order is due, as people say it: "every month, on the 31st or the month's last day"."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.dateformat import format as date_in
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from transfers.models import Rhythm
from wekeza_portal import dates

ALWAYS_THERE = 28
"""Every month has this day."""


def when(rhythm: str, begins: date) -> str:
    """How often and on which day, in the active language, as the rest of a sentence."""
    return _WORDS[rhythm](begins)


def with_count(rhythm: str, times: int | None) -> str:
    """How often, and how many times where that is set: "every month, on the 1st, 3 times"."""
    return f"{rhythm}, {ending(None, times)}" if times is not None else rhythm


def ending(until: date | None, times: int | None) -> str:
    """Until when, in the active language."""
    if until is not None:
        return _("until %(day)s") % {"day": day_words(until)}
    if times is not None:
        return ngettext("%(count)s time", "%(count)s times", times) % {"count": times}
    return _("until you end it")


def day_words(day: date) -> str:
    """ "1 December 2026", in the active language."""
    return dates.shown(day, "j F Y")


def _values(day: date) -> dict[str, Any]:
    return {
        "date": day_words(day),
        "weekday": date_format(day, "l"),
        # "31st"; only English has such endings.
        "ordinal": f"{day.day}{date_in(day, 'S')}" if get_language() == "en" else str(day.day),
        "day_month": date_format(day, "j F"),
    }


def _once(day: date) -> str:
    return _("once, on %(date)s") % _values(day)


def _daily(day: date) -> str:
    return _("every day, from %(date)s") % _values(day)


def _weekly(day: date) -> str:
    return _("every week, on %(weekday)s") % _values(day)


def _fortnightly(day: date) -> str:
    return _("every two weeks, on %(weekday)s") % _values(day)


def _monthly(day: date) -> str:
    if day.day > ALWAYS_THERE:
        return _("every month, on the %(ordinal)s or the month's last day") % _values(day)
    return _("every month, on the %(ordinal)s") % _values(day)


def _quarterly(day: date) -> str:
    if day.day > ALWAYS_THERE:
        return _("every three months, on the %(ordinal)s or the month's last day") % _values(day)
    return _("every three months, on the %(ordinal)s") % _values(day)


def _yearly(day: date) -> str:
    if (day.month, day.day) == (2, 29):
        return _("every year, on the last day of February")
    return _("every year, on %(day_month)s") % _values(day)


_WORDS: dict[str, Callable[[date], str]] = {
    Rhythm.ONCE: _once,
    Rhythm.DAILY: _daily,
    Rhythm.WEEKLY: _weekly,
    Rhythm.FORTNIGHTLY: _fortnightly,
    Rhythm.MONTHLY: _monthly,
    Rhythm.QUARTERLY: _quarterly,
    Rhythm.YEARLY: _yearly,
}
