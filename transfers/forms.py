"""What a person types to move money between Wekeza accounts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import AccountTerms
from accounts.selectors import AccountSummary, payers_among
from wekeza_portal.forms import AccountNumberField, AmountField, NoteField
from wekeza_portal.money import format_kes

KIND_WORDS: dict[str, Any] = {AccountTerms.Kind.SAVINGS: _("Savings"), AccountTerms.Kind.CURRENT: _("Current")}


class OwnAccountField(forms.ChoiceField):
    """One of the customer's accounts, by number. Whose it is, is the service's question: it notes who tried."""

    default_error_messages = {"required": _("Choose one of your accounts.")}

    def valid_value(self, value: str) -> bool:
        return len(value) <= 20 and value.isprintable()


class PayingForm(forms.Form):
    """A form with one of the customer's accounts to pay from."""

    from_account = OwnAccountField(label=_("From"))

    def __init__(
        self, *args: Any, accounts: Sequence[AccountSummary], hide_amounts: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        payers = payers_among(accounts)
        self._offer("from_account", payers, with_amounts=not hide_amounts)
        self.fields["from_account"].initial = payers[0].number if payers else None

    def _offer(self, name: str, accounts: Sequence[AccountSummary], *, with_amounts: bool = False) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(account.number, _label(account, with_amount=with_amounts)) for account in accounts]

    @property
    def can_move(self) -> bool:
        """Whether any account is left that money can leave."""
        return bool(self.fields["from_account"].choices)  # type: ignore[attr-defined] # a choice field


class WekezaTransferForm(PayingForm):
    """To any Wekeza customer."""

    to_account = AccountNumberField(
        label=_("Account number"), help_text=_("We show you whose it is before anything is sent.")
    )
    amount = AmountField(label=_("Amount in KES"))
    note = NoteField(label=_("Note"), help_text=_("You and the person you pay both see it. Up to 100 characters."))


class OwnTransferForm(WekezaTransferForm):
    """Between the customer's own accounts."""

    to_account = OwnAccountField(label=_("To"))  # type: ignore[assignment] # a form field in its place
    note = NoteField(label=_("Note"), help_text=_("Up to 100 characters."))

    def __init__(self, *args: Any, accounts: Sequence[AccountSummary], **kwargs: Any) -> None:
        super().__init__(*args, accounts=accounts, **kwargs)
        self.targets = [account for account in accounts if account.is_active]
        self._offer("to_account", self.targets)
        source = self.get_initial_for_field(self.fields["from_account"], "from_account")
        self.fields["to_account"].initial = next((a.number for a in self.targets if a.number != source), None)

    @property
    def can_move(self) -> bool:
        """Whether money can leave one account and arrive on another."""
        return super().can_move and len(self.targets) > 1


def _label(account: AccountSummary, *, with_amount: bool) -> str:
    label = f"{KIND_WORDS[account.kind]} {account.number}"
    return f"{label}, {format_kes(account.available)}" if with_amount else label
