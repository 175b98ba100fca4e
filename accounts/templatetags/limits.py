"""Filters of the page of the limits."""

from datetime import datetime, timedelta

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wekeza_portal import clock

register = template.Library()


@register.filter
def time_left(moment: datetime) -> str:
    """How long it is until then, in hours and minutes: "23 hours 59 minutes". Never less than a minute."""
    minutes = max(-(-(moment - clock.now()) // timedelta(minutes=1)), 1)
    hours, minutes = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours})
    if minutes:
        parts.append(ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes})
    return _("%(hours)s and %(minutes)s") % {"hours": parts[0], "minutes": parts[1]} if len(parts) > 1 else parts[0]
