"""What a customer fills in to ask a branch for a service, and for a letter. All texts end up as strings."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import wording as accounts_wording
from accounts.cards.forms import OwnAccountField
from accounts.identity.contacts import international
from accounts.models import Account, AccountTerms, Branch
from accounts.selectors import AccountSummary
from accounts.servicing import catalogue
from accounts.servicing.words import CASH, LEAVES, POWERS
from wekeza_portal import clock
from wekeza_portal.forms import NoteField

_NATIONAL_ID = re.compile(r"[A-Z0-9]{6,20}", re.ASCII)
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .,'’&()/-]){1,59}")
FARTHEST = 10
"""Years ahead that a mandate may last."""


class AddresseeField(NoteField):
    """A person or an institution and nothing else: it is printed on the bank's paper, so it may promise nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(_refuse_what_is_no_name)


def _refuse_what_is_no_name(value: str) -> None:
    said = value.casefold()
    is_ours = settings.BANK_NAME.casefold() in said or re.search(r"\b(kes|ksh|wekeza)\b", said)
    if is_ours or not _NAME.fullmatch(value):
        raise ValidationError(_("Enter a name only, such as Embassy of Norway: letters, no figures."), code="addressee")


class ServiceForm(forms.Form):
    """`draft` is the one that this takes the place of. Which accounts are offered, each form says in `fits`."""

    draft = forms.UUIDField(required=False, widget=forms.HiddenInput)
    is_kept = True
    """Whether it has a text that is worth keeping when the session runs out."""

    def __init__(
        self, *args: Any, accounts: Sequence[AccountSummary], branches: Sequence[Branch] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offered = [account for account in accounts if self.fits(account)]
        if "account" in self.fields:
            self.fields["account"].choices = [(one.number, label(one)) for one in self.offered]  # type: ignore[attr-defined] # a choice field
        if "branch" in self.fields:
            places = [(one.branch_code, one.branch_name) for one in branches]
            self.fields["branch"].choices = [("", _("Choose a branch")), *places]  # type: ignore[attr-defined] # a choice field

    @staticmethod
    def fits(account: AccountSummary) -> bool:
        return account.is_active

    @property
    def can_ask(self) -> bool:
        """Whether there is an account that it can be asked for."""
        return "account" not in self.fields or bool(self.offered)

    def wish(self) -> dict[str, str]:
        """What was typed, as the payload keeps it."""
        return {name: str(value or "") for name, value in self.cleaned_data.items() if name != "draft"}


def label(account: AccountSummary) -> str:
    return f"{accounts_wording.KINDS.get(account.kind, account.kind)} {account.number}"


def _branch() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Collect it at"),
        error_messages={
            "required": _("Choose where you will collect it."),
            "invalid_choice": _("Choose one of our branches."),
        },
    )


class NewAccountForm(ServiceForm):
    """Which kind, and what for."""

    account_kind = forms.ChoiceField(
        label=_("Kind of account"),
        choices=list(accounts_wording.KINDS.items()),
        widget=forms.RadioSelect,
        initial=AccountTerms.Kind.SAVINGS,
        error_messages={"required": _("Choose a kind of account.")},
    )
    purpose = NoteField(label=_("What is it for?"), help_text=_("Such as school fees, rent or a business."))


class CloseForm(ServiceForm):
    """Which account, and where what is left goes."""

    account = OwnAccountField(label=_("Account"), widget=forms.Select)
    rest = forms.ChoiceField(
        label=_("What is left goes to"), error_messages={"required": _("Choose where the money goes.")}
    )
    purpose = NoteField(label=_("Why do you close it?"), help_text=_("It helps us to do better."))

    def __init__(self, *args: Any, accounts: Sequence[AccountSummary], **kwargs: Any) -> None:
        super().__init__(*args, accounts=accounts, **kwargs)
        others = [(one.number, label(one)) for one in accounts if one.is_active]
        self.fields["rest"].choices = [(CASH, _("Cash at a branch")), *others]  # type: ignore[attr-defined] # a choice field

    @staticmethod
    def fits(account: AccountSummary) -> bool:
        return account.status in {Account.Status.ACTIVE, Account.Status.DORMANT}

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("account") and typed.get("rest") == typed["account"]:
            self.add_error("rest", _("That is the account you close. Choose another way."))
        return typed


class WakeForm(ServiceForm):
    """Which dormant account."""

    is_kept = False
    account = OwnAccountField(label=_("Account"), widget=forms.Select)

    @staticmethod
    def fits(account: AccountSummary) -> bool:
        return account.status == Account.Status.DORMANT


class MandateForm(ServiceForm):
    """Who else may do what with which account, and how long."""

    account = OwnAccountField(label=_("Account"), widget=forms.Select)
    name = NoteField(
        label=_("Full name of the person"), required=True, error_messages={"required": _("Enter their full name.")}
    )
    national_id = forms.CharField(
        label=_("Their national ID"),
        max_length=40,
        error_messages={"required": _("Enter their national ID number.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Their phone"),
        max_length=40,
        error_messages={"required": _("Enter their phone number.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    power = forms.ChoiceField(
        label=_("What may they do?"),
        choices=list(POWERS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what they may do.")},
    )
    until = forms.DateField(
        label=_("Until"),
        required=False,
        help_text=_("Leave it empty if it has no end. You can end it at any branch."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if len(name) < 2 or not any(letter.isalpha() for letter in name):
            raise ValidationError(_("Enter their full name."))
        return name

    def clean_national_id(self) -> str:
        number = "".join(self.cleaned_data["national_id"].upper().split())
        if not _NATIONAL_ID.fullmatch(number):
            raise ValidationError(_("That is not a national ID number: 6 to 20 digits and letters."))
        return number

    def clean_phone(self) -> str:
        number = international(self.cleaned_data["phone"])
        if not number:
            raise ValidationError(_("That is not a phone number. Enter it like 0712 345 678."))
        return number

    def clean_until(self) -> date | None:
        day: date | None = self.cleaned_data["until"]
        today = clock.today()
        if day is not None and not (today < day and day.year <= today.year + FARTHEST):
            raise ValidationError(_("Choose a day after today, within ten years."))
        return day


class ChequeForm(ServiceForm):
    """How many cheques for which current account."""

    is_kept = False
    account = OwnAccountField(label=_("Current account"), widget=forms.Select)
    leaves = forms.ChoiceField(
        label=_("Cheques in the book"),
        choices=[(str(count), str(count)) for count in LEAVES],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how many.")},
    )
    branch = _branch()

    @staticmethod
    def fits(account: AccountSummary) -> bool:
        return account.is_active and account.kind == AccountTerms.Kind.CURRENT


class ReferenceForm(ServiceForm):
    """For whom the bank writes."""

    account = OwnAccountField(label=_("Account"), widget=forms.Select)
    addressee = AddresseeField(
        label=_("Who is it for?"),
        required=True,
        help_text=_("Such as a landlord, an embassy or a school."),
        error_messages={"required": _("Say who will read it.")},
    )
    branch = _branch()

    @staticmethod
    def fits(account: AccountSummary) -> bool:
        return account.status in {Account.Status.ACTIVE, Account.Status.DORMANT}


FORMS: Mapping[str, type[ServiceForm]] = {
    catalogue.NEW_ACCOUNT: NewAccountForm,
    catalogue.CLOSE_ACCOUNT: CloseForm,
    catalogue.WAKE_ACCOUNT: WakeForm,
    catalogue.MANDATE: MandateForm,
    catalogue.CHEQUE_BOOK: ChequeForm,
    catalogue.REFERENCE: ReferenceForm,
}


class LetterForm(forms.Form):
    """About which account, for whom, and which account pays where it costs something."""

    account = OwnAccountField(label=_("About the account"), widget=forms.Select)
    addressee = AddresseeField(
        label=_("Who is it for?"), help_text=_("Such as an embassy. Empty: to whom it may concern.")
    )
    pay_from = OwnAccountField(label=_("Pay from"), widget=forms.Select)

    def __init__(
        self,
        *args: Any,
        accounts: Sequence[AccountSummary],
        payers: Sequence[AccountSummary],
        is_free: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = [(one.number, label(one)) for one in accounts]  # type: ignore[attr-defined] # a choice field
        self.fields["pay_from"].choices = [(one.number, label(one)) for one in payers]  # type: ignore[attr-defined] # a choice field
        if is_free:
            del self.fields["pay_from"]
