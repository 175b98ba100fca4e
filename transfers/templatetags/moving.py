"""Filters of the pages of Move."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from transfers import overview
from transfers.outside.rails import TITLES
from wekeza_portal import clock, dates
from wekeza_portal.clock import NAIROBI

register = template.Library()


@register.inclusion_tag("transfers/ways_in_short.html")
def ways_in_short() -> dict[str, Any]:
    """Every way to move money: how long it takes and what it costs today."""
    return {"ways": overview.ways_in_short()}


@register.filter
def rail_title(rail: str) -> Any:
    """What a rail is called by people: M-Pesa for MPESA."""
    return TITLES.get(rail, rail)


@register.filter
def until(moment: datetime) -> str:
    """An end as people say it: "today at 14:05", "tomorrow at 14:05", else with its date. Nairobi's clock."""
    local = moment.astimezone(NAIROBI)
    hour = date_format(local, "H:i")
    if local.date() == clock.today():
        return _("today at %(hour)s") % {"hour": hour}
    if local.date() == clock.today() + timedelta(days=1):
        return _("tomorrow at %(hour)s") % {"hour": hour}
    return _("on %(day)s at %(hour)s") % {"day": dates.shown(local, "j F"), "hour": hour}
