"""What a person types to ask for money, and to be paid by a picture."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.selectors import AccountSummary
from transfers.forms import KIND_WORDS, OwnAccountField, PayingForm
from transfers.recent import RecentPayee
from wekeza_portal.forms import AccountNumberField, AmountField, NoteField


class AskForm(forms.Form):
    """Whom, how much, what for, and where the money is to come."""

    payer = AccountNumberField(
        label=_("Their Wekeza account number"),
        required=False,
        help_text=_("Ask them for it. We don't show whose it is, and not whether it exists."),
    )
    known = forms.ChoiceField(label=_("Or somebody you paid before"), required=False)
    amount = AmountField(label=_("Amount in KES"))
    note = NoteField(label=_("What is it for?"), help_text=_("They see it. Up to 100 characters."))
    to_account = OwnAccountField(label=_("Where should the money come?"))

    def __init__(
        self, *args: Any, accounts: Sequence[AccountSummary], payees: Sequence[RecentPayee], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        people = [(payee.number, f"{payee.name}, {payee.number}") for payee in payees]
        self.fields["known"].choices = [("", _("Nobody of these")), *people]  # type: ignore[attr-defined] # a choice field
        _offer(self, "to_account", accounts)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if "payer" in self.errors or "known" in self.errors:
            return typed
        if typed.get("payer") and typed.get("known"):
            self.add_error("payer", _("Enter a number or choose somebody, not both."))
        typed["payer"] = typed.get("payer") or typed.get("known", "")
        if not typed["payer"]:
            self.add_error("payer", _("Enter the account number of the person you are asking."))
        return typed


class AnswerForm(PayingForm):
    """The account the payer pays from."""


class ToBePaidForm(forms.Form):
    """Which account, and how much if that is known."""

    account = OwnAccountField(label=_("Account"))
    amount = AmountField(
        label=_("Amount in KES"), required=False, help_text=_("Leave it open and whoever pays types it.")
    )

    def __init__(self, *args: Any, accounts: Sequence[AccountSummary], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = [account.number for account in accounts if account.is_active]
        _offer(self, "account", accounts)

    def clean_account(self) -> str:
        number: str = self.cleaned_data["account"]
        if number not in self.numbers:
            raise forms.ValidationError(_("Choose one of your accounts."))
        return number


def _offer(form: forms.Form, name: str, accounts: Sequence[AccountSummary]) -> None:
    choices = [(each.number, f"{KIND_WORDS[each.kind]} {each.number}") for each in accounts if each.is_active]
    form.fields[name].choices = choices  # type: ignore[attr-defined] # a choice field
    form.fields[name].initial = choices[0][0] if choices else None
