"""The worker's part of deposits: ask each phone once, and ask M-Pesa about those of which nobody knows.

As with payments out of the bank: claimed in a transaction of its own, M-Pesa called outside of any, its answer written
under a lock on the row. A prompt is never sent a second time: what may have left is asked about.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.ledger import money_operation
from transfers.collecting import calling, crediting
from transfers.collecting.crediting import Word
from transfers.collecting.preparing import OFF_CODES
from transfers.models import Deposit, Incoming
from transfers.outside.working import ASK_AGAIN, CLAIM, SEND_AGAIN, WORK_SECONDS
from wekeza_portal import clock, http
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.rails.wire import RAIL_SECONDS
from wekeza_portal.staff import switches
from wekeza_portal.stopping import stopping

logger = logging.getLogger(__name__)
State = Deposit.State

GIVEN_UP = timedelta(minutes=2)
"""For how long a prompt that never left is tried again: the customer waits beside the phone."""


class Claimed(NamedTuple):
    deposit: Deposit
    is_new: bool
    """To be sent; otherwise to be asked about."""


def work(limit: int = 20, seconds: float = WORK_SECONDS) -> int:
    """Send or ask about up to `limit` deposits that are due; how many. Safe with several workers."""
    handled, ends = 0, time.monotonic() + seconds
    while handled < limit and time.monotonic() < ends and not stopping.is_set():
        claimed = _claim_next()
        if claimed is None:
            break
        handled += 1
        take_note(claimed.deposit, _call(claimed), asked=not claimed.is_new)
    return handled


def enquire_now(deposit: Deposit) -> Outcome:
    """Ask M-Pesa about one deposit at once, as staff may; what it says is noted like any answer."""
    outcome = _ask(deposit)
    take_note(deposit, outcome, asked=True)
    return outcome


def _call(claimed: Claimed) -> Outcome:
    deposit = claimed.deposit
    if not claimed.is_new:
        return _ask(deposit)
    if switches.off_rows(OFF_CODES):
        return Outcome(Status.REFUSED, "off", "switched off before it was sent", "off")
    with http.within(RAIL_SECONDS):
        return calling.send(deposit, may_leave=lambda: _may_leave(deposit))


def _ask(deposit: Deposit) -> Outcome:
    if not deposit.checkout:
        return Outcome(Status.UNKNOWN, "no id", "M-Pesa gave no id to ask by", "later")
    with http.within(RAIL_SECONDS):
        return calling.enquire(deposit)


def _may_leave(deposit: Deposit) -> bool:
    """Whether the claim still stands, asked immediately before the prompt leaves; if so, it counts as having left."""
    now, claimed_until = clock.now(), deposit.due_at
    if claimed_until is None or now >= claimed_until - CLAIM + timedelta(seconds=RAIL_SECONDS):
        return False
    ours = Deposit.objects.filter(pk=deposit.pk, state=State.SENDING, due_at=claimed_until)
    return bool(ours.update(sent_at=now))


def note(deposit: Deposit, outcome: Outcome, *, asked: bool) -> None:
    """Write down what M-Pesa said, in any order and however often; inside a money operation."""
    row = Deposit.objects.select_for_update().get(pk=deposit.pk)
    checkout = outcome.rail_ids.get("checkout", "")
    if checkout and not row.checkout:
        row.checkout = checkout
        row.save(update_fields=["checkout"])
    if outcome.status is Status.PAID:
        crediting.for_deposit(row, word_of(row, outcome))
    elif outcome.status is Status.REFUSED:
        refuse(row, outcome)
    elif row.is_open:
        _wait(row, outcome, asked=asked)


take_note = money_operation(note)


def word_of(deposit: Deposit, outcome: Outcome) -> Word:
    """What M-Pesa says was paid at a prompt; its answer to a question names no amount: then it is what was asked."""
    amount = deposit.amount if outcome.amount is None else outcome.amount
    return Word(Incoming.Way.PROMPT, amount, outcome.receipt, phone=deposit.msisdn)


def refuse(row: Deposit, outcome: Outcome) -> None:
    """M-Pesa says that nothing was paid. Nothing of ours has moved; after it said the opposite people look."""
    if row.state in (State.RECEIVED, State.HELD):
        crediting.contradict(row, outcome.code)
        return
    if not row.is_open:
        return
    row.state, row.finished_at, row.due_at = State.REFUSED, clock.now(), None
    row.with_staff_since = None
    row.reason_code, row.reason = outcome.code[:30], outcome.customer[:30]
    row.save(update_fields=["state", "finished_at", "due_at", "with_staff_since", "reason_code", "reason"])


def _due(now: datetime) -> QuerySet[Deposit]:
    return Deposit.objects.filter(state__in=Deposit.OPEN, due_at__lte=now)


def _claim_next() -> Claimed | None:
    if not _due(clock.now()).exists():  # a look first: an idle worker takes no write lock
        return None
    with transaction.atomic():
        now = clock.now()
        skip = connection.features.has_select_for_update_skip_locked
        row = _due(now).select_for_update(skip_locked=skip).order_by("due_at", "pk").first()
        if row is None:
            return None
        is_new = row.state == State.ASKED
        if is_new:
            row.state = State.SENDING
        else:
            row.state = State.UNKNOWN if row.state == State.SENDING else row.state
            row.enquiries += 1
        row.due_at = now + CLAIM
        row.save(update_fields=["state", "enquiries", "due_at"])
        return Claimed(row, is_new)


def _wait(row: Deposit, outcome: Outcome, *, asked: bool) -> None:
    """M-Pesa has it, nobody knows, or it never left: when to look again."""
    if outcome.status is Status.NOT_SENT and not asked:
        _never_left(row, outcome)
        return
    if asked and row.state in (State.ASKED, State.SENDING):
        return  # staff asked about what no phone shows yet
    if outcome.status is Status.ACCEPTED:
        row.state = State.PROMPTED
    elif row.state != State.PROMPTED:
        row.state = State.UNKNOWN
    row.due_at = clock.now() + ASK_AGAIN[min(row.enquiries, len(ASK_AGAIN) - 1)]
    row.reason_code = outcome.code[:30]
    if row.enquiries >= len(ASK_AGAIN) and row.with_staff_since is None:
        row.state, row.with_staff_since = State.UNKNOWN, clock.now()
        logger.error("deposit %s: nobody knows what became of it", row.reference)
    row.save(update_fields=["state", "due_at", "reason_code", "with_staff_since"])


def _never_left(row: Deposit, outcome: Outcome) -> None:
    """Overtaken by a claim that ran out, it says nothing: then the prompt may have left after all."""
    if row.state != State.SENDING:
        return
    if clock.now() >= row.asked_at + GIVEN_UP:
        refuse(row, outcome)
        return
    row.state, row.sent_at, row.due_at = State.ASKED, None, clock.now() + SEND_AGAIN
    row.reason_code = outcome.code[:30]
    row.save(update_fields=["state", "sent_at", "due_at", "reason_code"])
