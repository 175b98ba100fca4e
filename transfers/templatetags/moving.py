"""Filters of the pages of Move."""

from datetime import datetime, timedelta

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from wekeza_portal import clock
from wekeza_portal.clock import NAIROBI

register = template.Library()


@register.filter
def until(moment: datetime) -> str:
    """An end as people say it: "today at 14:05", "tomorrow at 14:05", else with its date. Nairobi's clock."""
    local = moment.astimezone(NAIROBI)
    hour = date_format(local, "H:i")
    if local.date() == clock.today():
        return _("today at %(hour)s") % {"hour": hour}
    if local.date() == clock.today() + timedelta(days=1):
        return _("tomorrow at %(hour)s") % {"hour": hour}
    return _("on %(day)s at %(hour)s") % {"day": date_format(local, "j F"), "hour": hour}
