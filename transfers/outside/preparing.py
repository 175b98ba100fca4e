"""Preparing a payment out of the bank: everything a person could get wrong is said before it is stored as a draft."""

from dataclasses import dataclass
from decimal import Decimal

from accounts import instructions, limits
from accounts.models import BranchCustomer, Instruction
from accounts.selectors import AccountSummary
from transfers import checks
from transfers.destinations import Destination
from transfers.errors import NoteTooLong
from transfers.models import SavedPayee
from transfers.outside import errors, names
from transfers.outside.kinds import KINDS, OutsideKind
from transfers.outside.rails import refuse_while_resting
from transfers.payees import newness
from transfers.pricing import Quote, quote
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.forms import NOTE_LENGTH
from wekeza_portal.money import exact, format_kes
from wekeza_portal.ratelimit import Policy
from wekeza_portal.staff import switches


@dataclass(frozen=True, slots=True)
class Wish:
    """What the customer wants: `amount` in KES from the account `from_number` to `destination`."""

    from_number: str
    destination: Destination
    amount: Decimal
    note: str = ""
    typed_name: str = ""
    """What the customer calls the receiver; kept where the other side names nobody."""


def prepare_payment(
    customer: BranchCustomer, wish: Wish, *, actor: Actor, budget: Policy = names.LOOK_UPS
) -> Instruction:
    """Check everything and store a draft to be reviewed. Moves nothing. `budget` is what the look-up counts against.

    The other side is asked for the name last: what is wrong on the customer's own side costs no look-up. Raises a
    `transfers.errors.TransferRefused` or `wekeza_portal.staff.switches.SwitchedOff` with words for the customer.
    """
    kind = KINDS[wish.destination.kind]
    require_on(kind, wish.destination)
    source = checks.own_source(customer, wish.from_number, actor)
    _refuse_odd_amount(customer, kind, wish.amount)
    if len(wish.note) > NOTE_LENGTH:
        raise NoteTooLong(limit=NOTE_LENGTH)
    _refuse_above_own_limit(customer, wish)
    price = quote(kind.kind, wish.amount, clock.today())
    checks.refuse_unless_affordable(source, amount=wish.amount, fee=price.fee, room=limits.room(customer))
    newness.refuse_above_cap(customer, wish.destination.key, wish.amount)
    refuse_while_resting(kind, wish.destination)
    receiver = names.confirmed(customer, wish.destination, wish.amount, budget)
    return _draft(customer, kind, source, wish, receiver, price)


def require_on(kind: OutsideKind, destination: Destination) -> None:
    """Raises SwitchedOff while the service or the rail it goes over is switched off."""
    for code in dict.fromkeys((kind.switch, kind.rail_for(destination))):
        switches.require_on(code)


def _refuse_odd_amount(customer: BranchCustomer, kind: OutsideKind, amount: Decimal) -> None:
    exact(amount)
    bounds = limits.values([kind.least, kind.most], tier=customer.kyc_tier, on=clock.today())
    if amount < bounds[kind.least]:
        raise errors.BelowLeast(least=format_kes(bounds[kind.least]))
    if amount > bounds[kind.most]:
        raise errors.AboveMost(most=format_kes(bounds[kind.most]))
    if kind.whole_shillings and amount != amount.to_integral_value():
        down = amount.to_integral_value(rounding="ROUND_FLOOR")
        raise errors.WholeShillings(down=format_kes(down), up=format_kes(down + 1))


def _refuse_above_own_limit(customer: BranchCustomer, wish: Wish) -> None:
    kept = SavedPayee.objects.filter(customer_id=customer.user_id, payee_key=wish.destination.key).first()
    if kept is not None and kept.own_limit is not None and wish.amount > kept.own_limit:
        raise errors.AboveOwnLimit(limit=format_kes(kept.own_limit))


def _draft(
    customer: BranchCustomer,
    kind: OutsideKind,
    source: AccountSummary,
    wish: Wish,
    receiver: names.Confirmed,
    price: Quote,
) -> Instruction:
    destination = wish.destination
    return instructions.draft(
        customer=customer,
        kind=kind.kind,
        payload={
            "from_account_id": str(source.account_id),
            "from_number": source.number,
            "to_number": destination.number,
            "to_name": receiver.name or wish.typed_name or destination.name,
            "to_name_by": receiver.said_by or ("customer" if wish.typed_name else ""),
            "to_at": destination.at,
            "note": wish.note,
            "values": dict(destination.values),
            "excise": str(price.excise),
        },
        amount=wish.amount,
        fee=price.fee,
        fee_row_id=price.row_id,
        payee_key=destination.key,
    )
