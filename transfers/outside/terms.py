"""What is said about a payment out of the bank before its amount is typed: bounds, price, what is in its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.models import BranchCustomer, Limit
from transfers import pricing
from transfers.destinations import Destination, Kind, Network
from transfers.models import Biller
from transfers.outside.kinds import RAILS, OutsideKind
from transfers.outside.rails import TITLES
from wekeza_portal import clock
from wekeza_portal.rails import circuit
from wekeza_portal.rails.base import rails
from wekeza_portal.staff import switches

RESTS = _("%(rail)s is slow at the moment. It may work again in a few minutes.")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest and the largest single payment, in KES."""

    least: Decimal
    most: Decimal

    def within(self, least: Decimal, most: Decimal) -> "Bounds":
        """The part that another pair of bounds leaves."""
        return Bounds(max(self.least, least), min(self.most, most))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a form says of its kind: a price as one `fee` or by `bands` (KES), and the cap for somebody new."""

    bounds: Bounds
    new_cap: Decimal
    fee: Decimal | None = None
    bands: Sequence[Any] = ()


def terms_of(kind: OutsideKind, customer: BranchCustomer, biller: Biller | None = None) -> Terms:
    """What is said before an amount is typed. Raises pricing.NoFee where the bank has set no price."""
    today = clock.today()
    codes = [kind.least, kind.most, Limit.Code.NEW_PAYEE_DAY]
    found = limits.values(codes, tier=customer.kyc_tier, on=today)
    bounds = Bounds(found[kind.least], found[kind.most])
    if biller is not None:
        bounds = bounds.within(biller.minimum, biller.maximum)
    cap = found[Limit.Code.NEW_PAYEE_DAY]
    if kind.kind is Kind.MOBILE_MONEY:
        return Terms(bounds, cap, bands=pricing.tariff(today))
    return Terms(bounds, cap, fee=pricing.fee(kind.kind, bounds.least, today))


def bounds_of(kind: OutsideKind, customer: BranchCustomer, destination: Destination | None = None) -> Bounds:
    """What one payment of this kind may be: the bank's bounds, inside them the biller's and the rail's own."""
    found = limits.values([kind.least, kind.most], tier=customer.kyc_tier, on=clock.today())
    bounds = Bounds(found[kind.least], found[kind.most])
    if destination is None:
        return bounds
    biller = Biller.objects.filter(code=destination.values.get("biller", "")).first()
    if biller is not None:
        bounds = bounds.within(biller.minimum, biller.maximum)
    name = kind.rail_for(destination).lower()
    if name in rails:
        bounds = bounds.within(rails.get(name).limits.least, rails.get(name).limits.most)
    return bounds


def rails_of(kind: OutsideKind) -> list[str]:
    """The rails a payment of this kind may go over."""
    return list(Network.values) if kind.kind is Kind.MOBILE_MONEY else [RAILS[kind.kind]]


def notices_of(kind: OutsideKind) -> list[str]:
    """What a customer should know about the rails of this kind now: switched off, or not answering of late.

    T-Kash is left out while it is off: nobody misses what has never been there.
    """
    names = rails_of(kind)
    off = {row.code: row for row in switches.off_rows(names)}
    said = [switches.notice_of(row) for code, row in off.items() if code != Network.TKASH]
    resting = circuit.open_among([name.lower() for name in names if name not in off])
    return said + [RESTS % {"rail": TITLES[name]} for name in names if name.lower() in resting]
