"""Instructions: what a customer asked for exists before it is confirmed, and is done at most once.

draft -> (code, when one is due) -> confirm. A double click, the back button, a retry or a crash between two lines can
never pay twice: the second confirm finds the instruction posted and returns the first receipt.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts import ledger, limits, rules
from accounts.books import proving
from accounts.content import content_hash
from accounts.freezing import state as frozen
from accounts.ledger import Receipt, money_operation
from accounts.ledger_errors import MayOnlyLook
from accounts.models import BranchCustomer, Instruction, Limit, Posting
from wekeza_portal import clock, sql
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.money import exact
from wekeza_portal.registry import instruction_kinds

DRAFT_LIFE = timedelta(hours=24)


class StepUpRequired(PortalError):
    """The instruction may go ahead once the right code has been given."""

    code = "step_up_required"
    message = _("Enter the code we send you to confirm this payment.")


class InstructionExpired(PortalError):
    code = "instruction_expired"
    message = _("This payment was prepared more than a day ago. Nothing was sent. Please start again.")


class InstructionCancelled(PortalError):
    code = "instruction_cancelled"
    message = _("You cancelled this payment. Nothing was sent.")


class ActIsOver(PortalError):
    """An act that was cancelled, has run out, or is not what was reviewed."""

    code = "act_is_over"
    message = _("This was cancelled, has run out or has changed. Nothing was done. Please start again.")


class Held(PortalError):
    """Something has to be answered or waited for first; `address` is the page that says what."""

    code = "held"
    message = _("There is one question to answer before this payment can go.")

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address


def draft(
    *,
    customer: BranchCustomer,
    kind: str,
    payload: Mapping[str, Any],
    amount: Decimal,
    fee: Decimal,
    fee_row_id: int | None,
    payee_key: str,
) -> Instruction:
    """Store what was asked for, ready to be reviewed. Moves nothing.

    `amount` and `fee` in KES; `payload` is what the kind's executor needs, amounts as strings; `payee_key` names the
    receiver ("" where there is none to be new). Raises ledger_errors.MayOnlyLook for money of whom the bank has not
    identified: the ledger would refuse it in any case.
    """
    instruction_kinds.get(kind)
    now = clock.now()
    if amount and not limits.figures_for(customer, [Limit.Code.MAY_PAY], now.date())[Limit.Code.MAY_PAY]:
        raise MayOnlyLook()
    instruction = Instruction(
        id=uuid.uuid4(),
        customer_id=customer.user_id,
        kind=kind,
        payload=dict(payload),
        payee_key=payee_key,
        amount=exact(amount),
        fee=exact(fee),
        fee_row_id=fee_row_id,
        created_at=now,
        expires_at=now + DRAFT_LIFE,
    )
    instruction.content_hash = content_hash(instruction)
    instruction.save(force_insert=True)
    return instruction


def get(customer: BranchCustomer, instruction_id: uuid.UUID) -> Instruction:
    """The customer's own payment; Http404 alike for another customer's, the bank's (a reversal), an act and none."""
    return _own(_row(customer, instruction_id), customer, is_act=False)


def get_act(customer: BranchCustomer, instruction_id: uuid.UUID) -> Instruction:
    """Likewise the customer's own act: what changes something that is guarded and moves no money."""
    return _own(_row(customer, instruction_id), customer, is_act=True)


def get_any(customer: BranchCustomer, instruction_id: uuid.UUID) -> Instruction:
    """Likewise a payment or an act: what a code can be asked for."""
    return _own(_row(customer, instruction_id), customer)


def refuse_while_held(instruction: Instruction) -> None:
    """Raises Held while something has to be answered or waited for before a code may be sent."""
    instruction_kinds.get(instruction.kind).hold(instruction)


def refuse_if_stopped(instruction: Instruction) -> None:
    """What can't be done just now, asked before a code is sent and again when it is done.

    Raises accounts.freezing.errors.Frozen for what waits while its customer has stopped everything, limits.JustBackIn
    for what lets more leave later, in the 24 hours after a new password.
    """
    kind = instruction_kinds.get(instruction.kind)
    if kind.stops_with_a_freeze:
        frozen.refuse_if_frozen(instruction.customer_id)
    if kind.opens:
        limits.refuse_just_back_in(instruction.customer)


def is_new_payee(instruction: Instruction) -> bool:
    """Whether the customer never before paid this receiver through the portal."""
    return bool(instruction.payee_key) and not has_paid(instruction.customer_id, instruction.payee_key)


def has_paid(customer_id: int, payee_key: str) -> bool:
    """Whether a payment of this customer to that receiver was posted and not taken back.

    A reversed one makes nobody known: it may have been the fraud that the code was there to stop.
    """
    found = sql.run(
        "SELECT 1 FROM portal_instruction i JOIN portal_posting p ON p.instruction_id = i.id"
        " LEFT JOIN portal_posting r ON r.reverses_id = p.id"
        " WHERE i.customer_id = %s AND i.state = %s AND i.payee_key = %s AND r.id IS NULL LIMIT 1",
        [customer_id, Instruction.State.POSTED, payee_key],
    )
    return bool(found)


def needs_step_up(instruction: Instruction, *, room: limits.Room | None = None, is_new: bool | None = None) -> bool:
    """Whether confirming now would ask for a code. For the review page's words; the ledger decides under its lock.

    `room` where it is known already what may go without one, `is_new` where `is_new_payee` was asked already.
    """
    if _is_stepped_up(instruction):
        return False
    if instruction_kinds.get(instruction.kind).is_act:
        return True
    if not instruction.payee_key:
        return False
    if is_new_payee(instruction) if is_new is None else is_new:
        return True
    if room is not None and room.without_code is not None:
        return instruction.amount > room.without_code
    today = clock.today()
    allowance = limits.value(Limit.Code.STEP_UP_ALLOWANCE, tier=instruction.customer.kyc_tier, on=today)
    used = limits.used(instruction.customer, Limit.Code.STEP_UP_ALLOWANCE, today)
    return instruction.amount > allowance - used


@money_operation
def approve(*, customer: BranchCustomer, instruction_id: uuid.UUID) -> None:
    """Note that the right code was given for this very content; good for five minutes."""
    instruction = _own(ledger.lock_instruction(instruction_id), customer)
    _refuse_unless_open(instruction)
    instruction.stepped_up_at = clock.now()
    instruction.save(update_fields=["stepped_up_at"])


@money_operation
def confirm(*, customer: BranchCustomer, instruction_id: uuid.UUID, actor: Actor) -> Receipt:
    """Do it, once. The second call returns the first receipt.

    Raises StepUpRequired when a code is due, Held before that, InstructionExpired, InstructionCancelled, or whatever
    the executor and the ledger refuse with; then nothing has changed.
    """
    instruction = _own(ledger.lock_instruction(instruction_id), customer, is_act=False)
    if instruction.state == Instruction.State.POSTED:
        return ledger.receipt_of(_posting(instruction))
    _refuse_unless_open(instruction)
    if instruction.content_hash != content_hash(instruction):
        raise ledger.ContentChanged()
    kind = instruction_kinds.get(instruction.kind)
    if is_new_payee(instruction):
        refuse_if_stopped(instruction)  # no question and no code for what can't go; the ledger decides under its lock
        kind.hold(instruction)
        if not _is_stepped_up(instruction):
            raise StepUpRequired()
    try:
        done: Receipt = kind.execute(instruction, actor)
    except limits.AllowanceExceeded:
        raise StepUpRequired() from None
    return done


@money_operation
def carry_out(*, customer: BranchCustomer, instruction_id: uuid.UUID, actor: Actor) -> None:
    """Do an act, once, with the right code given for this very content; nothing happens the second time.

    Raises StepUpRequired, ActIsOver, or what the executor refuses with.
    """
    instruction = _own(ledger.lock_instruction(instruction_id), customer, is_act=True)
    if instruction.state == Instruction.State.DONE:
        return
    _refuse_unless_open(instruction)
    if instruction.content_hash != content_hash(instruction):
        raise ActIsOver()
    refuse_if_stopped(instruction)
    if not _is_stepped_up(instruction):
        raise StepUpRequired()
    instruction_kinds.get(instruction.kind).execute(instruction, actor)
    instruction.state = Instruction.State.DONE
    instruction.posted_at = clock.now()
    instruction.save(update_fields=["state", "posted_at"])
    record("instruction.done", actor=actor, customer_id=customer.user_id, subject=f"instruction:{instruction.id}")


@money_operation
def cancel(*, customer: BranchCustomer, instruction_id: uuid.UUID, actor: Actor) -> None:
    """Give up a draft. Nothing happens to one that is cancelled already; a posted one stays posted."""
    instruction = _own(ledger.lock_instruction(instruction_id), customer)
    if instruction.state == Instruction.State.DRAFT:
        instruction.state = Instruction.State.CANCELLED
        instruction.save(update_fields=["state"])
        instruction_kinds.get(instruction.kind).cancelled(instruction)
        record("instruction.cancelled", actor=actor, subject=f"instruction:{instruction.id}")


def forget_undone(before: datetime, *, most: int = 1000) -> int:
    """Delete drafts and cancelled instructions that expired before `before`; how many. What was done stays."""
    states = Instruction.State
    undone = Instruction.objects.filter(state__in=[states.DRAFT, states.CANCELLED], expires_at__lt=before)
    return Instruction.objects.filter(id__in=list(undone.values_list("id", flat=True)[:most])).delete()[0]


def receipt(instruction: Instruction) -> Receipt:
    """The receipt of a posted instruction; Http404 when it has not been posted.

    To be shown or issued: raises NotAsPosted where the tables no longer say what was posted.
    """
    posting = _posting(instruction)
    proving.refuse_unless_as_posted(posting)
    return ledger.receipt_of(posting)


def _posting(instruction: Instruction) -> Posting:
    posting = Posting.objects.filter(instruction_id=instruction.id).first()
    if posting is None:
        raise Http404
    return posting


def _row(customer: BranchCustomer, instruction_id: uuid.UUID) -> Instruction | None:
    return Instruction.objects.filter(id=instruction_id, customer_id=customer.user_id).first()


def _own(instruction: Instruction | None, customer: BranchCustomer, *, is_act: bool | None = None) -> Instruction:
    """The row if it is the customer's and of that sort (None: of any); Http404 otherwise."""
    if instruction is None or instruction.customer_id != customer.user_id or instruction.kind not in instruction_kinds:
        raise Http404
    if is_act is not None and instruction_kinds.get(instruction.kind).is_act != is_act:
        raise Http404
    return instruction


def _refuse_unless_open(instruction: Instruction) -> None:
    is_act = instruction_kinds.get(instruction.kind).is_act
    if instruction.state == Instruction.State.CANCELLED:
        raise ActIsOver() if is_act else InstructionCancelled()
    if instruction.state == Instruction.State.DRAFT and instruction.expires_at <= clock.now():
        raise ActIsOver() if is_act else InstructionExpired()


def _is_stepped_up(instruction: Instruction) -> bool:
    return rules.step_up_is_fresh(instruction.stepped_up_at, clock.now())
