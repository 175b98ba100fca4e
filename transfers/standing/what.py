"""What an order pays each time: a transfer or a payment out, checked for all that does not hang on the day."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts import limits
from accounts.ledger import PostingKind
from accounts.models import BranchCustomer
from transfers import receivers, services
from transfers.errors import SameAccount
from transfers.models import StandingOrder
from transfers.outside import preparing
from transfers.outside.executing import destination_of
from transfers.outside.kinds import KINDS
from transfers.outside.names import confirmed
from transfers.outside.preparing import Wish
from transfers.pricing import internal_fee, quote
from transfers.selectors import look_up_payee
from transfers.standing import errors
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.money import ZERO, format_kes


@dataclass(frozen=True, slots=True)
class What:
    """What is paid each time: `amount` in KES, the rest as in accounts.Instruction."""

    kind: str
    payload: dict[str, Any]
    payee_key: str
    from_number: str
    amount: Decimal


def transfer(
    customer: BranchCustomer, *, from_number: str, to_number: str, amount: Decimal, note: str, actor: Actor
) -> What:
    """A transfer to a Wekeza account, looked up now. Raises what `services.prepare_transfer` raises, but for money."""
    source = services.possible_source(customer, from_number, to_number, amount=amount, note=note, actor=actor)
    payee = look_up_payee(customer, to_number)
    if payee.account_id == source.account_id:
        raise SameAccount()
    if not payee.is_own:
        _refuse_above_every_day(customer, amount)
    payload = services.payload_of(source, payee, note)
    return What(services.kind_of_transfer(payee), payload, payee.key, source.number, amount)


def payment(customer: BranchCustomer, wish: Wish, *, actor: Actor) -> What:
    """A payment out of the bank, its receiver asked for now. Raises what `prepare_payment` raises, but for money."""
    source = preparing.possible_source(customer, wish, actor=actor, later=True)
    _refuse_above_every_day(customer, wish.amount)
    payload = preparing.payload_of(source, wish, confirmed(customer, wish.destination, wish.amount))
    return What(str(wish.destination.kind), payload, wish.destination.key, source.number, wish.amount)


def _refuse_above_every_day(customer: BranchCustomer, amount: Decimal) -> None:
    limit = limits.room(customer).daily_limit
    if amount > limit:
        raise errors.NeverWithinTheLimit(limit=format_kes(limit))


def changed_what(
    customer: BranchCustomer, order: StandingOrder, *, from_number: str, amount: Decimal, note: str, actor: Actor
) -> What:
    """What an order would pay with another account, amount or note. The receiver stays: another one is a new order.

    Raises what `transfer` and `payment` raise, but for the look-up.
    """
    if order.kind in KINDS:
        wish = Wish(from_number, destination_of(order), amount, note)
        source = preparing.possible_source(customer, wish, actor=actor, later=True)
    else:
        to_number = order.payload["to_number"]
        source = services.possible_source(customer, from_number, to_number, amount=amount, note=note, actor=actor)
    if order.payee_key:
        _refuse_above_every_day(customer, amount)
    paying = {"from_account_id": str(source.account_id), "from_number": source.number, "note": note}
    return What(order.kind, {**order.payload, **paying}, order.payee_key, source.number, amount)


def fee_of(order: StandingOrder) -> Decimal:
    """KES that one payment costs at today's prices; the price of its day counts."""
    if order.kind == PostingKind.TRANSFER_OWN:
        return ZERO
    if order.kind in KINDS:
        return quote(order.kind, order.amount, clock.today()).fee
    return internal_fee(clock.today()).amount


def receiver_of(payload: dict[str, Any]) -> str:
    """Who is paid, for pages and messages: the name, or where and the last three characters of the number."""
    name = str(receivers.in_any_language(payload) or f"{payload.get('to_at', '')} ...{payload['to_number'][-3:]}")
    return name.strip()[:100]
