"""The filter `date` of every template (settings.TEMPLATES, builtins): Django's, in the style the customer chose."""

from typing import Any

from django import template
from django.template import defaultfilters

from wekeza_portal import dates

register = template.Library()


@register.filter("date", expects_localtime=True, is_safe=False)
def date(value: Any, pattern: str | None = None) -> str:
    """As Django's; the pattern turned to the customer's style while their page is drawn."""
    return str(defaultfilters.date(value, dates.pattern_for(pattern or "DATE_FORMAT")))
