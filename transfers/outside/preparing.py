"""Preparing a payment out of the bank: everything a person could get wrong is said before it is stored as a draft."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts import instructions, limits
from accounts.freezing.state import refuse_if_frozen
from accounts.models import BranchCustomer, Instruction
from accounts.selectors import AccountSummary
from transfers import checks
from transfers.destinations import Destination, Kind
from transfers.errors import NoteTooLong
from transfers.outside import errors, instead, names, terms
from transfers.outside.cheaper import cheaper_way
from transfers.outside.kinds import KINDS, OutsideKind
from transfers.outside.rails import refuse_unless_set_up
from transfers.payees import kept, newness
from transfers.pricing import Quote, quote
from transfers.rules import renamed
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.forms import NOTE_LENGTH
from wekeza_portal.money import exact, format_kes, whole_around
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
    customer: BranchCustomer,
    wish: Wish,
    *,
    actor: Actor,
    receiver: names.Confirmed | None = None,
    budget: Policy = names.LOOK_UPS,
) -> Instruction:
    """Check everything and store a draft to be reviewed. Moves nothing. `budget` is what the look-up counts against.

    The other side is asked for the name last: what is wrong on the customer's own side costs no look-up; and not at
    all where `receiver` says what it answered before. Raises a `transfers.errors.TransferRefused` or
    `wekeza_portal.staff.switches.SwitchedOff` with words for the customer.
    """
    kind = KINDS[wish.destination.kind]
    source = possible_source(customer, wish, actor=actor)
    refuse_if_frozen(customer.user_id)
    price = _affordable(customer, kind, source, wish.amount)
    newness.refuse_above_cap(customer, wish.destination.key, wish.amount)
    instead.refuse_while_resting(customer, kind, wish.destination, wish.amount)
    if receiver is None:
        receiver = names.confirmed(customer, wish.destination, wish.amount, budget)
    return _draft(customer, kind, source, wish, receiver, price)


def possible_source(customer: BranchCustomer, wish: Wish, *, actor: Actor, later: bool = False) -> AccountSummary:
    """The paying account of a payment that some day can be made: all that does not hang on what is there today.

    `later` as in `require_on`. Raises what `prepare_payment` raises for switches, account, amount, note and the payee's
    own limit.
    """
    kind = KINDS[wish.destination.kind]
    require_on(kind, wish.destination, later=later)
    if len(wish.note) > NOTE_LENGTH:
        raise NoteTooLong(limit=NOTE_LENGTH)
    bounds = terms.bounds_of(kind, customer, wish.destination)
    source = checks.own_source(customer, wish.from_number, actor)
    refuse_odd_amount(kind, wish.amount, bounds)
    kept.refuse_above_own_limit(customer.user_id, wish.destination.key, wish.amount)
    return source


def refuse_on_payers_side(
    customer: BranchCustomer,
    kind: OutsideKind,
    from_number: str,
    amount: Decimal,
    *,
    bounds: terms.Bounds,
    actor: Actor,
) -> None:
    """Raises a TransferRefused for what on the payer's side speaks against `amount` KES.

    Asked alone where the receiver is wrong: then a page says both at once.
    """
    source = checks.own_source(customer, from_number, actor)
    refuse_odd_amount(kind, amount, bounds)
    _affordable(customer, kind, source, amount)


def _affordable(customer: BranchCustomer, kind: OutsideKind, source: AccountSummary, amount: Decimal) -> Quote:
    price = quote(kind.kind, amount, clock.today())
    checks.refuse_unless_affordable(source, amount=amount, fee=price.fee, room=limits.room(customer))
    return price


def require_on(kind: OutsideKind, destination: Destination, *, later: bool = False) -> None:
    """Raises SwitchedOff while the service or the rail it goes over is switched off, RailNotSetUp without the rail.

    What is paid `later` needs no rail today: its day asks again, and waits for it up to three days.
    """
    rail = kind.rail_for(destination)
    for code in dict.fromkeys((kind.switch, rail)):
        if not (later and terms.comes_back(code)):
            switches.require_on(code)
    refuse_unless_set_up(rail)


def refuse_odd_amount(kind: OutsideKind, amount: Decimal, bounds: terms.Bounds) -> None:
    """Raises BelowLeast, AboveMost or WholeShillings."""
    exact(amount)
    if amount < bounds.least:
        raise errors.BelowLeast(least=format_kes(bounds.least))
    if amount > bounds.most:
        above = errors.AboveMostOfPesaLink if kind.kind is Kind.BANK_TRANSFER else errors.AboveMost
        raise above(most=format_kes(bounds.most))
    if kind.whole_shillings and amount != amount.to_integral_value():
        down, up = whole_around(amount)
        raise errors.WholeShillings(down=format_kes(down), up=format_kes(up))


def _draft(
    customer: BranchCustomer,
    kind: OutsideKind,
    source: AccountSummary,
    wish: Wish,
    receiver: names.Confirmed,
    price: Quote,
) -> Instruction:
    cheaper = cheaper_way(customer, kind.kind, wish.amount, price.fee, wish.destination.values.get("msisdn", ""))
    return instructions.draft(
        customer=customer,
        kind=kind.kind,
        payload={
            **payload_of(source, wish, receiver),
            "excise": str(price.excise),
            "warned": list(wish.destination.warned),
            "cheaper": cheaper.as_payload() if cheaper else None,
        },
        amount=wish.amount,
        fee=price.fee,
        fee_row_id=price.row_id,
        payee_key=wish.destination.key,
    )


def payload_of(source: AccountSummary, wish: Wish, receiver: names.Confirmed) -> dict[str, Any]:
    """What an instruction says of the payment, apart from its price."""
    destination = wish.destination
    return {
        "from_account_id": str(source.account_id),
        "from_number": source.number,
        "to_number": destination.number,
        "to_name": receiver.name or wish.typed_name or destination.name,
        "to_name_by": receiver.said_by or ("customer" if wish.typed_name else ""),
        "to_at": receiver.at or destination.at,
        **renamed(wish.typed_name, receiver.name),
        "note": wish.note,
        "values": dict(destination.values),
    }
