"""One row's texts into something that can be prepared: where to, how much. No look-ups of names, nothing stored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from transfers import destinations, phones
from transfers.destinations import Destination, Network
from transfers.errors import TransferRefused
from transfers.outside.forms import PlainField
from wekeza_portal.errors import PortalError
from wekeza_portal.forms import AccountNumberField, NoteField
from wekeza_portal.money import parse_amount

WEKEZA, PHONE, AIRTIME, BANK, PESALINK, BILL = "wekeza", "phone", "airtime", "bank", "pesalink", "bill"
KINDS = {
    WEKEZA: WEKEZA, PHONE: PHONE, AIRTIME: AIRTIME, BANK: BANK, PESALINK: PESALINK, BILL: BILL,
    "simu": PHONE, "salio la simu": AIRTIME, "benki": BANK, "bili": BILL,
}  # fmt: skip
NETWORKS = {"m-pesa": Network.MPESA, "mpesa": Network.MPESA, "airtel money": Network.AIRTEL_MONEY,
            "airtel": Network.AIRTEL_MONEY, "airtel_money": Network.AIRTEL_MONEY, "t-kash": Network.TKASH,
            "tkash": Network.TKASH}  # fmt: skip


class UnknownKind(TransferRefused):
    code = "unknown_kind"
    field = "kind"
    message = _("The kind must be one of: wekeza, phone, airtime, bank, pesalink, bill.")


class BankNotForPhones(TransferRefused):
    """A row names the bank of a phone: the money would go elsewhere if the phone is linked to another one."""

    code = "bank_not_for_phones"
    field = "bank_or_biller"
    message = _("With pesalink the phone number alone decides which bank is paid: leave bank_or_biller empty.")


@dataclass(frozen=True, slots=True)
class Order:
    """What a row asks for: KES to an account here (`to_number`) or to a `destination` outside."""

    to_number: str
    destination: Destination | None
    amount: Decimal
    note: str
    name: str

    @property
    def key(self) -> str:
        """The receiver, to find the same twice."""
        return self.destination.key if self.destination else f"wekeza:{self.to_number}"


def order_of(typed: Mapping[str, str]) -> Order:
    """Raises PortalError or ValidationError with words for the customer."""
    number, destination = _receiver(typed)
    return Order(number, destination, _amount(typed), _note(typed), _name(typed))


def faults_of(typed: Mapping[str, str]) -> list[str]:
    """All that is wrong with how a row is written, in the active language; nothing if it can be read as an order."""
    tests = (_kind, *_SAYS_WHERE.get(KINDS.get(typed.get("kind", "").casefold(), ""), ()), _amount, _note, _name)
    found = [words for test in tests if (words := refusal_of(test, typed))]
    return found or [words for words in [refusal_of(order_of, typed)] if words]


def refusal_of(test: Callable[..., Any], *values: Any) -> str:
    """What this is refused with, in words for the customer; "" if it is not."""
    try:
        test(*values)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    except PortalError as refusal:
        return str(refusal)
    return ""


def _kind(typed: Mapping[str, str]) -> str:
    kind = KINDS.get(typed.get("kind", "").casefold())
    if kind is None:
        raise UnknownKind()
    return kind


def _amount(typed: Mapping[str, str]) -> Decimal:
    return parse_amount(typed.get("amount", ""))


def _note(typed: Mapping[str, str]) -> str:
    return str(NoteField().clean(typed.get("note", "")))


def _name(typed: Mapping[str, str]) -> str:
    too_long = _("The name can have up to %(limit_value)s characters. Yours has %(show_value)s.")
    field = PlainField(max_length=60, required=False, error_messages={"max_length": too_long})
    return str(field.clean(typed.get("name", "")))


def _where(typed: Mapping[str, str]) -> str:
    return typed.get("bank_or_biller", "")


def _bank_code(typed: Mapping[str, str]) -> str:
    """Spreadsheets make 1 of 01."""
    where = _where(typed)
    return where.zfill(2) if where.isascii() and where.isdigit() else where


def _no_bank(typed: Mapping[str, str]) -> None:
    if _where(typed):
        raise BankNotForPhones()


def _phone(typed: Mapping[str, str]) -> str:
    return phones.msisdn(typed.get("number", ""))


def _network(typed: Mapping[str, str]) -> str:
    """The network that was written, "" for none. Raises UnknownNetwork."""
    network = str(NETWORKS.get(_where(typed).casefold(), _where(typed)))
    if network not in ("", *Network.values):
        raise destinations.UnknownNetwork()
    return network


def _receiver(typed: Mapping[str, str]) -> tuple[str, Destination | None]:
    """The account here, or where outside. Raises what the parts of it are refused with."""
    kind, number = _kind(typed), typed.get("number", "")
    if kind == WEKEZA:
        return AccountNumberField().clean(number), None
    if kind == BANK:
        return "", destinations.to_bank(_bank_code(typed), number)
    if kind == BILL:
        return "", destinations.to_biller(_where(typed).upper(), number)
    if kind == PESALINK:
        _no_bank(typed)
        return "", destinations.to_bank_by_phone(number)
    msisdn = _phone(typed)
    network = _network(typed) or phones.usual_wallet(msisdn)
    return "", destinations.to_phone(msisdn, network) if kind == PHONE else destinations.airtime(msisdn, network)


_SAYS_WHERE: dict[str, tuple[Callable[[Mapping[str, str]], Any], ...]] = {
    WEKEZA: (_receiver,),
    BANK: (
        lambda typed: destinations.the_bank(_bank_code(typed)),
        lambda typed: destinations.bank_account(typed.get("number", "")),
    ),
    BILL: (_receiver,),
    PESALINK: (_no_bank, _phone),
    PHONE: (_phone, _network),
    AIRTIME: (_phone, _network),
}
"""By kind: what says where the money goes, each part tried by itself so that all that is wrong is said at once."""
