"""How a payment out of the bank ends: it arrived and the fee is earned, or amount and fee go back.

Called inside a money operation: by the worker after an answer or a callback, by staff after two signatures.
"""

import logging
import uuid
from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from accounts import ledger
from accounts.ledger import Leg, PostingKind, Side
from accounts.models import Instruction, Posting
from transfers.models import Payment, RailId
from transfers.outside import messages, rails
from transfers.outside.executing import FEES_PENDING, rail_account
from transfers.payees import kept
from wekeza_portal import clock, crypto
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.services import record
from wekeza_portal.money import exact
from wekeza_portal.rails.base import Outcome, Status

logger = logging.getLogger(__name__)
State = Payment.State

RAILS = system("rails")
STAFF_ASK_AGAIN = timedelta(hours=1)
"""After how long a rail is asked again about what is with staff."""
FEE_INCOME = "fees.income"
EXCISE = "tax.excise"


def paid_account(rail: str) -> str:
    """The internal account that stands for the bank's own money at a rail: what was paid out of it."""
    return f"nostro.{rail.lower()}"


def settle(payment_id: uuid.UUID, outcome: Outcome, actor: Actor = RAILS) -> bool:
    """It arrived: the rail's internal account is cleared and the fee becomes income, the duty inside it the taxman's.

    Once: False when it was settled before. After a return, or where they speak or spoke of another amount, nothing is
    done by itself: people are called.
    """
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    remember(payment, outcome)
    if outcome.amount is not None and outcome.amount != payment.amount:
        return _call_people(payment, "another amount", outcome)
    if _is_with_people(payment, actor):
        return _call_people(payment, "says SETTLED", outcome)
    instruction = Instruction.objects.get(pk=payment.pk)
    if not payment.is_open:
        return _already(payment, State.SETTLED, outcome, instruction)
    ledger.follow_up(
        instruction_id=payment.pk,
        step="settled",
        kind=PostingKind.SETTLEMENT,
        legs=_settling_legs(payment, instruction),
        reason=f"{rails.in_the_books(payment.rail)} confirmed",
        actor=actor,
    )
    _finish(payment, State.SETTLED, outcome)
    kept.note_name(instruction, outcome.name)
    messages.confirmed(payment, instruction)
    return True


def give_back(payment_id: uuid.UUID, outcome: Outcome, actor: Actor = RAILS) -> bool:
    """It did not arrive: amount and fee go back in rows of their own, and with them what was used of the limits.

    Once: False when it was given back before. After a settlement nothing is undone by itself: people are called. So
    they are where the branch has no account any more to give it back to.
    """
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    remember(payment, outcome)
    if _is_with_people(payment, actor):
        return _call_people(payment, "says RETURNED", outcome)
    instruction = Instruction.objects.get(pk=payment.pk)
    if not payment.is_open:
        return _already(payment, State.RETURNED, outcome, instruction)
    posting = Posting.objects.get(reference=payment.reference)
    try:
        with transaction.atomic():
            ledger.reverse(posting=posting, reason=_why(payment, outcome, actor), actor=actor)
    except ledger.AccountCannotReceive:
        return _nowhere_to_go(payment, outcome)
    _finish(payment, State.RETURNED, outcome)
    messages.returned(payment)
    return True


def _is_with_people(payment: Payment, actor: Actor) -> bool:
    """Whether the rail has contradicted itself about an open payment: after that its word alone ends nothing."""
    return payment.is_open and payment.contradicted_at is not None and actor == RAILS


def _why(payment: Payment, outcome: Outcome, actor: Actor) -> str:
    """For the books, in English: who says that it did not arrive."""
    if actor != RAILS:
        return f"not paid by {rails.in_the_books(payment.rail)}, as two of the bank's people found"
    return f"{rails.in_the_books(payment.rail)} {'refused' if outcome.status is Status.REFUSED else 'never had it'}"


def remember(payment: Payment, outcome: Outcome) -> None:
    """Keep every id by which the rail names the payment: people ask us by them."""
    values = {value[:64] for value in (*outcome.rail_ids.values(), outcome.receipt) if value}
    rows = [RailId(payment_id=payment.pk, value=value) for value in sorted(values)]
    if rows:
        RailId.objects.bulk_create(rows, ignore_conflicts=True)


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


def _already(payment: Payment, wanted: Payment.State, outcome: Outcome, instruction: Instruction) -> bool:
    """Told again what we know: only what was missing is added. Told the opposite of what was done: people look."""
    if payment.state != wanted:
        return _call_people(payment, f"says {wanted}", outcome)
    had_token = bool(payment.token)
    payment.token = payment.token or (crypto.encrypt(outcome.token) if outcome.token else "")
    payment.receipt = payment.receipt or outcome.receipt[:64]
    payment.rail_ids = {**outcome.rail_ids, **payment.rail_ids}
    payment.save(update_fields=["token", "receipt", "rail_ids"])
    if payment.token and not had_token:
        messages.confirmed(payment, instruction)
    return False


def _call_people(payment: Payment, what: str, outcome: Outcome) -> bool:
    """What the rail says can't be: nothing moves, and staff see it from now on. Written into the trail once."""
    if payment.is_open and payment.state != State.RECEIVED:
        _leave_to_staff(payment, State.SENT)  # they have it: no later "never heard of it" may send it again
    if payment.contradicted_at is not None:
        return False
    payment.contradicted_at = clock.now()
    payment.save(update_fields=["contradicted_at"])
    said = {"state": payment.state, "rail": what, "code": outcome.code, "receipt": outcome.receipt}
    record(
        "payment.contradicted",
        actor=RAILS,
        customer_id=payment.customer_id,
        subject=f"payment:{payment.reference}",
        data={**said, "amount": str(outcome.amount or "")},
    )
    logger.error("payment %s is %s, and now %s %s", payment.reference, payment.state, payment.rail, what)
    return False


def _nowhere_to_go(payment: Payment, outcome: Outcome) -> bool:
    """The account it came from is gone from the branch's tables: staff decide; asked about again in an hour."""
    if payment.with_staff_since is None:
        logger.error("payment %s was refused, and its account is gone", payment.reference)
    payment.reason_code = outcome.code[:30]
    payment.save(update_fields=["reason_code"])
    _leave_to_staff(payment, State.UNKNOWN)
    return False


def _leave_to_staff(payment: Payment, state: Payment.State) -> None:
    """People decide, and the customer reads that they do; the rail is asked again in an hour."""
    payment.state = state
    payment.with_staff_since = payment.with_staff_since or clock.now()
    payment.due_at = clock.now() + STAFF_ASK_AGAIN
    payment.save(update_fields=["state", "with_staff_since", "due_at"])
