"""What the style guide shows: one of each component, with figures a person would believe."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wekeza_portal.forms import AccountNumberField, AmountField, NoteField

COLOURS = (
    "ink", "ink-2", "ink-3", "paper", "card", "line", "brand", "brand-strong", "brand-soft",
    "sun", "in", "danger", "danger-soft", "warn-soft",
)  # fmt: skip
ICONS = (
    "home", "move", "send", "swap", "phone", "call", "bill", "save", "view", "more", "borrow", "insure",
    "settings", "lock", "copy", "eye", "eye-off", "alert", "check", "help", "download", "print", "back",
    "next", "in", "out", "search", "filter", "user", "logout", "globe", "bell", "mail", "pin", "clock",
    "plus", "file",
)  # fmt: skip
DAYS = 90
PAYDAY, RENT_DAY = 28, 1


class SpecimenForm(forms.Form):
    """Every kind of control once."""

    from_account = forms.ChoiceField(
        label=_("From"), choices=[("ACC1000014", "ACC1000014"), ("ACC1000022", "ACC1000022")]
    )
    to_account = AccountNumberField(label=_("To account"), help_text=_("Ten letters and digits, like ACC1000015."))
    amount = AmountField(label=_("Amount"), help_text=_("In shillings."))
    note = NoteField(label=_("Note"), widget=forms.Textarea(attrs={"rows": 2}))
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput)
    kind = forms.ChoiceField(
        label=_("How should we tell you?"),
        choices=[("sms", _("SMS")), ("email", _("E-mail"))],
        widget=forms.RadioSelect,
    )
    sure = forms.BooleanField(label=_("I have checked the name"))


def specimens() -> dict[str, Any]:
    """The context of the style guide page. `refused` is the same form after a bad try."""
    refused = SpecimenForm({"from_account": "ACC1000014", "to_account": "?", "amount": "-5", "note": "Rent"})
    return {
        "colours": COLOURS,
        "icons": ICONS,
        "fresh": SpecimenForm(auto_id="fresh_%s"),
        "refused": refused,
        "points": _balances(date(2026, 11, 23)),
        "overdrawn": [(date(2026, 11, 1) + timedelta(days=day), Decimal(4000 - 900 * day)) for day in range(9)],
        "amount_in": Decimal("85000.00"),
        "amount_out": Decimal("-2544.00"),
        "available": Decimal("83406.00"),
        "booked": Decimal("84406.00"),
        "minimum": Decimal("1000.00"),
        "statuses": ("ACTIVE", "FROZEN", "DORMANT", "DISABLED", "PENDING"),
    }


def _balances(last: date) -> list[tuple[date, Decimal]]:
    """A believable quarter: pay at the end of the month, rent on the first, life in between."""
    balance, points = Decimal("61340.50"), []
    for back in range(DAYS, -1, -1):
        day = last - timedelta(days=back)
        balance += Decimal(85000) if day.day == PAYDAY else Decimal(0)
        balance -= Decimal(32000) if day.day == RENT_DAY else Decimal(0)
        balance -= Decimal((day.toordinal() * 37) % 23) * 75 if day.day % 3 else Decimal(0)
        points.append((day, balance))
    return points
