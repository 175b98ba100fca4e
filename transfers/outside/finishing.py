"""How a payment out of the bank ends: it arrived and the fee is earned, or amount and fee go back.

Called inside a money operation: by the worker after an answer or a callback, by staff after two signatures.
"""

import logging
import uuid
from decimal import Decimal

from accounts import ledger
from accounts.ledger import Leg, PostingKind, Side
from accounts.models import Instruction, Posting
from transfers.models import Payment
from transfers.outside import messages
from transfers.outside.executing import FEES_PENDING, rail_account
from wekeza_portal import clock, crypto
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.services import record
from wekeza_portal.money import exact
from wekeza_portal.rails.base import Outcome

logger = logging.getLogger(__name__)
State = Payment.State

RAILS = system("rails")
FEE_INCOME = "fees.income"
EXCISE = "tax.excise"


def paid_account(rail: str) -> str:
    """The internal account that stands for the bank's own money at a rail: what was paid out of it."""
    return f"nostro.{rail.lower()}"


def settle(payment_id: uuid.UUID, outcome: Outcome, actor: Actor = RAILS) -> bool:
    """It arrived: the rail's internal account is cleared and the fee becomes income, the duty inside it the taxman's.

    Once: False when it was settled before. After a return nothing is undone by itself: people are called.
    """
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    if not payment.is_open:
        return _already(payment, State.SETTLED, outcome)
    instruction = Instruction.objects.get(pk=payment.pk)
    ledger.follow_up(
        instruction_id=payment.pk,
        step="settled",
        kind=PostingKind.SETTLEMENT,
        legs=_settling_legs(payment, instruction),
        reason=f"{payment.rail} confirmed",
        actor=actor,
    )
    _finish(payment, State.SETTLED, outcome)
    messages.confirmed(payment, instruction)
    return True


def give_back(payment_id: uuid.UUID, outcome: Outcome, actor: Actor = RAILS) -> bool:
    """It did not arrive: amount and fee go back in rows of their own, and with them what was used of the limits.

    Once: False when it was given back before. After a settlement nothing is undone by itself: people are called.
    """
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    if not payment.is_open:
        return _already(payment, State.RETURNED, outcome)
    posting = Posting.objects.get(reference=payment.reference)
    ledger.reverse(posting=posting, reason=f"{payment.rail} refused", actor=actor)
    _finish(payment, State.RETURNED, outcome)
    messages.returned(payment)
    return True


def _settling_legs(payment: Payment, instruction: Instruction) -> list[Leg]:
    waiting, paid = rail_account(payment.rail), paid_account(payment.rail)
    legs = [
        Leg(Side.DEBIT, payment.amount, internal=waiting),
        Leg(Side.CREDIT, payment.amount, internal=paid),
    ]
    excise = exact(Decimal(instruction.payload["excise"]))
    if payment.fee > 0:
        legs.append(Leg(Side.DEBIT, payment.fee, internal=FEES_PENDING))
        legs.append(Leg(Side.CREDIT, payment.fee - excise, internal=FEE_INCOME))
    if excise > 0:
        legs.append(Leg(Side.CREDIT, excise, internal=EXCISE))
    return legs


def _finish(payment: Payment, state: Payment.State, outcome: Outcome) -> None:
    payment.state = state
    payment.finished_at = clock.now()
    payment.due_at = None
    payment.with_staff_since = None
    payment.rail_ids = {**payment.rail_ids, **outcome.rail_ids}
    payment.receipt = (outcome.receipt or payment.receipt)[:64]
    payment.receiver_name = (outcome.name or payment.receiver_name)[:100]
    payment.token = crypto.encrypt(outcome.token) if outcome.token else payment.token
    payment.reason_code = outcome.code[:30]
    payment.reason = outcome.customer[:30]
    payment.save(
        update_fields=[
            "state", "finished_at", "due_at", "with_staff_since", "rail_ids", "receipt", "receiver_name", "token",
            "reason_code", "reason",
        ]
    )  # fmt: skip


def _already(payment: Payment, wanted: Payment.State, outcome: Outcome) -> bool:
    """Told again what we know: nothing to do. Told the opposite of what was done: people have to look."""
    if payment.state != wanted and payment.with_staff_since is None:
        payment.with_staff_since = clock.now()
        payment.save(update_fields=["with_staff_since"])
        said = {"state": payment.state, "rail_says": wanted, "code": outcome.code, "receipt": outcome.receipt}
        record(
            "payment.contradicted",
            actor=RAILS,
            customer_id=payment.customer_id,
            subject=f"payment:{payment.reference}",
            data=said,
        )
        logger.error("payment %s is %s, and now %s says otherwise", payment.reference, payment.state, payment.rail)
    return False
