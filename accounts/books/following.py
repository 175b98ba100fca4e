"""Follow-ups of a posted payment: what they are called, what they may move, how an opposite posting looks.

A follow-up is an instruction of the bank's own, whose id is made from the payment's reference and the step's name: the
same step twice is the same instruction, and an instruction is posted once.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.books.kinds import LOSSES, Kind, kinds, posted_afterwards
from accounts.books.legs import Leg, Side
from accounts.content import content_hash
from accounts.models import Instruction, Posting, PostingLeg
from wekeza_portal.money import ZERO, format_kes

CLOCKS_APART = timedelta(days=1)
"""Further than the clocks of two servers ever are from each other."""


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


def earlier(original: Instruction, posting: Posting) -> list[Posting]:
    """What came after this payment so far, oldest first. Its instruction is locked: nothing is added meanwhile."""
    since = original.created_at - CLOCKS_APART
    own = Instruction.objects.filter(
        customer_id=original.customer_id, created_at__gte=since, kind__in=posted_afterwards()
    )
    ids = [row_id for row_id, said in own.values_list("id", "payload") if said.get("follows") == posting.reference]
    return list(Posting.objects.filter(instruction_id__in=ids).order_by("id"))


def refuse_what_is_not_there(rules: Kind, legs: Sequence[Leg], posting: Posting, before: Sequence[Posting]) -> None:
    """Out of an internal account goes only what this payment and what came after it have put there. ValueError.

    Other payments' money lies in the same account: nothing of it is this payment's to move. After a return there is
    nothing left to move at all, but for a loss, which the bank bears out of its own.
    """
    if any(row.reverses_id == posting.pk for row in before) and not rules.is_loss:
        raise ValueError("the payment was given back: nothing follows that")
    there = _internal_sums(PostingLeg.objects.filter(posting__in=[posting, *before]))
    for leg in legs:
        if leg.account_id is None:
            there[leg.internal] += leg.signed
    for name, amount in _taken_from(legs):
        if there[name] < ZERO and not (rules.is_loss and name.startswith(LOSSES)):
            raise ValueError(f"{name} holds less of this payment than {format_kes(amount)}")


def _internal_sums(rows: Iterable[PostingLeg]) -> dict[str, Decimal]:
    """What each internal account gained by these legs."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        if row.account_id is None:
            sums[row.internal_account] += row.amount
    return sums


def _taken_from(legs: Sequence[Leg]) -> list[tuple[str, Decimal]]:
    """Internal accounts that lose by these legs all told, and how much."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for leg in legs:
        if leg.account_id is None:
            sums[leg.internal] += leg.signed
    return [(name, -amount) for name, amount in sums.items() if amount < ZERO]


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
