"""Words for what is stored about cards."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import gettext as _

from accounts.cards import wording
from wekeza_portal.money import format_kes

register = template.Library()


@register.filter
def control_words(name: str) -> Any:
    """What a control is called."""
    return wording.CONTROLS[name]


@register.filter
def control_value(value: Any) -> str:
    """What a control stands at."""
    return format_kes(value) if isinstance(value, Decimal) else _("On") if value else _("Off")


@register.filter
def channel_words(channel: str) -> Any:
    """Where a card was used."""
    return wording.CHANNELS.get(channel, channel)


@register.filter
def refusal_words(why: str) -> Any:
    """Why a use was refused."""
    return wording.REFUSALS.get(why, why)
