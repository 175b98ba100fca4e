"""Days as people say them. One page prints the same few days many times: each is put into words once."""

from datetime import date, datetime
from functools import lru_cache

from django import template
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def day_in_words(day: date | None, today: date) -> str:
    """ "Today", "24 November" of this year, "24 November 2025" of another, in the reader's language; "No date" for None."""
    if day is None:
        return _("No date")
    return _in_words(day.date() if isinstance(day, datetime) else day, today, get_language())


@lru_cache(maxsize=1000)
def _in_words(day: date, today: date, _language: str | None) -> str:
    if day == today:
        return _("Today")
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == today.year else "DATE_FORMAT")
