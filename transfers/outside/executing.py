"""Doing a confirmed payment out of the bank: the money leaves the customer and waits for the rail."""

from decimal import Decimal

from accounts.ledger import Leg, Receipt, Side, lock_same_account, post
from accounts.models import Account, Instruction
from transfers import errors
from transfers.destinations import Destination
from transfers.models import Bank, Biller, Broker, Payment, StandingOrder
from transfers.outside import messages
from transfers.outside.errors import ReceiverGone
from transfers.outside.kinds import KINDS, OutsideKind
from transfers.outside.preparing import refuse_odd_amount, require_on
from transfers.outside.rails import words_for
from transfers.outside.terms import bounds_of
from transfers.payees import guarding
from transfers.pricing import quote
from transfers.rules import description
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.money import format_kes

FEES_PENDING = "fees.pending"
"""Fees of payments whose end is not known; income only when the rail confirms."""


def rail_account(rail: str) -> str:
    """The internal account where money waits for a rail: `rail.mpesa`."""
    return f"rail.{rail.lower()}"


def destination_of(instruction: Instruction | StandingOrder) -> Destination:
    """The receiver of a payment out of the bank, as it was reviewed."""
    payload = instruction.payload
    return Destination(
        kind=instruction.kind,
        values=dict(payload["values"]),
        key=instruction.payee_key,
        number=payload["to_number"],
        at=payload["to_at"],
        name=payload["to_name"],
    )


def execute_payment(instruction: Instruction, actor: Actor) -> Receipt:
    """Post the money into the rail's internal account and leave the payment to the worker; inside the money operation.

    What the review showed is asked again first: switches, the price, the account, the receiver, the bounds of one
    payment, the new-payee cap. Raises SwitchedOff, FeeChanged, DutyChanged, AccountsChanged, ReceiverGone, BelowLeast,
    AboveMost, AboveOwnLimit, Held, NewPayeeCap, or what the ledger refuses with.
    """
    kind, destination = KINDS[instruction.kind], destination_of(instruction)
    require_on(kind, destination)
    _refuse_if_price_changed(instruction)
    source = _the_same_account(instruction)
    _refuse_if_receiver_gone(destination)
    refuse_odd_amount(kind, instruction.amount, bounds_of(kind, instruction.customer, destination))
    guarding.take(instruction)
    rail = kind.rail_for(destination)
    receipt = post(
        instruction_id=instruction.id,
        kind=instruction.kind,
        legs=_legs(instruction, kind, rail, source),
        actor=actor,
    )
    _hand_over(instruction, receipt, rail)
    messages.received(instruction, receipt)
    return receipt


def _hand_over(instruction: Instruction, receipt: Receipt, rail: str) -> None:
    is_typed = instruction.payload["to_name_by"] == "customer"  # nobody confirmed it
    Payment.objects.create(
        id=instruction.id,
        customer_id=instruction.customer_id,
        rail=rail,
        reference=receipt.reference,
        amount=instruction.amount,
        fee=instruction.fee,
        destination=words_for(rail, instruction.payload["values"]),
        receiver_name="" if is_typed else instruction.payload["to_name"][:100],
        received_at=receipt.posted_at,
        due_at=receipt.posted_at,
    )


def _refuse_if_price_changed(instruction: Instruction) -> None:
    now = quote(instruction.kind, instruction.amount, clock.today())
    if now.fee != instruction.fee:
        raise errors.FeeChanged(fee=format_kes(now.fee))
    if now.excise != Decimal(instruction.payload["excise"]):
        raise errors.DutyChanged(excise=format_kes(now.excise))


def _the_same_account(instruction: Instruction) -> Account:
    """The paying account as reviewed, locked from here on. Raises AccountsChanged."""
    payload = instruction.payload
    account = lock_same_account(int(payload["from_account_id"]), payload["from_number"], instruction.customer_id)
    if account is None:
        raise errors.AccountsChanged()
    return account


def _refuse_if_receiver_gone(destination: Destination) -> None:
    values = destination.values
    if "biller" in values:
        biller = Biller.objects.filter(code=values["biller"]).first()
        stands = biller is not None and biller.can_be_paid
    elif "broker" in values:
        broker = Broker.objects.filter(code=values["broker"]).first()
        stands = broker is not None and broker.can_be_paid
    else:
        stands = "bank_code" not in values or Bank.objects.filter(code=values["bank_code"], is_active=True).exists()
    if not stands:
        raise ReceiverGone()


def _legs(instruction: Instruction, kind: OutsideKind, rail: str, source: Account) -> list[Leg]:
    payload = instruction.payload
    says = description(f"{kind.verb} {payload['to_at']}", payload["to_number"], payload["note"])
    legs = [
        Leg(Side.DEBIT, instruction.amount, source.account_id, txn_type=kind.txn_type, description=says),
        Leg(Side.CREDIT, instruction.amount, internal=rail_account(rail)),
    ]
    if instruction.fee > 0:
        fee_says = f"{kind.verb} {payload['to_at']}: fee - Online"
        legs += [
            Leg(Side.DEBIT, instruction.fee, source.account_id, txn_type=kind.fee_type, description=fee_says),
            Leg(Side.CREDIT, instruction.fee, internal=FEES_PENDING),
        ]
    return legs
