"""What a person types to keep a payee: the receiver, as on the page that pays it, and their own words and limit."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from transfers.destinations import Kind
from transfers.outside.forms import (
    AirtimeForm,
    BankByPhoneForm,
    BankForm,
    BillForm,
    CdscForm,
    MobileForm,
    PlainField,
)
from transfers.payees.keeping import NICKNAME_LENGTH, WEKEZA, Extras
from wekeza_portal.forms import AccountNumberField, AmountField


class ExtrasForm(forms.Form):
    """What the customer adds to a payee."""

    nickname = PlainField(
        label=_("What you call it"), max_length=NICKNAME_LENGTH, required=False, help_text=_("Like Mama or Rent.")
    )
    own_limit = AmountField(
        label=_("Your limit for one payment in KES"),
        required=False,
        help_text=_("Nobody, not even you, can send more at once. You can lower it at once; raising it needs a code."),
    )

    @property
    def extras(self) -> Extras:
        typed = self.cleaned_data
        return Extras(typed["nickname"], typed["own_limit"], str(typed.get("name", "")))


class KeepWekezaForm(ExtrasForm):
    to_account = AccountNumberField(
        label=_("Account number"), help_text=_("We show you whose it is before it is kept.")
    )
    field_order = ("to_account", "nickname", "own_limit")


class _KeepOutside(ExtrasForm):
    """The receiver's fields of the form that pays, without those of the money."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, accounts=(), **kwargs)  # type: ignore[call-arg] # the mixin beside it takes it
        for name in ("from_account", "amount", "note"):
            del self.fields[name]
        self.order_fields([name for name in self.fields if name not in ExtrasForm.base_fields])


class KeepMobileForm(_KeepOutside, MobileForm):
    pass


class KeepAirtimeForm(_KeepOutside, AirtimeForm):
    pass


class KeepBankForm(_KeepOutside, BankForm):
    pass


class KeepBankByPhoneForm(_KeepOutside, BankByPhoneForm):
    pass


class KeepBillForm(_KeepOutside, BillForm):
    pass


class KeepCdscForm(_KeepOutside, CdscForm):
    pass


FORMS: dict[str, type[ExtrasForm]] = {
    WEKEZA: KeepWekezaForm,
    Kind.MOBILE_MONEY: KeepMobileForm,
    Kind.BANK_TRANSFER: KeepBankForm,
    Kind.BANK_BY_PHONE: KeepBankByPhoneForm,
    Kind.BILL_PAYMENT: KeepBillForm,
    Kind.CDSC_TRANSFER: KeepCdscForm,
    Kind.AIRTIME: KeepAirtimeForm,
}
HEADINGS: dict[str, Any] = {
    WEKEZA: _("Keep a Wekeza customer"),
    Kind.MOBILE_MONEY: _("Keep a phone"),
    Kind.BANK_TRANSFER: _("Keep an account at another bank"),
    Kind.BANK_BY_PHONE: _("Keep a bank account by phone number"),
    Kind.BILL_PAYMENT: _("Keep a bill"),
    Kind.CDSC_TRANSFER: _("Keep a stockbroker"),
    Kind.AIRTIME: _("Keep a phone for airtime"),
}


class ScamAnswerForm(forms.Form):
    """The one question before a large payment to somebody new."""

    answer = forms.ChoiceField(choices=[("OWN_IDEA", ""), ("ASKED", "")])
