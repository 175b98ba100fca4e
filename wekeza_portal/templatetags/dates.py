"""The filter `date` of every template (settings.TEMPLATES, builtins): Django's, in the style the customer chose."""

import datetime as days
from functools import lru_cache
from typing import Any

from django import template
from django.template import defaultfilters
from django.utils.translation import get_language

from wekeza_portal import dates

register = template.Library()


@register.filter("date", expects_localtime=True, is_safe=False)
def date(value: Any, pattern: str | None = None) -> str:
    """As Django's; the pattern turned to the customer's style while their page is drawn."""
    wanted = dates.pattern_for(pattern or "DATE_FORMAT")
    if not isinstance(value, days.date):
        return str(defaultfilters.date(value, wanted))
    return _written(value, getattr(value, "tzinfo", None), wanted, get_language())


@lru_cache(maxsize=5000)
def _written(value: days.date, zone: days.tzinfo | None, pattern: str, language: str | None) -> str:
    """One day is written many times on a page and on the next ones. The zone is part of the key: moments that are the
    same read differently in two of them."""
    return str(defaultfilters.date(value, pattern))
