"""What each kind of payment out of the bank is made of: its words at the branch, its limits, switches and rail."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Limit
from transfers.destinations import Destination, Kind
from wekeza_portal.staff import switches


@dataclass(frozen=True, slots=True)
class OutsideKind:
    """One kind. `txn_type` and `fee_type` are the branch's words for the two rows on the customer's account."""

    kind: Kind
    txn_type: str
    fee_type: str
    verb: str
    """How the branch's row begins: "Mobile money to 0722 123 456 - Online"."""
    least: str
    most: str
    """Codes of accounts.Limit: the smallest and the largest single payment."""
    switch: str
    whole_shillings: bool
    arrives: Any
    """When it arrives, in the customer's words."""

    def rail_for(self, destination: Destination) -> str:
        """The name of the rail that carries it: the network's own for wallets."""
        return destination.values["network"] if self.kind is Kind.MOBILE_MONEY else RAILS[self.kind]


RAILS = {
    Kind.BANK_TRANSFER: "PESALINK",
    Kind.BANK_BY_PHONE: "PESALINK",
    Kind.BILL_PAYMENT: "BILLS",
    Kind.AIRTIME: "BILLS",
    Kind.CDSC_TRANSFER: "CDSC",
}

KINDS: dict[str, OutsideKind] = {
    entry.kind: entry
    for entry in (
        OutsideKind(
            Kind.MOBILE_MONEY, "MOBILE_MONEY_OUT", "MOBILE_MONEY_FEE", "Mobile money to",
            Limit.Code.MOBILE_MINIMUM, Limit.Code.MOBILE_PER_PAYMENT, switches.MOBILE_MONEY, True,
            _("Usually within a minute, day and night."),
        ),
        OutsideKind(
            Kind.BANK_TRANSFER, "TRANSFER_OUT", "TRANSFER_FEE", "Bank transfer to",
            Limit.Code.BANK_MINIMUM, Limit.Code.BANK_PER_PAYMENT, switches.PESALINK, False,
            _("Usually within a minute, day and night, through PesaLink."),
        ),
        OutsideKind(
            Kind.BANK_BY_PHONE, "TRANSFER_OUT", "TRANSFER_FEE", "Bank transfer to",
            Limit.Code.BY_PHONE_MINIMUM, Limit.Code.BY_PHONE_PER_PAYMENT, switches.PESALINK, False,
            _("Usually within a minute, day and night, through PesaLink."),
        ),
        OutsideKind(
            Kind.BILL_PAYMENT, "BILL_PAYMENT", "BILL_PAYMENT_FEE", "Bill",
            Limit.Code.BILL_MINIMUM, Limit.Code.BILL_PER_PAYMENT, switches.BILLS, False,
            _("Usually within a minute. The company may need longer to show it."),
        ),
        OutsideKind(
            Kind.CDSC_TRANSFER, "CDSC_TRANSFER", "CDSC_TRANSFER_FEE", "Broker",
            Limit.Code.CDSC_MINIMUM, Limit.Code.CDSC_PER_PAYMENT, switches.CDSC, False,
            _("Usually within a minute. Your broker may need until the next working day to show it."),
        ),
        OutsideKind(
            Kind.AIRTIME, "AIRTIME_OUT", "AIRTIME_FEE", "Airtime for",
            Limit.Code.AIRTIME_MINIMUM, Limit.Code.AIRTIME_PER_PAYMENT, switches.BILLS, True,
            _("Within a minute."),
        ),
    )
}  # fmt: skip
