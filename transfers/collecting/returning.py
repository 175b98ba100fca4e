"""Giving nobody's money back to who paid it: M-Pesa is asked until it says that it did, or that it can't.

M-Pesa gives one receipt back once: asked again it says that it has, so asking again is safe. Only the answer to a first
question can say that it went nowhere: after a second one, in whatever round, a refusal may be about that one alone, and
people find out.
"""

import logging
import time
import uuid

from django.db import connection, transaction

from accounts import ledger
from accounts.books.receiving import Arrival
from accounts.ledger import Leg, Side, money_operation
from transfers.collecting import calling
from transfers.collecting.crediting import RAIL
from transfers.collecting.kinds import GIVEN_BACK, NOSTRO, SUSPENSE
from transfers.models import Deposit, Incoming
from transfers.outside.working import ASK_AGAIN, CLAIM, WORK_SECONDS
from wekeza_portal import clock, http
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.rails.wire import RAIL_SECONDS
from wekeza_portal.stopping import stopping

logger = logging.getLogger(__name__)
State = Incoming.State
ASKED_ENOUGH = len(ASK_AGAIN)
"""After so many questions people may say what became of it."""


def work(limit: int = 10, seconds: float = WORK_SECONDS) -> int:
    """Ask M-Pesa about up to `limit` that are due; how many. Safe with several workers."""
    handled, ends = 0, time.monotonic() + seconds
    while handled < limit and time.monotonic() < ends and not stopping.is_set():
        row = _claim_next()
        if row is None:
            break
        handled += 1
        with http.within(RAIL_SECONDS):
            outcome = calling.give_back(row)
        take_note(row, outcome)
    return handled


def _claim_next() -> Incoming | None:
    due = Incoming.objects.filter(state=State.SENDING, due_at__lte=clock.now())
    if not due.exists():
        return None
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        row = due.select_for_update(skip_locked=skip).order_by("due_at", "pk").first()
        if row is not None:
            row.was_unclear = row.was_unclear or row.tries > 0  # what was asked before has not ended it
            row.due_at, row.tries = clock.now() + CLAIM, row.tries + 1
            row.save(update_fields=["due_at", "tries", "was_unclear"])
        return row


def note(found: Incoming, outcome: Outcome) -> None:
    """Write down what M-Pesa said, once; inside a money operation. A refusal leaves the money where it is.

    That it went back is believed also where we had given up asking; on an account by then, it is for people.
    """
    row = Incoming.objects.select_for_update().get(pk=found.pk)
    is_paid = outcome.status is Status.PAID and outcome.amount in (None, row.amount)
    if is_paid and row.state in (State.CREDITED, State.MATCHED):
        _contradict(row, outcome)
    if row.state != State.SENDING and not (is_paid and row.state == State.SUSPENSE):
        return
    row.reason_code = outcome.code[:30]
    if is_paid:
        end_as_returned(row)
    elif outcome.status is Status.REFUSED and not row.was_unclear:
        row.state, row.due_at = State.SUSPENSE, None
        logger.error("money %s could not be given back: %s %s", row.reference, outcome.code, outcome.reason)
    else:
        row.due_at = clock.now() + ASK_AGAIN[min(row.tries, len(ASK_AGAIN)) - 1 if row.tries else 0]
    row.save(update_fields=["state", "due_at", "reason_code", "ended_reference", "finished_at"])


take_note = money_operation(note)


def _contradict(row: Incoming, outcome: Outcome) -> None:
    """It is on a customer's account and M-Pesa says that it went back: nothing moves, and people find out."""
    if row.contradicted_at is None:
        row.contradicted_at = clock.now()
        row.save(update_fields=["contradicted_at"])
    logger.error("money %s is %s, and M-Pesa says that it gave it back: %s", row.reference, row.state, outcome.code)


def is_with_people(row: Incoming) -> bool:
    """Whether M-Pesa was asked often enough for people to say what became of it."""
    return row.state == State.SENDING and row.tries > ASKED_ENOUGH


def end_as_returned(row: Incoming) -> None:
    """Take it out of suspense: it went back to who paid. The caller saves the locked row; in a money operation."""
    says = {"incoming": str(row.pk), "receipt": row.receipt or "", "note": ""}
    receipt = ledger.receive(
        arrival=Arrival(str(row.pk), row.amount, says=says),
        kind=GIVEN_BACK,
        legs=[Leg(Side.DEBIT, row.amount, internal=SUSPENSE), Leg(Side.CREDIT, row.amount, internal=NOSTRO)],
        actor=RAIL,
    )
    row.state, row.ended_reference = State.RETURNED, receipt.reference
    row.finished_at, row.due_at = receipt.posted_at, None
    if row.deposit_id is not None:
        _end_deposit(row.deposit_id)


def _end_deposit(deposit_id: uuid.UUID) -> None:
    """A deposit whose money was held is over: nothing of it is with the bank any more."""
    deposit = Deposit.objects.select_for_update().get(pk=deposit_id)
    if deposit.state == Deposit.State.HELD:
        deposit.state, deposit.finished_at = Deposit.State.REFUSED, clock.now()
        deposit.with_staff_since, deposit.reason = None, "given_back"
        deposit.save(update_fields=["state", "finished_at", "with_staff_since", "reason"])
