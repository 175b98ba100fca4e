"""Follow-ups of a posted payment: what they are called, what they may move, how an opposite posting looks.

A follow-up is an instruction of the bank's own, whose id is made from the payment's reference and the step's name: the
same step twice is the same instruction, and an instruction is posted once.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from accounts.books.kinds import Kind, kinds
from accounts.books.legs import Leg, Side
from accounts.content import content_hash
from accounts.models import Instruction, Posting, PostingLeg
from wekeza_portal.money import ZERO


def instruction_id_of(posting: Posting, step: str) -> uuid.UUID:
    """The id of the instruction under which a step of this payment is posted."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{step}:{posting.reference}")


def instruct(
    original: Instruction, posting: Posting, step: str, kind: str, legs: Sequence[Leg], reason: str, now: datetime
) -> Instruction:
    """Store the follow-up's own instruction: what it gives back, or what it moves between internal accounts."""
    gives_back = kinds.get(kind).gives_back
    amount, fee = _given_back(original, legs) if gives_back else (max(leg.amount for leg in legs), ZERO)
    instruction = Instruction(
        id=instruction_id_of(posting, step),
        customer_id=original.customer_id,
        kind=kind,
        payload={"follows": posting.reference, "step": step, "reason": reason},
        amount=amount,
        fee=fee,
        created_at=now,
        expires_at=now,
    )
    instruction.content_hash = content_hash(instruction)
    instruction.save(force_insert=True)
    return instruction


def _given_back(original: Instruction, legs: Sequence[Leg]) -> tuple[Decimal, Decimal]:
    """Amount and fee that a return gives back. ValueError unless all of the amount, with or without the fee."""
    given = sum((leg.amount for leg in legs if leg.account_id is not None and leg.side is Side.CREDIT), ZERO)
    if given not in {original.amount, original.amount + original.fee}:
        raise ValueError("a return gives back the amount, with the fee or without")
    return original.amount, given - original.amount


def refuse_beyond_the_payment(rules: Kind, legs: Sequence[Leg], paid: Iterable[PostingLeg]) -> None:
    """On customers' accounts a follow-up only undoes, and no more than the payment did. ValueError otherwise."""
    did: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in paid:
        if row.account_id is not None:
            did[row.account_id] += row.amount
    undoes: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for leg in legs:
        if leg.account_id is not None:
            undoes[leg.account_id] -= leg.signed
    if undoes and not rules.gives_back:
        raise ValueError("this kind of posting stays between internal accounts")
    for account_id, amount in undoes.items():
        if amount * did[account_id] <= 0 or abs(amount) > abs(did[account_id]):
            raise ValueError("a follow-up undoes no more than the payment did")


def opposite(leg: PostingLeg, posting: Posting, reason: str) -> Leg:
    """The leg that undoes this one, with the words of a reversal."""
    side = Side.DEBIT if leg.amount > 0 else Side.CREDIT
    if leg.account_id is None:
        return Leg(side, abs(leg.amount), internal=leg.internal_account)
    return Leg(
        side,
        abs(leg.amount),
        account_id=leg.account_id,
        txn_type="REVERSAL_OUT" if side is Side.DEBIT else "REVERSAL_IN",
        description=f"Reversal of {posting.reference} - {reason} - Online",
    )
