"""The cheaper way, where there is one: the same amount to a wallet or to a bank account, whichever costs less.

Only ways the customer could choose for themselves are compared. Whether the receiver banks here would be the cheapest
way of all, and is nobody's business but theirs: it is neither asked nor hinted at.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.models import BranchCustomer, Instruction
from transfers import pricing
from transfers.addresses import PAGES
from transfers.destinations import Kind
from transfers.outside.instead import LINKS, WAYS, takes, working_rail
from wekeza_portal import clock


@dataclass(frozen=True, slots=True)
class CheaperWay:
    """Another kind of payment, its fee and what it saves, in KES."""

    kind: Kind
    fee: Decimal
    saves: Decimal

    @property
    def page(self) -> str:
        """The name of the page on which it is filled in."""
        return PAGES[self.kind]

    @property
    def link(self) -> Any:
        """What the link there says."""
        return LINKS[self.kind]

    def as_payload(self) -> dict[str, str]:
        return {"kind": str(self.kind), "fee": str(self.fee)}


def as_drafted(instruction: Instruction) -> CheaperWay | None:
    """The cheaper way that was found when this payment was drafted."""
    kept = instruction.payload.get("cheaper")
    if not kept:
        return None
    fee = Decimal(kept["fee"])
    return CheaperWay(Kind(kept["kind"]), fee, instruction.fee - fee)


def cheaper_way(
    customer: BranchCustomer, kind: str, amount: Decimal, fee: Decimal, phone: str = ""
) -> CheaperWay | None:
    """The cheapest other way that costs less than `fee` for `amount` KES and works now; None where there is none.

    `phone` is the receiver's number (254...) where it is known.
    """
    priced = [
        CheaperWay(other, costs, fee - costs) for other in WAYS.get(Kind(kind), ()) for costs in _fee(other, amount)
    ]
    less = sorted((way for way in priced if way.saves > 0), key=lambda way: way.fee)
    works = (way for way in less if takes(customer, way.kind, amount) and working_rail(way.kind, phone))
    return next(works, None)


def _fee(kind: Kind, amount: Decimal) -> list[Decimal]:
    """The fee, or nothing where the bank has set no price for this amount."""
    try:
        return [pricing.fee(kind, amount, clock.today())]
    except pricing.NoFee:
        return []
