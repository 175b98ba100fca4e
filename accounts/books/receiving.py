"""Money that comes in from outside: under whose name it is booked, and what such a posting may do.

Each piece of it is an instruction of the bank's own, whose id is made from the posting's kind and the other company's
word for the money: the same word twice is the same instruction, and an instruction is posted once.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from accounts.books.kinds import Kind
from accounts.books.legs import Leg, Side
from accounts.content import content_hash
from accounts.models import Instruction
from wekeza_portal.money import ZERO, exact

NOBODY = -1
"""Stands for the customer of money of which nobody knows whose it is. The branch's ids begin at 1; MySQL takes no 0."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One piece of money: `key` names it for ever, `amount` is all of it in KES and `fee` the part that the bank keeps.

    `customer_id` is whose account is credited, NOBODY where none is. `says` goes into the books, as strings.
    """

    key: str
    amount: Decimal
    customer_id: int = NOBODY
    fee: Decimal = ZERO
    says: Mapping[str, str] = field(default_factory=dict)


def instruction_id_of(kind: str, arrival: Arrival) -> uuid.UUID:
    """The id of the instruction under which this piece of money is posted as this kind."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}:{arrival.key}")


def instruct(kind: str, arrival: Arrival, now: datetime) -> Instruction:
    """Store the bank's own instruction."""
    instruction = Instruction(
        id=instruction_id_of(kind, arrival),
        customer_id=arrival.customer_id,
        kind=kind,
        payload=dict(arrival.says),
        amount=exact(arrival.amount),
        fee=exact(arrival.fee),
        created_at=now,
        expires_at=now,
    )
    instruction.content_hash = content_hash(instruction)
    instruction.save(force_insert=True)
    return instruction


def refuse_unless_arriving(kind: str, rules: Kind, legs: Sequence[Leg]) -> None:
    """ValueError for a kind that somebody confirms, and for legs that take something from a customer."""
    if not rules.arrives:
        raise ValueError(f"{kind} does not come in from outside: see post() and follow_up()")
    if any(leg.account_id is not None and leg.side is Side.DEBIT for leg in legs):
        raise ValueError("money that comes in takes nothing from a customer")
