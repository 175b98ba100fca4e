"""The worker's part: hand each payment to its rail once, and ask about those of which nobody knows.

A payment is claimed in a transaction of its own, the rail is called outside of any, and what it said is written under a
lock on the row as it stands then. Whoever is killed in between leaves a claim that runs out: what was being sent is
then unknown, and is asked about instead of being sent again.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.ledger import money_operation
from transfers.models import Payment
from transfers.outside import finishing, rails
from wekeza_portal import clock
from wekeza_portal.rails.base import Outcome, Status

logger = logging.getLogger(__name__)
State = Payment.State

CLAIM = timedelta(seconds=60)
"""How long one call may take before somebody else may look; longer than every time-out of a rail together."""
ASK_AGAIN = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=60))
"""After how long nobody's knowing is asked about; after the last of these people look at it too (security.md 52)."""
SEND_AGAIN = timedelta(seconds=15)
"""After how long a payment that certainly never reached its rail is sent again, under the same id."""
GIVEN_UP = timedelta(minutes=10)
"""After how long such a payment goes back to its payer instead."""


class Claimed(NamedTuple):
    payment: Payment
    is_new: bool
    """To be sent; otherwise to be asked about."""


def work(limit: int = 20) -> int:
    """Send or ask about up to `limit` payments that are due; how many. Safe with several workers."""
    handled = 0
    while handled < limit:
        claimed = _claim_next()
        if claimed is None:
            break
        outcome = rails.send(claimed.payment) if claimed.is_new else rails.enquire(claimed.payment)
        take_note(claimed.payment, outcome, asked=not claimed.is_new)
        handled += 1
    return handled


def enquire_now(payment: Payment) -> Outcome:
    """Ask the rail about one payment at once, as staff may; what it says is noted like any answer."""
    outcome = rails.enquire(payment)
    take_note(payment, outcome, asked=True)
    return outcome


def note(payment: Payment, outcome: Outcome, *, asked: bool) -> None:
    """Write down what a rail said of a payment, in an answer or a callback, in any order and however often.

    Inside a money operation. `asked`: whether it outcomes an enquiry.
    """
    if outcome.status is Status.PAID:
        finishing.settle(payment.pk, outcome)
    elif outcome.status is Status.REFUSED:
        finishing.give_back(payment.pk, outcome)
    else:
        _wait(payment, outcome, asked=asked)


take_note = money_operation(note)


def _due(now: datetime) -> QuerySet[Payment]:
    return Payment.objects.filter(state__in=Payment.OPEN, due_at__lte=now)


def _claim_next() -> Claimed | None:
    if not _due(clock.now()).exists():  # a look first: an idle worker takes no write lock
        return None
    with transaction.atomic():
        now = clock.now()
        skip = connection.features.has_select_for_update_skip_locked
        payment = _due(now).select_for_update(skip_locked=skip).order_by("due_at", "pk").first()
        if payment is None:
            return None
        is_new = payment.state == State.RECEIVED
        if is_new:
            payment.state, payment.sent_at = State.SENDING, now
            payment.sends += 1
        else:
            payment.state = State.UNKNOWN if payment.state == State.SENDING else payment.state
            payment.enquiries += 1
        payment.due_at = now + CLAIM
        payment.save(update_fields=["state", "sent_at", "sends", "enquiries", "due_at"])
        return Claimed(payment, is_new)


def _wait(payment: Payment, outcome: Outcome, *, asked: bool) -> None:
    """The rail has it, nobody knows, or it never had it: when to look again."""
    row = Payment.objects.select_for_update().get(pk=payment.pk)
    if not row.is_open:
        return  # a callback was quicker
    never_had_it = (outcome.status is Status.NOT_SENT and not asked) or (outcome.status is Status.NOT_FOUND and asked)
    if never_had_it and clock.now() >= row.received_at + GIVEN_UP:
        finishing.give_back(payment.pk, replace(outcome, customer=outcome.customer or "later"))
        return
    if never_had_it:
        row.state, row.due_at = State.RECEIVED, clock.now() + SEND_AGAIN
    else:
        _ask_later(row, outcome, asked=asked)
    row.rail_ids = {**row.rail_ids, **outcome.rail_ids}
    row.reason_code = outcome.code[:30]
    row.save(update_fields=["state", "due_at", "with_staff_since", "rail_ids", "reason_code"])


def _ask_later(row: Payment, outcome: Outcome, *, asked: bool) -> None:
    has_it = outcome.status is Status.ACCEPTED and not asked  # to a question it only means that an answer will come
    row.state = State.SENT if has_it or row.state == State.SENT else State.UNKNOWN
    waits = rails.ask_after(row.rail) or ASK_AGAIN
    row.due_at = clock.now() + waits[min(row.enquiries, len(waits) - 1)]
    if row.enquiries >= len(waits) and row.with_staff_since is None:
        row.with_staff_since = clock.now()
        logger.error("payment %s over %s: nobody knows what became of it", row.reference, row.rail)
