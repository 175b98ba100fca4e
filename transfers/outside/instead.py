"""Another way to the same person: while one rail rests or is off, and where another costs less.

Only ways are named that work now and take the amount. The phone number leads to a wallet and, through PesaLink, to a
bank account; whether it leads to an account here is neither asked nor hinted at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer
from transfers import phones
from transfers.destinations import Destination, Kind, Network
from transfers.outside import terms
from transfers.outside.errors import RailRests
from transfers.outside.kinds import KINDS, OutsideKind
from transfers.outside.rails import TITLES
from wekeza_portal.rails import circuit

WAYS: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.MOBILE_MONEY: (Kind.BANK_BY_PHONE, Kind.BANK_TRANSFER),
    Kind.BANK_BY_PHONE: (Kind.MOBILE_MONEY, Kind.BANK_TRANSFER),
    Kind.BANK_TRANSFER: (Kind.MOBILE_MONEY, Kind.BANK_BY_PHONE),
}
"""What else can be tried for each kind, the likeliest first."""
NAMES: Mapping[Kind, Any] = {
    Kind.BANK_BY_PHONE: _("PesaLink to a phone"),
    Kind.BANK_TRANSFER: _("a transfer to a bank account"),
}
LINKS: Mapping[Kind, Any] = {
    Kind.MOBILE_MONEY: _("Send to M-Pesa or Airtel Money"),
    Kind.BANK_BY_PHONE: _("Send to their bank account by phone number"),
    Kind.BANK_TRANSFER: _("Send to another bank"),
}


@dataclass(frozen=True, slots=True)
class OtherWay:
    """Another kind of payment that works now, and the rail it would go over."""

    kind: Kind
    rail: str

    @property
    def name(self) -> Any:
        """As in "PesaLink to a phone works"."""
        return NAMES.get(self.kind, TITLES[self.rail])

    @property
    def link(self) -> Any:
        """What the link to its page says."""
        return LINKS[self.kind]


def other_way(
    customer: BranchCustomer, kind: str, *, amount: Decimal | None = None, phone: str = ""
) -> OtherWay | None:
    """The first other way that works now; `amount` KES and `phone` (254...) where they are known already."""
    for other in WAYS.get(Kind(kind), ()):
        if amount is None or takes(customer, other, amount):
            rail = working_rail(other, phone)
            if rail:
                return OtherWay(other, rail)
    return None


def takes(customer: BranchCustomer, kind: Kind, amount: Decimal) -> bool:
    """Whether one payment of this kind may be `amount` KES."""
    bounds = terms.bounds_of(KINDS[kind], customer)
    is_whole = amount == amount.to_integral_value()
    return bounds.least <= amount <= bounds.most and (is_whole or not KINDS[kind].whole_shillings)


def working_rail(kind: Kind, phone: str = "") -> str:
    """A rail of this kind that is on and answers, "" for none; for a wallet that of the number's network if known."""
    found = terms.obstacles_to(KINDS[kind])
    if KINDS[kind].switch in found.off:
        return ""
    wallet = phones.usual_wallet(phone) if phone and kind is Kind.MOBILE_MONEY else ""
    names = [wallet] if wallet in Network.values else terms.rails_of(KINDS[kind])
    return next((name for name in names if found.works(name)), "")


def refuse_while_resting(
    customer: BranchCustomer, kind: OutsideKind, destination: Destination, amount: Decimal
) -> None:
    """Raises RailRests while the other side has not answered of late, naming another way where there is one."""
    rail = kind.rail_for(destination)
    if circuit.is_open(rail.lower()):
        phone = destination.values.get("msisdn", "")
        raise RailRests(TITLES[rail], other_way(customer, kind.kind, amount=amount, phone=phone))
