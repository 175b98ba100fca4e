"""Tags and filters of the portal: figures, marks and form fields, one way each.

Figures become text only here. A filter for money raises TypeError on anything but a Decimal: printing a wrong type
politely is how a bank shows 0.00 to someone who has money.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, PasswordInput, RadioSelect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wekeza_portal import assets, dates
from wekeza_portal.charts import balance_path, svg
from wekeza_portal.money import exact, format_kes

register = template.Library()

MINUS = "\N{MINUS SIGN}"
CHART_WIDTH, CHART_HEIGHT = 340, 190

STATUSES = {
    "ACTIVE": (gettext_lazy("Active"), "good"),
    "FROZEN": (gettext_lazy("Frozen"), "bad"),
    "DORMANT": (gettext_lazy("Dormant"), "quiet"),
    "DISABLED": (gettext_lazy("Closed"), "quiet"),
    "CLOSED": (gettext_lazy("Closed"), "quiet"),
    "PENDING": (gettext_lazy("Waiting"), "warn"),
    "APPROVED": (gettext_lazy("Approved"), "good"),
    "REJECTED": (gettext_lazy("Declined"), "bad"),
    "POSTED": (gettext_lazy("Done"), "good"),
    "CANCELLED": (gettext_lazy("Cancelled"), "quiet"),
    "EXPIRED": (gettext_lazy("Expired"), "quiet"),
}


def _money(amount: object) -> Decimal:
    if not isinstance(amount, Decimal):
        raise TypeError(f"money is a Decimal, not {type(amount).__name__}: {amount!r}")
    return exact(amount)


@register.filter
def kes(amount: Decimal) -> str:
    """`KES 1,234.50`. TypeError on anything but a Decimal."""
    return format_kes(_money(amount))


@register.filter
def figure(amount: Decimal) -> str:
    """`1,234.50`, with a true minus sign below zero. TypeError on anything but a Decimal."""
    value = _money(amount)
    return f"{MINUS if value < 0 else ''}{abs(value):,.2f}"


@register.filter
def signed(amount: Decimal) -> str:
    """`+1,234.50` for money in, a true minus sign for money out, nothing before zero. TypeError on non-Decimal."""
    value = _money(amount)
    return f"+{value:,.2f}" if value > 0 else figure(value)


@register.filter
def mask_account(number: str) -> str:
    """`ACC***0014`: the first three and the last four; a number too short for that shows its last two only."""
    text = str(number)
    return f"{text[:3]}***{text[-4:]}" if len(text) > 8 else f"***{text[-2:]}"


@register.filter
def same(value: object, other: object) -> bool:
    """Equality as a value, for `include ... with current=section|same:"move"`."""
    return value == other


@register.filter
def data_size(count: int) -> str:
    """Bytes as people with a data bundle read them: `12 KB`, `1.4 MB`. Rounded up: never flatters."""
    kilobytes = -(-int(count) // 1000)
    if kilobytes < 1000:
        return f"{kilobytes} KB"
    tenths = -(-kilobytes // 100)
    return f"{tenths // 10}.{tenths % 10} MB"


@register.simple_tag
@lru_cache(maxsize=500)
def icon(name: str, label: str = "") -> str:
    """One drawing of the sprite. Without `label` it is decoration and hidden from screen readers."""
    address = f"{static('icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" width="24" height="24" role="img" aria-label="{}"><use href="{}"/></svg>', label, address
        )
    return format_html('<svg class="icon" width="24" height="24" aria-hidden="true"><use href="{}"/></svg>', address)


@register.simple_tag
def integrity(name: str) -> str:
    """The attribute that makes a browser refuse a script or style sheet that is not the one of this release."""
    return format_html(' integrity="{}"', assets.integrity(name))


@register.simple_tag
def status_tag(status: str) -> str:
    """A status in words with a tone; the colour repeats what the word says. Unknown ones show as they are."""
    word, tone = STATUSES.get(str(status).upper(), (str(status).replace("_", " ").capitalize(), "quiet"))
    return format_html('<span class="tag tag--{}">{}</span>', tone, word)


@register.simple_tag
def title_prefix(*forms: BaseForm | None) -> str:
    """`Error: ` when one of the forms was refused, so that the tab and the screen reader say so first."""
    refused = any(form.errors for form in forms if isinstance(form, BaseForm))
    return f"{_('Error')}: " if refused else ""


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """What to put right, on top of the page, each line a link to its field. Empty while nothing is wrong."""
    refusals = [(str(error), "") for error in form.non_field_errors()]
    refusals += [(str(error), _first_control(bound)) for bound in form for error in bound.errors]
    return {"refusals": refusals}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, mark_optional: bool = True) -> dict[str, Any]:
    """One form field: label, hint, error and control tied together for eyes and screen readers.

    `mark_optional=False` where every field is optional, as in a filter: saying so at each would be noise.
    """
    if not isinstance(bound, BoundField):
        raise TypeError(f"not a form field: {bound!r}")
    widget = bound.field.widget
    described = [f"{bound.auto_id}_hint"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    attrs: dict[str, str | bool] = {}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    grouped = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    return {
        "field": bound,
        "grouped": grouped,
        "box": isinstance(widget, CheckboxInput),
        "optional": mark_optional and not bound.field.required,
        "password": isinstance(widget, PasswordInput),
        "described": attrs.get("aria-describedby", ""),
        "control": "" if grouped else bound.as_widget(attrs=attrs),
    }


@register.inclusion_tag("components/balance_chart.html")
def balance_chart(points: Sequence[tuple[date, Decimal]]) -> dict[str, Any]:
    """A balance over time, oldest first, as a stepped line with its lowest and highest day in words."""
    exacts = [(day, _money(amount)) for day, amount in points]
    if not exacts:
        return {}
    (first, _then), (last, now) = exacts[0], exacts[-1]
    low_day, low = min(exacts, key=lambda point: point[1])
    high_day, high = max(exacts, key=lambda point: point[1])
    words = {
        "low": format_kes(low),
        "low_day": dates.shown(low_day, "MONTH_DAY_FORMAT"),
        "high": format_kes(high),
        "high_day": dates.shown(high_day, "MONTH_DAY_FORMAT"),
        "now": format_kes(now),
        "start": dates.shown(first, "MONTH_DAY_FORMAT"),
        "end": dates.shown(last, "MONTH_DAY_FORMAT"),
    }
    return words | {
        "drawing": svg(
            balance_path(exacts, CHART_WIDTH, CHART_HEIGHT),
            CHART_WIDTH,
            CHART_HEIGHT,
            title=_("Balance from %(start)s to %(end)s") % words,
            description=_("Lowest %(low)s on %(low_day)s, highest %(high)s on %(high_day)s, now %(now)s.") % words,
            first=dates.shown(first, "j M"),
            last=dates.shown(last, "j M"),
        )
    }


@register.simple_tag
def copy_button(text: str, label: str = "") -> str:
    """A button that copies `text`; shown by the script only, because without it it could do nothing."""
    return format_html(
        '<button type="button" class="copy" hidden data-copy="{}" data-done="{}">{}<span>{}</span></button>',
        text,
        _("Copied"),
        icon("copy"),
        label or _("Copy"),
    )


def _first_control(bound: BoundField) -> str:
    """The id a link to the field must lead to: for a group of choices, its first one."""
    if isinstance(bound.field.widget, RadioSelect | CheckboxSelectMultiple):
        return f"{bound.auto_id}_0"
    return str(bound.auto_id)
