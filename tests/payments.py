"""Paying straight through the ledger, for tests of the ledger itself."""

from decimal import Decimal

from accounts.ledger import Leg, PostingKind, Receipt, Side, money_operation, post
from accounts.models import Account, Instruction
from tests.factories import InstructionFactory
from wekeza_portal import clock
from wekeza_portal.actors import Actor, system

TELLER = system("test")


def transfer_legs(sender: Account, receiver: Account, amount: Decimal, fee: Decimal = Decimal("0.00")) -> list[Leg]:
    """The legs of a transfer between two accounts, with a fee leg when there is a fee."""
    legs = [
        Leg(Side.DEBIT, amount, sender.account_id, txn_type="TRANSFER_OUT", description="Transfer out"),
        Leg(Side.CREDIT, amount, receiver.account_id, txn_type="TRANSFER_IN", description="Transfer in"),
    ]
    if fee:
        legs += [
            Leg(Side.DEBIT, fee, sender.account_id, txn_type="TRANSFER_FEE", description="Transfer fee"),
            Leg(Side.CREDIT, fee, internal="fees.income"),
        ]
    return legs


def instruct(
    sender: Account, amount: Decimal, *, fee: Decimal = Decimal("0.00"), stepped_up: bool = True
) -> Instruction:
    """A draft of the sender's customer, already confirmed by a code unless told otherwise."""
    given = clock.now() if stepped_up else None
    return InstructionFactory(customer=sender.customer, amount=amount, fee=fee, stepped_up_at=given)


@money_operation
def post_legs(instruction: Instruction, legs: list[Leg], kind: str, actor: Actor = TELLER) -> Receipt:
    return post(instruction_id=instruction.id, kind=kind, legs=legs, actor=actor)


def pay(
    sender: Account,
    receiver: Account,
    amount: Decimal,
    *,
    fee: Decimal = Decimal("0.00"),
    instruction: Instruction | None = None,
    kind: PostingKind = PostingKind.TRANSFER_INTERNAL,
    stepped_up: bool = True,
) -> Receipt:
    """Transfer `amount` KES, with its own instruction unless one is given."""
    instruction = instruction or instruct(sender, amount, fee=fee, stepped_up=stepped_up)
    return post_legs(instruction, transfer_legs(sender, receiver, amount, fee), kind)
