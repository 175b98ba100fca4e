"""What a person types to have something paid later or regularly: a payment as on its own page, and when."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.selectors import AccountSummary
from transfers.forms import KIND_WORDS, OwnAccountField, OwnTransferForm, PayingForm, WekezaTransferForm
from transfers.models import Rhythm, StandingOrder
from transfers.outside.forms import AirtimeForm, BankByPhoneForm, BankForm, BillForm, CdscForm, MobileForm
from transfers.standing.setting import Plan
from wekeza_portal import clock
from wekeza_portal.forms import AmountField, NoteField

LATEST_YEARS = 30
MOST_TIMES = 1000
_BAD_DATE = {"invalid": _("Enter a date, like 31/12/2026."), "required": _("Choose the first day.")}


def _day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class EndFields(forms.Form):
    """How long, how, and what about days that are no working days."""

    until = forms.DateField(
        label=_("Last day"), required=False, widget=_day_input(), error_messages=_BAD_DATE,
        help_text=_("Leave it empty to go on until you end it."),
    )  # fmt: skip
    times = forms.IntegerField(
        label=_("How many times in all"), required=False, min_value=1, max_value=MOST_TIMES,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Instead of a last day, like 12. Dates you skip count too."),
        error_messages={"invalid": _("Enter a whole number, like 12.")},
    )  # fmt: skip
    on_holiday = forms.ChoiceField(
        label=_("If that day is a weekend or a holiday"), choices=StandingOrder.NotWorking.choices, initial="SAME"
    )
    mode = forms.ChoiceField(
        label=_("Shall we pay it for you?"), choices=StandingOrder.Mode.choices, widget=forms.RadioSelect,
        initial=StandingOrder.Mode.PAY, error_messages={"required": _("Choose one of the two.")},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        until = cleaned.get("until")
        if until and cleaned.get("times"):
            self.add_error("times", _("Give a last day or a number of times, not both."))
        if until and until > _latest():
            self.add_error("until", _("Choose a day within the next 30 years, or leave it empty."))
        return cleaned


class PlanFields(EndFields):
    """When it is paid."""

    rhythm = forms.ChoiceField(label=_("How often"), choices=Rhythm.choices, initial=Rhythm.MONTHLY)
    begins = forms.DateField(label=_("First payment on"), widget=_day_input(), error_messages=_BAD_DATE)

    def __init__(self, *args: Any, accounts: Sequence[AccountSummary], **kwargs: Any) -> None:
        super().__init__(*args, accounts=accounts, **kwargs)  # type: ignore[call-arg]  # the payment's form is next
        self.fields["begins"].initial = clock.today() + timedelta(days=1)
        offer_active(self, accounts)
        order = ["rhythm", "begins", "until", "times", "on_holiday", "mode"]
        self.order_fields([name for name in self.fields if name not in order] + order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        begins, until = cleaned.get("begins"), cleaned.get("until")
        if begins and begins > _latest():
            self.add_error("begins", _("Choose a day within the next 30 years."))
        if begins and until and until < begins:
            self.add_error("until", _("The last day is before the first one."))
        return cleaned

    def plan(self) -> Plan:
        """When, as it was typed. Once has no end of its own."""
        typed = self.cleaned_data
        is_once = typed["rhythm"] == Rhythm.ONCE
        return Plan(
            rhythm=typed["rhythm"],
            begins=typed["begins"],
            until=None if is_once else typed["until"],
            times=None if is_once else typed["times"],
            on_holiday=typed["on_holiday"],
            mode=typed["mode"],
        )


def offer_active(form: forms.Form, accounts: Sequence[AccountSummary]) -> None:
    """Every account that may pay some day, also one with nothing on it now."""
    field = form.fields["from_account"]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [(a.number, f"{KIND_WORDS[a.kind]} {a.number}") for a in accounts if a.is_active]


def _latest() -> date:
    return clock.today() + timedelta(days=365 * LATEST_YEARS)


class LaterWekeza(PlanFields, WekezaTransferForm):
    """To any Wekeza customer, later."""


class LaterOwn(PlanFields, OwnTransferForm):
    """Between the customer's own accounts, later."""


class LaterMobile(PlanFields, MobileForm):
    """To a wallet, later."""


class LaterAirtime(PlanFields, AirtimeForm):
    """Airtime, later."""


class LaterBank(PlanFields, BankForm):
    """To another bank, later."""


class LaterBankByPhone(PlanFields, BankByPhoneForm):
    """To a bank account by phone number, later."""


class LaterBill(PlanFields, BillForm):
    """To a biller, later."""


class LaterCdsc(PlanFields, CdscForm):
    """To a broker, later."""


class ChangeForm(EndFields, PayingForm):
    """What can be changed of an order; another receiver or another rhythm is a new one."""

    from_account = OwnAccountField(label=_("From"))
    amount = AmountField(label=_("Amount in KES"))
    note = NoteField(label=_("Note"), help_text=_("Up to 100 characters."))
    field_order = ("from_account", "amount", "note", "until", "times", "on_holiday", "mode")

    def __init__(
        self,
        *args: Any,
        order: StandingOrder,
        accounts: Sequence[AccountSummary],
        kept: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Starts with what was `kept` of an ended session, or else with the order as it is."""
        initial: Mapping[str, Any] = kept or {
            "from_account": order.from_number,
            "amount": f"{order.amount:,.2f}",
            "note": order.payload["note"],
            "until": order.until,
            "times": order.times,
            "on_holiday": order.on_holiday,
            "mode": order.mode,
        }
        super().__init__(*args, accounts=accounts, initial=initial, **kwargs)
        self.order = order
        offer_active(self, accounts)
        if order.rhythm == Rhythm.ONCE:
            del self.fields["until"], self.fields["times"]

    def plan(self) -> Plan:
        """When, with the rhythm and the first day as they are."""
        typed = self.cleaned_data
        return Plan(
            rhythm=self.order.rhythm,
            begins=self.order.begins,
            until=typed.get("until"),
            times=typed.get("times"),
            on_holiday=typed["on_holiday"],
            mode=typed["mode"],
        )
