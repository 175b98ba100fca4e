"""The cheaper way, where there is one: the same amount to a phone or to a bank account, whichever costs less.

Only ways the customer could choose for themselves are compared. Whether the receiver banks here would be the cheapest
way of all, and is nobody's business but theirs: it is neither asked nor hinted at.
"""

from dataclasses import dataclass
from decimal import Decimal

from accounts.models import BranchCustomer, Instruction
from transfers import pricing
from transfers.destinations import Kind
from transfers.outside import terms
from transfers.outside.kinds import KINDS
from wekeza_portal import clock

OTHER_WAY = {Kind.MOBILE_MONEY: Kind.BANK_TRANSFER, Kind.BANK_TRANSFER: Kind.MOBILE_MONEY}


@dataclass(frozen=True, slots=True)
class CheaperWay:
    """Another kind of payment, its fee and what it saves, in KES."""

    kind: Kind
    fee: Decimal
    saves: Decimal

    @property
    def to_bank(self) -> bool:
        return self.kind is Kind.BANK_TRANSFER

    def as_payload(self) -> dict[str, str]:
        return {"kind": str(self.kind), "fee": str(self.fee)}


def as_drafted(instruction: Instruction) -> CheaperWay | None:
    """The cheaper way that was found when this payment was drafted."""
    kept = instruction.payload.get("cheaper")
    if not kept:
        return None
    fee = Decimal(kept["fee"])
    return CheaperWay(Kind(kept["kind"]), fee, instruction.fee - fee)


def cheaper_way(customer: BranchCustomer, kind: str, amount: Decimal, fee: Decimal) -> CheaperWay | None:
    """The other way between phone and bank when it costs less for `amount` KES and works now; None otherwise."""
    other = OTHER_WAY.get(Kind(kind))
    if other is None or not _takes(customer, other, amount):
        return None
    try:
        costs = pricing.fee(other, amount, clock.today())
    except pricing.NoFee:
        return None
    return CheaperWay(other, costs, fee - costs) if costs < fee and _works(other) else None


def _takes(customer: BranchCustomer, kind: Kind, amount: Decimal) -> bool:
    bounds = terms.bounds_of(KINDS[kind], customer)
    is_whole = amount == amount.to_integral_value()
    return bounds.least <= amount <= bounds.most and (is_whole or not KINDS[kind].whole_shillings)


def _works(kind: Kind) -> bool:
    """Whether the service is on and at least one of its rails answers."""
    found = terms.obstacles_to(KINDS[kind])
    return KINDS[kind].switch not in found.off and any(found.works(name) for name in terms.rails_of(KINDS[kind]))
