"""How a date is written: as the page has it, or the way the signed-in customer chose.

The door says whose page it is (`begin`); every date of a page becomes text here, by the filter `date` in templates and
`shown()` in code. Papers and messages call Django's own formats, or `as_written()`: they read the same to everybody.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, tzinfo
from functools import lru_cache

from django.utils.formats import date_format, get_format
from django.utils.translation import get_language

WRITTEN = "WRITTEN"
NUMERIC = {"DMY": "d/m/Y", "MDY": "m/d/Y", "YMD": "Y-m-d"}
STYLES = (*NUMERIC, WRITTEN)

_IN_WORDS = re.compile(r"\b[jd] [FM]( Y)?\b")
_IN_FIGURES = re.compile(r"\bd/m(/Y)?\b")

_style: ContextVar[str] = ContextVar("date_style", default="")


def begin(style: str) -> None:
    """From now on dates are written in one of STYLES; "" or an unknown one: as the page has them."""
    _style.set(style if style in STYLES else "")


def style() -> str:
    """What was begun; "" for none."""
    return _style.get()


@contextmanager
def as_written() -> Iterator[None]:
    """Inside, dates are written as papers and messages have them, whoever is signed in."""
    token = _style.set("")
    try:
        yield
    finally:
        _style.reset(token)


def shown(day: date, pattern: str = "DATE_FORMAT") -> str:
    """A date (or datetime, in the zone it has) by Django's name or letters of a format, in the customer's style."""
    return _written(day, getattr(day, "tzinfo", None), pattern_for(pattern), get_language())


@lru_cache(maxsize=5000)
def _written(day: date, zone: tzinfo | None, pattern: str, language: str | None) -> str:
    """One day is written many times. The zone is part of the key: one moment reads differently in two of them."""
    return date_format(day, pattern)


def pattern_for(pattern: str) -> str:
    """The format in the customer's style. A date in figures always has its year: 3/4 could be read both ways.

    What holds no day and month, or is meant for machines (Y-m-d, c), stays as it is.
    """
    chosen = _style.get()
    return _translated(pattern, chosen, get_language()) if chosen else pattern


@lru_cache(maxsize=1000)
def _translated(pattern: str, chosen: str, language: str | None) -> str:
    letters = str(get_format(pattern, language))
    if chosen == WRITTEN:
        return _IN_FIGURES.sub(lambda found: "j M Y" if found[1] else "j M", letters)
    return _IN_WORDS.sub(NUMERIC[chosen], _IN_FIGURES.sub(NUMERIC[chosen], letters))
