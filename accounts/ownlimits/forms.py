"""What a customer types to change their own limits."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Limit, OwnLimit
from wekeza_portal.forms import AmountField
from wekeza_portal.money import format_kes

FIELDS: dict[str, str] = {"daily": Limit.Code.DAILY_OUT, "monthly": Limit.Code.MONTHLY_OUT}


class OwnLimitsForm(forms.Form):
    """Both limits; empty is the bank's alone."""

    daily = AmountField(label=_("Your daily limit in KES"), required=False, help_text=_("Empty: the bank's limit."))
    monthly = AmountField(label=_("Your monthly limit in KES"), required=False, help_text=_("Empty: the bank's limit."))

    @property
    def wanted(self) -> dict[str, Decimal | None]:
        return {code: self.cleaned_data[name] for name, code in FIELDS.items()}

    def clean(self) -> dict[str, Any]:
        """A month below a day is a slip: it would stop everything for the rest of the month."""
        figures = super().clean() or {}
        daily, monthly = figures.get("daily"), figures.get("monthly")
        if daily is not None and monthly is not None and monthly < daily:
            words = _("This is less than your limit for one day. Enter %(least)s or more.")
            self.add_error("monthly", words % {"least": format_kes(daily)})
        return figures

    def name_of(self, code: str) -> str:
        """The field that a limit is typed into."""
        return next(name for name, own in FIELDS.items() if own == code)


class KeepForm(forms.Form):
    """Which raise is given up."""

    limit = forms.ChoiceField(choices=[(code.value, "") for code in OwnLimit.CODES])


def typed(figures: dict[str, Decimal | None]) -> dict[str, Any]:
    """Figures by code as they stand in the form."""
    return {name: "" if figures.get(code) is None else f"{figures[code]:,}" for name, code in FIELDS.items()}
