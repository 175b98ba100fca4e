"""Another way to the same person: while one rail rests or is off, and where another costs less.

Only ways are named that work now and take the amount. The phone number leads to a wallet and, through PesaLink, to a
bank account; whether it leads to an account here is neither asked nor hinted at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.models import BranchCustomer
from transfers import phones
from transfers.destinations import Destination, Kind, Network
from transfers.outside import terms
from transfers.outside.errors import RailRests
from transfers.outside.kinds import KINDS, OutsideKind
from transfers.outside.obstacles import Obstacles, look
from transfers.outside.rails import TITLES
from wekeza_portal import clock
from wekeza_portal.rails import circuit

WAYS: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.MOBILE_MONEY: (Kind.BANK_BY_PHONE, Kind.BANK_TRANSFER),
    Kind.BANK_BY_PHONE: (Kind.MOBILE_MONEY, Kind.BANK_TRANSFER),
    Kind.BANK_TRANSFER: (Kind.MOBILE_MONEY, Kind.BANK_BY_PHONE),
}
"""What else can be tried for each kind, the likeliest first."""
BOUNDS = tuple(code for kind in WAYS for code in (KINDS[kind].least, KINDS[kind].most))
"""Codes of accounts.Limit by which a way takes an amount or not."""
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


def look_around() -> Obstacles:
    """What stands in the way of every kind in WAYS now. One query."""
    kinds = [KINDS[kind] for kind in WAYS]
    names = {name for kind in kinds for name in terms.rails_of(kind)}
    return look({*names, *(kind.switch for kind in kinds)}, names)


def other_way(
    customer: BranchCustomer,
    kind: str,
    *,
    amount: Decimal | None = None,
    phone: str = "",
    found: Obstacles | None = None,
    figures: limits.Figures | None = None,
) -> OtherWay | None:
    """The first other way that works now; `amount` KES and `phone` (254...) where they are known already.

    `found` as `look_around` gives it and `figures` with the BOUNDS, where a page has asked for them before.
    """
    others = WAYS.get(Kind(kind), ())
    found = found or (look_around() if others else None)
    for other in others:
        rail = working_rail(other, phone, found)
        if rail and (amount is None or takes(customer, other, amount, figures)):
            return OtherWay(other, rail)
    return None


def takes(customer: BranchCustomer, kind: Kind, amount: Decimal, figures: limits.Figures | None = None) -> bool:
    """Whether one payment of this kind may be `amount` KES."""
    entry = KINDS[kind]
    found = figures or limits.values([entry.least, entry.most], tier=customer.kyc_tier, on=clock.today())
    is_whole = amount == amount.to_integral_value()
    return found[entry.least] <= amount <= found[entry.most] and (is_whole or not entry.whole_shillings)


def working_rail(kind: Kind, phone: str = "", found: Obstacles | None = None) -> str:
    """A rail of this kind that is on and answers, "" for none; for a wallet that of the number's network if known."""
    found = found or look_around()
    if KINDS[kind].switch in found.off:
        return ""
    wallet = phones.guessed_wallet(phone) if phone and kind is Kind.MOBILE_MONEY else ""
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
