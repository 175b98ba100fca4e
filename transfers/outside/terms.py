"""What is said about a payment out of the bank before its amount is typed: bounds, price, what is in its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts import limits
from accounts.models import BranchCustomer, Limit
from transfers import pricing
from transfers.destinations import Destination, Kind, Network
from transfers.models import Biller
from transfers.outside.errors import slow_words
from transfers.outside.kinds import RAILS, OutsideKind
from transfers.outside.obstacles import Obstacles, look
from transfers.outside.rails import TITLES
from wekeza_portal import clock
from wekeza_portal.money import ZERO
from wekeza_portal.rails.base import rails


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
    """What a form says of its kind: one `fee` or `bands` (KES), the cap for somebody new, what is left."""

    bounds: Bounds
    new_cap: Decimal
    room: limits.Room
    a_day: Decimal
    """The bank's own daily limit."""
    fee: Decimal | None = None
    bands: Sequence[Any] = ()

    @property
    def most(self) -> Decimal:
        """The largest payment that one day allows, as the page of the limits says it; nothing a day is said apart."""
        return min(self.bounds.most, self.room.daily_limit) if self.room.daily_limit else self.bounds.most


def figures_of(kind: OutsideKind, customer: BranchCustomer) -> limits.Figures:
    """Every limit that the form of this kind speaks of, in one query."""
    codes = [kind.least, kind.most, Limit.Code.NEW_PAYEE_DAY, Limit.Code.DAILY_OUT, Limit.Code.MONTHLY_OUT]
    return limits.figures_for(customer, codes, clock.today())


def terms_of(
    kind: OutsideKind, customer: BranchCustomer, figures: limits.Figures, biller: Biller | None = None
) -> Terms:
    """What is said before an amount is typed. Raises pricing.NoFee where the bank has set no price."""
    today = clock.today()
    bounds = Bounds(figures[kind.least], figures[kind.most])
    if biller is not None:
        bounds = bounds.within(biller.minimum, biller.maximum)
    cap, room = figures[Limit.Code.NEW_PAYEE_DAY], limits.room(customer, today, figures)
    a_day = figures.of_the_bank[Limit.Code.DAILY_OUT]
    if kind.kind is Kind.MOBILE_MONEY:
        bands = pricing.tariff(today)
        return Terms(bounds.within(ZERO, bands[-1].up_to), cap, room, a_day, bands=bands)
    return Terms(bounds, cap, room, a_day, fee=pricing.fee(kind.kind, bounds.least, today))


def bounds_of(kind: OutsideKind, customer: BranchCustomer, destination: Destination | None = None) -> Bounds:
    """What one payment of this kind may be: the bank's bounds, inside them the biller's and the rail's own."""
    found = limits.values([kind.least, kind.most], tier=customer.kyc_tier, on=clock.today())
    bounds = _priced(kind, Bounds(found[kind.least], found[kind.most]))
    if destination is None:
        return bounds
    biller = Biller.objects.filter(code=destination.values.get("biller", "")).first()
    if biller is not None:
        bounds = bounds.within(biller.minimum, biller.maximum)
    name = kind.rail_for(destination).lower()
    if name in rails:
        bounds = bounds.within(rails.get(name).limits.least, rails.get(name).limits.most)
    return bounds


def _priced(kind: OutsideKind, bounds: Bounds) -> Bounds:
    """Above the highest band of the tariff there is no price, so nothing can be sent. Raises pricing.NoFee."""
    if kind.kind is not Kind.MOBILE_MONEY:
        return bounds
    return bounds.within(ZERO, pricing.tariff(clock.today())[-1].up_to)


def rails_of(kind: OutsideKind) -> list[str]:
    """The rails a payment of this kind may go over."""
    return list(Network.values) if kind.kind is Kind.MOBILE_MONEY else [RAILS[kind.kind]]


def comes_back(code: str) -> bool:
    """Whether what is switched off here is a company that will answer again, and neither a service of the bank's own
    nor T-Kash, which has no interface yet.
    """
    return code in TITLES and code != Network.TKASH


def obstacles_to(kind: OutsideKind, *beside: str) -> Obstacles:
    """What stands in the way of this kind and its rails now, and of the rails `beside` it. One query."""
    names = [*rails_of(kind), *beside]
    return look({kind.switch, *names}, names)


def notices_of(kind: OutsideKind, found: Obstacles, way: Any = None) -> list[str]:
    """What a customer should know about the rails of this kind now: switched off, or not answering of late.

    `way` is what works instead, with a `name`; None where nothing does, or it is not asked.

    T-Kash while it is off, and a rail that was never set up beside one that works, are left out: nobody misses what
    has never been there.
    """
    names = rails_of(kind)
    missed = names if all(name in found.off for name in names) else [name for name in names if name not in found.absent]
    said = [found.off[name] for name in missed if name in found.off and name != Network.TKASH]
    slow = [name for name in names if name in found.resting and name not in found.off]
    return said + [slow_words(TITLES[name], way) for name in slow]
