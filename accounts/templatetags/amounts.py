"""Amounts that a customer may have hidden: then the figure is not in the page at all."""

from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.translation import gettext as _

from wekeza_portal.templatetags.portal import figure, kes, signed

register = template.Library()

_STYLES = {"kes": kes, "figure": figure, "signed": signed}
SHOWN = '<span class="num" data-amount>{}</span>'
HIDDEN = (
    '<span class="num" data-amount-hidden><span aria-hidden="true">•••••</span>'
    '<span class="visually-hidden">{}</span></span>'
)  # fmt: skip
"""How an amount is written, and what stands there instead of one: with the word for that."""


def amounts_hidden(context: Context) -> bool:
    """Whether the person who reads this page has chosen to hide amounts."""
    request: Any = context.get("request")
    return bool(request and getattr(request.user, "hide_amounts", False))


@register.simple_tag(takes_context=True)
def amount(context: Context, value: Decimal, style: str = "kes") -> str:
    """The amount as `kes`, `figure` or `signed`; five dots when amounts are hidden. TypeError on a non-Decimal."""
    text = _STYLES[style](value)
    if amounts_hidden(context):
        return format_html(HIDDEN, _("hidden"))
    return format_html(SHOWN, text)


@register.simple_tag(takes_context=True)
def hiding(context: Context) -> bool:
    """For `{% hiding as hidden %}`: leave out what would tell amounts in another way, like a chart."""
    return amounts_hidden(context)
