"""Where money can go outside the bank: what is asked for, checked and kept of each kind of receiver.

A `Destination` is what an instruction's payload, a saved payee and the rail agree on. `key` makes the receiver known
after the first payment; `number` is how people write it; `name` is who receives it, as the rail, the biller's row or
the customer says.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from transfers import account_rules, phones
from transfers.errors import TransferRefused
from transfers.models import Bank, Biller, Broker


class Kind(models.TextChoices):
    """The kinds of payment that leave the bank; the same words are the instruction's and the posting's kind."""

    MOBILE_MONEY = "MOBILE_MONEY", _("To a phone")
    BANK_TRANSFER = "BANK_TRANSFER", _("To another bank")
    BANK_BY_PHONE = "BANK_BY_PHONE", _("To a bank account by phone number")
    BILL_PAYMENT = "BILL_PAYMENT", _("Bill")
    CDSC_TRANSFER = "CDSC_TRANSFER", _("To a stockbroker")
    AIRTIME = "AIRTIME", _("Airtime")


class Network(models.TextChoices):
    """Wallets, and the rails that reach them."""

    MPESA = "MPESA", "M-Pesa"
    AIRTEL_MONEY = "AIRTEL_MONEY", "Airtel Money"
    TKASH = "TKASH", "T-Kash"


AIRTIME_BILLERS = {
    Network.MPESA: "AIRTIME_SAFARICOM",
    Network.AIRTEL_MONEY: "AIRTIME_AIRTEL",
    Network.TKASH: "AIRTIME_TELKOM",
}


class UnknownNetwork(TransferRefused):
    code = "unknown_network"
    field = "network"
    message = _("Choose the network of this number.")


class UnknownBank(TransferRefused):
    code = "unknown_bank"
    field = "bank"
    message = _("Choose the bank from the list.")


class BadBankAccount(TransferRefused):
    code = "bad_bank_account"
    field = "account"
    message = _("Enter the account number at that bank: 6 to 16 digits, without spaces or dashes.")


class UnknownBiller(TransferRefused):
    code = "unknown_biller"
    field = "biller"
    message = _("Choose who is paid from the list.")


class BadBillAccount(TransferRefused):
    code = "bad_bill_account"
    field = "account"
    message = _("This does not look like a number of %(biller)s. It looks like %(example)s.")


class UnknownBroker(TransferRefused):
    code = "unknown_broker"
    field = "broker"
    message = _("Choose your broker from the list.")


class BadCdsNumber(TransferRefused):
    code = "bad_cds_number"
    field = "cds_number"
    message = _("Enter your CDS account number as your broker gave it to you: 4 to 12 digits, no phone number.")


class CdsTypeDiffers(TransferRefused):
    code = "cds_type_differs"
    field = "client_type"
    message = _("The number ends in %(typed)s, but you chose another kind of client. Choose the one your broker uses.")


CLIENT_TYPES = {
    "LI": _("Kenyan, a person"),
    "LC": _("Kenyan, a company"),
    "EI": _("East African, a person"),
    "EC": _("East African, a company"),
    "FI": _("Foreign, a person"),
    "FC": _("Foreign, a company"),
}
OTHER_NETWORK = _("This number usually belongs to another network. Check with its owner.")
OTHER_LENGTH = _("Account numbers at this bank usually have another length. Check it once more.")
WARNINGS: dict[str, Any] = {"other_network": OTHER_NETWORK, "other_length": OTHER_LENGTH}
"""By the key under which a draft keeps them, to be said in the language of whoever reads its review."""
# The broker is a field of its own: its prefix in the number says nothing certain.
_CDS = re.compile(r"(?:B[0-9]{2}-?)?([0-9]{4,12})(?:-?(LI|LC|EI|EC|FI|FC))?", re.ASCII)
_BANK_ACCOUNT = re.compile(r"[0-9]{6,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Destination:
    """A receiver outside the bank. `values` are what the rail needs, as strings."""

    kind: str
    values: dict[str, str]
    key: str
    number: str
    at: str
    """Where: the bank's, network's, biller's or broker's name."""
    name: str = ""
    warnings: tuple[Any, ...] = field(default=())
    """What to look at twice, in the customer's words; nothing of it is a refusal."""

    @property
    def warned(self) -> tuple[str, ...]:
        """The keys of `warnings`."""
        return tuple(key for key, text in WARNINGS.items() if text in self.warnings)

    def named(self, name: str) -> "Destination":
        return replace(self, name=name)


def to_phone(phone: str, network: str) -> Destination:
    """A wallet. Raises NotAPhoneNumber or UnknownNetwork."""
    number = phones.msisdn(phone)
    if network not in Network.values:
        raise UnknownNetwork()
    chosen = Network(network)
    guess = phones.usual_wallet(number)
    odd = () if guess in ("", network) else (OTHER_NETWORK,)
    values = {"network": network, "msisdn": number}
    key = f"mobile:{network}:{number}"
    return Destination(Kind.MOBILE_MONEY, values, key, phones.shown(number), chosen.label, warnings=odd)


def airtime(phone: str, network: str) -> Destination:
    """Airtime for a phone. Raises NotAPhoneNumber, UnknownNetwork, or UnknownBiller where none sells it."""
    wallet = to_phone(phone, network)
    biller = _biller(AIRTIME_BILLERS[Network(network)])
    values = {"network": network, "biller": biller.code, "account": wallet.values["msisdn"]}
    key = f"airtime:{wallet.values['msisdn']}"
    return Destination(Kind.AIRTIME, values, key, wallet.number, biller.name, warnings=wallet.warnings)


def the_bank(code: str) -> Bank:
    """A bank of the list that is paid now. Raises UnknownBank."""
    bank = Bank.objects.filter(code=code[:2], is_active=True).first() if code else None
    if bank is None or bank.code != code:
        raise UnknownBank()
    return bank


def bank_account(text: str) -> str:
    """The digits of an account at another bank. Raises BadBankAccount."""
    number = "".join(text.split()).replace("-", "")
    if not _BANK_ACCOUNT.fullmatch(number):
        raise BadBankAccount()
    return number


def to_bank(bank_code: str, account: str) -> Destination:
    """An account at another bank. Raises UnknownBank or BadBankAccount; an unusual length is only a warning."""
    bank, number = the_bank(bank_code), bank_account(account)
    odd: tuple[Any, ...] = ()
    if bank.usual_length and len(number) != bank.usual_length:
        odd = (OTHER_LENGTH,)
    values = {"bank_code": bank.code, "account": number}
    return Destination(Kind.BANK_TRANSFER, values, f"bank:{bank.code}:{number}", number, bank.name, warnings=odd)


def to_bank_by_phone(phone: str) -> Destination:
    """The bank account that its owner linked to a phone at PesaLink; which bank that is, the name enquiry says.

    Raises NotAPhoneNumber. The network of the number means nothing here.
    """
    number = phones.msisdn(phone)
    return Destination(Kind.BANK_BY_PHONE, {"msisdn": number}, f"pesalink:{number}", phones.shown(number), "PesaLink")


def to_biller(code: str, account: str) -> Destination:
    """A bill. Raises UnknownBiller for one that can't be paid, BadBillAccount for a number that does not fit."""
    biller = _biller(code)
    number = "".join(account.split()).upper()
    if not account_rules.fits(biller.account_pattern, number):
        raise BadBillAccount(biller=biller.name, example=biller.account_example)
    values = {"biller": biller.code, "account": number}
    return Destination(Kind.BILL_PAYMENT, values, f"bill:{biller.code}:{number}", number, biller.name, name=biller.name)


def to_broker(code: str, cds_number: str, client_type: str) -> Destination:
    """A broker's client account. Raises UnknownBroker, BadCdsNumber or CdsTypeDiffers."""
    broker = Broker.objects.filter(code=code[:30]).first()
    if broker is None or not broker.can_be_paid:
        raise UnknownBroker()
    found = _CDS.fullmatch("".join(cds_number.split()).upper())
    if found is None or client_type not in CLIENT_TYPES:
        raise BadCdsNumber()
    number, typed = found.groups()
    if typed and typed != client_type:
        raise CdsTypeDiffers(typed=typed)
    values = {"broker": broker.code, "cds_number": number, "client_type": client_type}
    key = f"cdsc:{broker.code}:{number}"
    shown = f"{number}-{client_type}"
    return Destination(Kind.CDSC_TRANSFER, values, key, shown, broker.name, name=broker.name)


def _biller(code: str) -> Biller:
    biller = Biller.objects.filter(code=code[:30]).first()
    if biller is None or not biller.can_be_paid:
        raise UnknownBiller()
    return biller
