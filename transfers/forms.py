"""What a person types to move money between Wekeza accounts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import AccountTerms
from accounts.selectors import AccountSummary
from wekeza_portal.forms import AccountNumberField, AmountField, NoteField

KIND_WORDS: dict[str, Any] = {AccountTerms.Kind.SAVINGS: _("Savings"), AccountTerms.Kind.CURRENT: _("Current")}


class OwnAccountField(forms.ChoiceField):
    """One of the customer's accounts, by number. Whose it is, is the service's question: it notes who tried."""

    default_error_messages = {"required": _("Choose one of your accounts.")}

    def valid_value(self, value: str) -> bool:
        return len(value) <= 20 and value.isprintable()


class WekezaTransferForm(forms.Form):
    """To any Wekeza customer."""

    from_account = OwnAccountField(label=_("From"))
    to_account = AccountNumberField(
        label=_("Account number"), help_text=_("We show you whose it is before anything is sent.")
    )
    amount = AmountField(label=_("Amount in KES"))
    note = NoteField(label=_("Note"), help_text=_("You and the person you pay both see it. Up to 100 characters."))

    def __init__(self, *args: Any, accounts: Sequence[AccountSummary], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("from_account", accounts)
        self.fields["from_account"].initial = next((a.number for a in accounts if a.can_pay), None)

    def _offer(self, name: str, accounts: Sequence[AccountSummary]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(account.number, f"{KIND_WORDS[account.kind]} {account.number}") for account in accounts]


class OwnTransferForm(WekezaTransferForm):
    """Between the customer's own accounts."""

    to_account = OwnAccountField(label=_("To"))  # type: ignore[assignment]
    note = NoteField(label=_("Note"), help_text=_("Up to 100 characters."))

    def __init__(self, *args: Any, accounts: Sequence[AccountSummary], **kwargs: Any) -> None:
        super().__init__(*args, accounts=accounts, **kwargs)
        self._offer("to_account", accounts)
        source = self.get_initial_for_field(self.fields["from_account"], "from_account")
        self.fields["to_account"].initial = next((a.number for a in accounts if a.number != source), None)
