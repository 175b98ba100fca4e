"""One row's texts into something that can be prepared: where to, how much. No look-ups of names, nothing stored."""

from collections.abc import Mapping
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
    kind = KINDS.get(typed.get("kind", "").casefold())
    if kind is None:
        raise UnknownKind()
    amount = parse_amount(typed.get("amount", ""))
    note = NoteField().clean(typed.get("note", ""))
    name = PlainField(max_length=60, required=False).clean(typed.get("name", ""))
    number, where = typed.get("number", ""), typed.get("bank_or_biller", "")
    if kind == WEKEZA:
        return Order(AccountNumberField().clean(number), None, amount, note, name)
    return Order("", _destination(kind, number, where), amount, note, name)


def _destination(kind: str, number: str, where: str) -> Destination:
    if kind == BANK:
        return destinations.to_bank(where.zfill(2) if where.isascii() and where.isdigit() else where, number)
    if kind == BILL:
        return destinations.to_biller(where.upper(), number)
    if kind == PESALINK:
        if where:
            raise BankNotForPhones()
        return destinations.to_bank_by_phone(number)
    msisdn = phones.msisdn(number)
    network = str(NETWORKS.get(where.casefold(), where) or phones.usual_wallet(msisdn))
    return destinations.to_phone(msisdn, network) if kind == PHONE else destinations.airtime(msisdn, network)


def problems(rows: list[tuple[int, dict[str, str]]]) -> dict[int, str]:
    """What is wrong with each row that is wrong, by its number, in the active language."""
    found: dict[int, str] = {}
    seen: dict[tuple[str, Decimal], int] = {}
    for number, typed in rows:
        try:
            order = order_of(typed)
        except (PortalError, ValidationError) as refusal:
            found[number] = _words(refusal)
            continue
        first = seen.setdefault((order.key, order.amount), number)
        if first != number:
            found[number] = str(_("The same payment stands in row %(first)s. Put both into one.") % {"first": first})
    return found


def _words(refusal: Any) -> str:
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
