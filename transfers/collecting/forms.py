"""What a person types to bring money in from M-Pesa."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.selectors import AccountSummary
from transfers import phones
from transfers.collecting import errors
from transfers.forms import KIND_WORDS, OwnAccountField
from transfers.outside.forms import PHONE_INPUT, PlainField
from wekeza_portal.errors import PortalError
from wekeza_portal.forms import AmountField

MINE, OTHER = "mine", "other"


class DepositForm(forms.Form):
    """How much, onto which account, from which phone. `own` is the customer's number, "" where there is none."""

    to_account = OwnAccountField(label=_("Onto"))
    amount = AmountField(label=_("Amount in KES"), help_text=_("Whole shillings."))
    whose = forms.ChoiceField(label=_("M-Pesa phone"), widget=forms.RadioSelect)
    phone = PlainField(
        label=_("Another M-Pesa number"), max_length=30, required=False, widget=forms.TextInput(attrs=PHONE_INPUT),
        help_text=_("Only a phone in your own hand, like 0722 123 456. We send you a code first."),
    )  # fmt: skip

    def __init__(self, *args: Any, accounts: Sequence[AccountSummary], own: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = own
        targets = [account for account in accounts if account.is_active and account.has_balance]
        target, whose = self.fields["to_account"], self.fields["whose"]
        target.choices = [(account.number, f"{KIND_WORDS[account.kind]} {account.number}") for account in targets]  # type: ignore[attr-defined] # a choice field
        target.initial = targets[0].number if targets else None
        mine = [(MINE, _("My number, %(number)s") % {"number": phones.shown(own)})] if own else []
        whose.choices = [*mine, (OTHER, _("Another number"))]  # type: ignore[attr-defined] # a choice field
        whose.initial = MINE if own else OTHER

    @property
    def can_receive(self) -> bool:
        """Whether any account can take money."""
        return bool(self.fields["to_account"].choices)  # type: ignore[attr-defined] # a choice field

    def clean(self) -> dict[str, Any]:
        """Adds `msisdn`, the phone that was chosen."""
        typed: dict[str, Any] = super().clean() or {}
        try:
            typed["msisdn"] = self._msisdn(typed)
        except PortalError as refusal:
            self.add_error(refusal.field, str(refusal))
        return typed

    def _msisdn(self, typed: dict[str, Any]) -> str:
        if typed.get("whose") == OTHER:
            return phones.msisdn(typed.get("phone") or "") if "phone" in typed else ""
        if typed.get("whose") == MINE and not self.own:
            raise errors.NoOwnPhone()
        return self.own
