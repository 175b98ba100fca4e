"""When a rail's last word contradicts how a payment ended, and two people have found it to be true.

It came back after it was settled: the customer gets amount and fee. It arrived after it was given back: both the
receiver and the customer have the money, and what the rail took from us is the bank's loss. Called inside a money
operation, under the payment's lock.
"""

from decimal import Decimal

from accounts import ledger
from accounts.books.kinds import LOSSES, Kind
from accounts.ledger import Leg, Side
from accounts.models import Instruction
from transfers.models import Payment
from transfers.outside import messages
from transfers.outside.finishing import EXCISE, FEE_INCOME, paid_account
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.money import exact

CAME_BACK, LOSS = "PAYMENT_CAME_BACK", "PAYMENT_LOSS"
PAYMENT_LOSSES = f"{LOSSES}payments"
State = Payment.State


def register() -> None:
    """Once, when the app is ready."""
    ledger.register_kind(CAME_BACK, Kind(follows=True, gives_back=True, verb="payment.came_back"))
    ledger.register_kind(LOSS, Kind(follows=True, is_loss=True, verb="payment.loss_booked"))


def give_back_settled(payment: Payment, actor: Actor) -> None:
    """Amount and fee go back to the customer, with what was used of the limits: out of the bank's account at the rail,
    its income and the duty set aside. Raises ledger.AccountCannotReceive where the account is gone.
    """
    instruction = Instruction.objects.get(pk=payment.pk)
    ledger.follow_up(
        instruction_id=payment.pk,
        step="came back",
        kind=CAME_BACK,
        legs=_legs_back(payment, instruction),
        reason=f"{payment.rail} gave it back after confirming it",
        actor=actor,
    )
    payment.state, payment.finished_at = State.RETURNED, clock.now()
    payment.reason = "not_possible"
    payment.save(update_fields=["state", "finished_at", "reason"])
    messages.returned(payment)


def book_loss(payment: Payment, actor: Actor) -> None:
    """What left our account at the rail for a payment that was given back is booked as lost. Nobody's money moves."""
    ledger.follow_up(
        instruction_id=payment.pk,
        step="loss",
        kind=LOSS,
        legs=[
            Leg(Side.DEBIT, payment.amount, internal=PAYMENT_LOSSES),
            Leg(Side.CREDIT, payment.amount, internal=paid_account(payment.rail)),
        ],
        reason=f"{payment.rail} paid it after it was given back",
        actor=actor,
    )


def _legs_back(payment: Payment, instruction: Instruction) -> list[Leg]:
    excise = exact(Decimal(instruction.payload["excise"]))
    account_id, says = int(instruction.payload["from_account_id"]), f"Returned by {payment.rail} - {payment.reference}"
    legs = [
        Leg(Side.DEBIT, payment.amount, internal=paid_account(payment.rail)),
        Leg(Side.CREDIT, payment.amount, account_id, txn_type="REVERSAL_IN", description=f"{says} - Online"),
    ]
    if payment.fee > 0:
        fee_says = f"{says}: fee - Online"
        legs.append(Leg(Side.CREDIT, payment.fee, account_id, txn_type="REVERSAL_IN", description=fee_says))
        legs.append(Leg(Side.DEBIT, payment.fee - excise, internal=FEE_INCOME))
    if excise > 0:
        legs.append(Leg(Side.DEBIT, excise, internal=EXCISE))
    return legs
