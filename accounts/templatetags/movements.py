"""Movements as lists, and days as people say them.

Lists of movements are the longest part of most pages: a row is put together here, in one go, because the template
engine takes four times as long for it.
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import vocabulary
from accounts.models import AccountTransaction
from accounts.movements import Movement
from accounts.templatetags import amounts
from wekeza_portal import dates
from wekeza_portal.templatetags import portal

register = template.Library()

LONGEST_REMARK = 60
ROW = (
    '<li><a href="{}"><span class="what">{}</span><span class="when">{}{}{}</span>'
    '<span class="sum{}">%s</span></a></li>'
)  # fmt: skip
ROW_SHOWN, ROW_HIDDEN = ROW % amounts.SHOWN, ROW % amounts.HIDDEN
REMARK = " · <bdi>{}</bdi>"


@register.simple_tag(takes_context=True)
def movement_rows(
    context: Context, movements: Iterable[Movement], several: bool = False, today: date | None = None
) -> str:
    """The list of these movements, each leading to its own page; empty list for none.

    With `several` accounts each row says which one; with `today` it says its day, otherwise the hour alone.
    """
    hidden = _("hidden") if amounts.amounts_hidden(context) else ""
    rows = ((*_cells(row, several, today), hidden or on_balance(row)) for row in movements)
    return format_html('<ul class="rows">{}</ul>', format_html_join("", ROW_HIDDEN if hidden else ROW_SHOWN, rows))


def _cells(row: Movement, several: bool, today: date | None) -> tuple[str, ...]:
    return (
        reverse("movement", args=[row.reference]),
        str(row.words),
        *_when(row, several, today),
        " in" if row.is_in else "",
    )


def _when(row: Movement, several: bool, today: date | None) -> tuple[str, str, str]:
    """Day and hour, what is remarked, which account: what there is of it, in three parts."""
    at = [day_in_words(row.at, today)] if today else []
    at += [f"{row.at:%H:%M}"] if row.at else []
    remark = row.remark
    short = remark if len(remark) <= LONGEST_REMARK else Truncator(remark).chars(LONGEST_REMARK)
    return ", ".join(at), format_html(REMARK, short) if short else "", f" · {row.account_number}" if several else ""


@register.filter
def on_balance(row: AccountTransaction | Movement) -> str:
    """The row's amount with the sign it had on the balance; without one for a word nobody knows. Never hidden."""
    signed = vocabulary.signed(row.txn_type, row.amount)
    return portal.figure(row.amount) if signed is None else portal.signed(signed)


@register.simple_tag
def day_in_words(day: date | None, today: date) -> str:
    """ "Today", "24 November" in this year, with its year in others, in the reader's language; "No date" for None."""
    if day is None:
        return _("No date")
    return _in_words(day.date() if isinstance(day, datetime) else day, today, get_language(), dates.style())


@lru_cache(maxsize=1000)
def _in_words(day: date, today: date, _language: str | None, _style: str) -> str:
    if day == today:
        return _("Today")
    return dates.shown(day, "MONTH_DAY_FORMAT" if day.year == today.year else "DATE_FORMAT")
