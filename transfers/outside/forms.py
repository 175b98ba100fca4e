"""What a person types to pay somebody outside the bank. Which account may pay is the service's word."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.selectors import AccountSummary
from transfers import destinations, phones
from transfers.destinations import Destination, Kind, Network
from transfers.forms import OwnAccountField, PayingForm
from transfers.models import Bank, Biller, Broker
from wekeza_portal.forms import AmountField, NoteField

PHONE_INPUT = {"inputmode": "tel", "autocomplete": "off"}
OPERATORS = ((Network.MPESA, "Safaricom"), (Network.AIRTEL_MONEY, "Airtel"), (Network.TKASH, "Telkom"))
NUMBER_INPUT = {"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}


class PlainField(forms.CharField):
    """One line without control characters; too long or unprintable is one sentence, and nothing is cut off."""

    default_error_messages = {
        "max_length": _("This can have up to %(limit_value)s characters. Yours has %(show_value)s."),
        "unprintable": _("This has a hidden character that can't be printed. Please type it again."),
    }

    def to_python(self, value: Any) -> str:
        text = " ".join((super().to_python(value) or "").split())
        if not text.isprintable():
            raise forms.ValidationError(self.error_messages["unprintable"], code="unprintable")
        return text


class OutsideForm(PayingForm):
    """The part that every kind shares: which account, how much, and a note."""

    kind: ClassVar[Kind]
    from_account = OwnAccountField(label=_("From"))
    amount = AmountField(label=_("Amount in KES"))
    note = NoteField(label=_("Note"), help_text=_("For your own records. Up to 100 characters."))

    asks: ClassVar[tuple[str, ...]] = ()
    """The fields that name the receiver."""
    refused_key = ""
    """The receiver for whom the amount was above the cap of the new: the page then says until when it holds."""

    def destination(self) -> Destination:
        """The receiver that was typed. Raises a TransferRefused naming the field."""
        raise NotImplementedError

    @property
    def has_receivers(self) -> bool:
        """Whether anybody can be paid this way at all."""
        return True

    @property
    def names_receiver(self) -> bool:
        """Whether every field that names the receiver could be read, whatever the others say."""
        return not any(name in self.errors for name in self.asks)

    @property
    def typed_name(self) -> str:
        """What the customer calls the receiver; "" where the form does not ask."""
        return str(self.cleaned_data.get("name", ""))


class _ByPhone(OutsideForm):
    """Somebody is paid by their phone number."""

    asks: ClassVar[tuple[str, ...]] = ("phone",)
    phone = PlainField(
        label=_("Phone number"), max_length=30, widget=forms.TextInput(attrs=PHONE_INPUT),
        help_text=_("Like 0722 123 456."),
    )  # fmt: skip


class _ToPhone(_ByPhone):
    """`off`: codes of what is switched off now."""

    asks = ("phone", "network")
    network = forms.ChoiceField(
        label=_("Network"),
        required=False,
        help_text=_("We choose it by the number. Change it only if they kept the number and went to another network."),
    )

    def __init__(
        self, *args: Any, accounts: Sequence[AccountSummary], off: Collection[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, accounts=accounts, **kwargs)
        self.off = off
        self.fields["network"].choices = [("", _("By the number")), *self._networks()]  # type: ignore[attr-defined] # a choice field
        self.fields["network"].widget.attrs["data-prefixes"] = phones.prefixes_by_wallet()

    def _networks(self) -> list[tuple[str, Any]]:
        """The networks on offer now."""
        raise NotImplementedError

    def _network(self, number: str) -> str:
        return str(self.cleaned_data.get("network") or phones.usual_wallet(number))


class MobileForm(_ToPhone):
    """To a wallet."""

    kind = Kind.MOBILE_MONEY
    name = PlainField(
        label=_("Name"), max_length=60, required=False, help_text=_("Whom you are paying, as you know them.")
    )
    field_order = ("from_account", "phone", "network", "name", "amount", "note")

    def _networks(self) -> list[tuple[str, Any]]:
        return [(value, label) for value, label in Network.choices if value not in self.off]

    def destination(self) -> Destination:
        number = phones.msisdn(self.cleaned_data["phone"])
        return destinations.to_phone(number, self._network(number))


class AirtimeForm(_ToPhone):
    """Airtime for any phone."""

    kind = Kind.AIRTIME
    field_order = ("from_account", "phone", "network", "amount", "note")

    def _networks(self) -> list[tuple[str, Any]]:
        """By the names under which people buy airtime; no wallet is needed for it, so no wallet's switch counts."""
        sold = {row.code for row in Biller.objects.filter(category=Biller.Category.AIRTIME) if row.can_be_paid}
        return [(value, label) for value, label in OPERATORS if destinations.AIRTIME_BILLERS[value] in sold]

    @property
    def has_receivers(self) -> bool:
        return len(self.fields["network"].choices) > 1  # type: ignore[attr-defined] # a choice field

    def destination(self) -> Destination:
        number = phones.msisdn(self.cleaned_data["phone"])
        network = self._network(number)
        if network not in dict(self.fields["network"].choices):  # type: ignore[attr-defined] # a choice field
            raise destinations.UnknownNetwork()
        return destinations.airtime(number, network)


class BankForm(OutsideForm):
    """To an account at another bank."""

    kind = Kind.BANK_TRANSFER
    asks = ("bank", "account")
    bank = forms.ChoiceField(label=_("Bank"))
    account = PlainField(label=_("Account number"), max_length=30, widget=forms.TextInput(attrs=NUMBER_INPUT))
    name = PlainField(label=_("Account holder"), max_length=60, help_text=_("The name on the account."))
    field_order = ("from_account", "bank", "account", "name", "amount", "note")

    def __init__(self, *args: Any, accounts: Sequence[AccountSummary], **kwargs: Any) -> None:
        super().__init__(*args, accounts=accounts, **kwargs)
        banks = Bank.objects.filter(is_active=True).order_by("name").values_list("code", "name")
        self.fields["bank"].choices = [("", _("Choose a bank")), *banks]  # type: ignore[attr-defined] # a choice field

    def destination(self) -> Destination:
        return destinations.to_bank(self.cleaned_data["bank"], self.cleaned_data["account"])


class BankByPhoneForm(_ByPhone):
    """To the bank account that is linked to a phone at PesaLink."""

    kind = Kind.BANK_BY_PHONE
    name = PlainField(
        label=_("Name"), max_length=60, required=False, help_text=_("Whom you are paying, as you know them.")
    )
    field_order = ("from_account", "phone", "name", "amount", "note")

    def __init__(self, *args: Any, accounts: Sequence[AccountSummary], **kwargs: Any) -> None:
        super().__init__(*args, accounts=accounts, **kwargs)
        self.fields["phone"].help_text = _(
            "Like 0722 123 456. We show you the name and the bank before anything is sent."
        )

    def destination(self) -> Destination:
        return destinations.to_bank_by_phone(self.cleaned_data["phone"])


class BillForm(OutsideForm):
    """To one biller, chosen on the page before."""

    kind = Kind.BILL_PAYMENT
    asks = ("account",)
    biller = forms.CharField(required=False, widget=forms.HiddenInput)
    """Kept with the rest when a session runs out, so that a number comes back only to its own biller."""
    account = PlainField(max_length=40)
    field_order = ("from_account", "biller", "account", "amount", "note")

    def __init__(self, *args: Any, biller: Biller, accounts: Sequence[AccountSummary], **kwargs: Any) -> None:
        super().__init__(*args, accounts=accounts, **kwargs)
        self.paid = biller
        self.fields["biller"].initial = biller.code
        label = biller.account_label_sw if get_language() == "sw" else biller.account_label_en
        self.fields["account"].label = label
        self.fields["account"].help_text = _("Like %(example)s.") % {"example": biller.account_example}

    def destination(self) -> Destination:
        return destinations.to_biller(self.paid.code, self.cleaned_data["account"])


class CdscForm(OutsideForm):
    """To a broker's client account."""

    kind = Kind.CDSC_TRANSFER
    asks = ("broker", "cds_number", "client_type")
    broker = forms.ChoiceField(label=_("Broker"), help_text=_("The broker or bank where you opened your CDS account."))
    cds_number = PlainField(
        label=_("CDS account number"), max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("At the Central Depository (CDSC). Not the Central Bank's DhowCSD account for treasury bills."),
    )  # fmt: skip
    client_type = forms.ChoiceField(label=_("Kind of client"), choices=list(destinations.CLIENT_TYPES.items()))
    field_order = ("from_account", "broker", "cds_number", "client_type", "amount", "note")

    def __init__(self, *args: Any, accounts: Sequence[AccountSummary], **kwargs: Any) -> None:
        super().__init__(*args, accounts=accounts, **kwargs)
        brokers = [(row.code, row.name) for row in Broker.objects.order_by("name") if row.can_be_paid]
        self.fields["broker"].choices = [("", _("Choose your broker")), *brokers]  # type: ignore[attr-defined] # a choice field

    @property
    def has_receivers(self) -> bool:
        return len(self.fields["broker"].choices) > 1  # type: ignore[attr-defined] # a choice field

    def destination(self) -> Destination:
        typed = self.cleaned_data
        return destinations.to_broker(typed["broker"], typed["cds_number"], typed["client_type"])
