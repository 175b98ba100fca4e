"""Payments out of the bank that are held back: posted, not sent, because their payer stopped everything.

The money has left the account and waits in the rail's internal account, as for every payment on its way; the row says
HELD and is due to nobody. It ends in one of two ways. Its payer takes it back, at once and without a code, and it is
returned by posting. Or, once nothing is stopped any more, its payer sends it after all, with a code: then the worker
sends it like any other, once. What nobody decides about goes back after the days of HELD_BACK_DAYS. Nothing is ever
sent by itself: of all payments, the last ones before a stop are the ones to look at.
"""

import uuid
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts import instructions, limits
from accounts.freezing.state import freeze_of, refuse_if_frozen
from accounts.ledger import money_operation
from accounts.models import BranchCustomer, Instruction, Limit
from transfers.models import Payment
from transfers.outside import finishing
from wekeza_portal import clock
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO
from wekeza_portal.rails.base import Outcome, Status

SEND = "PAYMENT_SEND_HELD"
TAKEN_BACK = Outcome(Status.REFUSED, "TAKEN_BACK", "taken back by its payer", "taken_back")
WAITED_TOO_LONG = Outcome(Status.REFUSED, "HELD_TOO_LONG", "held back until the days were over", "held_too_long")
State = Payment.State
LATE_ARRIVAL = timedelta(minutes=5)
"""How long what has left may still arrive, from a queue on the way: before that no "never had it" is the last word."""


class NotHeld(PortalError):
    code = "not_held"
    message = _("This payment is not held back any more. Look at what became of it.")


def hold_back(customer_id: int) -> int:
    """Keep back everything of this customer that is not sent yet; how many. In the operation that stops everything.

    Under a lock on each row: a worker that claimed one first is sending it, and one that comes later finds it held.
    """
    now, held = clock.now(), 0
    for payment in _with_us(Payment.objects.filter(customer_id=customer_id)):
        held += _hold(payment, since=now)
    return held


def keep_back(payment: Payment) -> bool:
    """Whether this payment must not be sent: its payer has stopped everything. Then it is held, under its lock, or
    asked about first where some order of it has left.

    Asked by the worker for each one it is about to send: what came back unsent during a stop stays here too.
    """
    freeze = freeze_of(payment.customer_id)
    return freeze is not None and _hold(payment, since=clock.now())


def _hold(payment: Payment, *, since: Any) -> bool:
    if payment.held_at is not None:
        return False
    payment.held_at, payment.due_at = since, None
    if payment.sent_at is not None:  # some order of it has left and may still arrive: asked about before it is held
        payment.state, payment.due_at = State.UNKNOWN, max(clock.now(), payment.sent_at + LATE_ARRIVAL)
    payment.save(update_fields=["state", "held_at", "due_at"])
    subject = f"payment:{payment.reference}"
    record("payment.held_back", actor=system("freeze"), customer_id=payment.customer_id, subject=subject)
    return True


def _with_us(rows: QuerySet[Payment]) -> QuerySet[Payment]:
    return rows.select_for_update().filter(state=State.RECEIVED).order_by("pk")


def shown(customer: BranchCustomer) -> list[Payment] | None:
    """What is held back of this customer, oldest first, for their page; None for nothing."""
    rows = Payment.objects.filter(customer_id=customer.user_id, state=State.RECEIVED, held_at__isnull=False)
    return list(rows.order_by("received_at", "pk")) or None


@money_operation
def take_back(customer: BranchCustomer, payment_id: uuid.UUID, actor: Actor) -> None:
    """Give amount and fee back, once; nothing happens where they are back already.

    Http404 for somebody else's, NotHeld for one that was sent meanwhile.
    """
    payment = _of(customer, payment_id)
    if payment.state == State.RETURNED:
        return
    if not payment.is_held:
        raise NotHeld()
    finishing.give_back(payment.pk, TAKEN_BACK, actor)
    _note(payment, "payment.taken_back", actor)


def prepare_sending(customer: BranchCustomer, payment_id: uuid.UUID) -> Instruction:
    """A draft of sending it after all, to be confirmed with a code. Raises Http404, NotHeld or Frozen."""
    payment = Payment.objects.filter(customer_id=customer.user_id, pk=payment_id).first()
    if payment is None:
        raise Http404
    if not payment.is_held:
        raise NotHeld()
    refuse_if_frozen(customer.user_id)
    paid = instructions.get(customer, payment_id)
    receiver = {name: paid.payload[name] for name in ("to_name", "to_name_by", "to_at", "to_number", "values")}
    payload = {"payment": str(payment_id), "amount": str(payment.amount), **receiver}
    return instructions.draft(
        customer=customer, kind=SEND, payload=payload, amount=ZERO, fee=ZERO, fee_row_id=None, payee_key=""
    )


def send_after_all(instruction: Instruction, actor: Actor) -> None:
    """The code was right: it is the worker's again. Raises NotHeld, or Frozen as the rows stand under its lock."""
    payment = _of(instruction.customer, uuid.UUID(instruction.payload["payment"]))
    if not payment.is_held:
        raise NotHeld()
    refuse_if_frozen(payment.customer_id)
    payment.held_at, payment.due_at = None, clock.now()
    payment.save(update_fields=["held_at", "due_at"])
    _note(payment, "payment.sent_after_all", actor)


def return_old(day: date) -> int:
    """Give back what was held for longer than HELD_BACK_DAYS before `day`; how many. A job, safe with two runners."""
    days = int(limits.value(Limit.Code.HELD_BACK_DAYS, tier="", on=day))
    before = clock.midnight(day) - timedelta(days=days)
    old = Payment.objects.filter(state=State.RECEIVED, held_at__lt=before)
    return sum(_return_if_old(key, before) for key in list(old.values_list("pk", flat=True)[:500]))


@money_operation
def _return_if_old(payment_id: uuid.UUID, before: Any) -> bool:
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    if not payment.is_held or payment.held_at is None or payment.held_at >= before:
        return False
    return finishing.give_back(payment.pk, WAITED_TOO_LONG)


def _of(customer: BranchCustomer, payment_id: uuid.UUID) -> Payment:
    payment = Payment.objects.select_for_update().filter(customer_id=customer.user_id, pk=payment_id).first()
    if payment is None:
        raise Http404
    return payment


def _note(payment: Payment, verb: str, actor: Actor) -> None:
    record(verb, actor=actor, customer_id=payment.customer_id, subject=f"payment:{payment.reference}")
