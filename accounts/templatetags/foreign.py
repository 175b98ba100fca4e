"""A balance in the money somebody thinks in, beside the KES it is."""

from decimal import Decimal

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.preferences.foreign import Foreign
from accounts.templatetags.amounts import HIDDEN, SHOWN, amounts_hidden
from wekeza_portal import dates
from wekeza_portal.templatetags.portal import figure

register = template.Library()


@register.simple_tag(takes_context=True)
def about(context: Context, amount: Decimal, foreign: Foreign | None) -> str:
    """ "about USD 650.12 at 129.35 on 25/11/2026, indicative"; "" without a rate, dots where amounts are hidden."""
    worth = foreign.worth(amount) if foreign else None
    if foreign is None or worth is None or foreign.kes is None or foreign.day is None:
        return ""
    hidden = amounts_hidden(context)
    money = format_html(HIDDEN, _("hidden")) if hidden else format_html(SHOWN, f"{foreign.code} {figure(worth)}")
    words = _("about {money} at {rate} on {day}, indicative")
    return format_html(words, money=money, rate=figure(foreign.kes), day=dates.shown(foreign.day))
