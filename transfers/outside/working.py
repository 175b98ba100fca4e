"""The worker's part: hand each payment to its rail once, and ask about those of which nobody knows.

A payment is claimed in a transaction of its own, the rail is called outside of any, and what it said is written under a
lock on the row as it stands then. Whoever is killed in between leaves a claim that runs out: what was being sent is
then unknown, and is asked about instead of being sent again.
"""

import logging
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.ledger import money_operation
from transfers.models import Payment
from transfers.outside import finishing, rails
from wekeza_portal import clock
from wekeza_portal.rails.base import Answer, Outcome

logger = logging.getLogger(__name__)
State = Payment.State

CLAIM = timedelta(seconds=60)
"""How long one call may take before somebody else may look; longer than every time-out of a rail together."""
ASK_AGAIN = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=60))
"""After how long nobody's knowing is asked about; after the last of these people look at it too (security.md 52)."""
MOST_SENDS = 3
"""How often a payment that the rail says it never saw is sent again, each time under the same id."""


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
        answer = rails.send(claimed.payment) if claimed.is_new else rails.enquire(claimed.payment)
        take_note(claimed.payment, answer, asked=not claimed.is_new)
        handled += 1
    return handled


def enquire_now(payment: Payment) -> Answer:
    """Ask the rail about one payment at once, as staff may; what it says is noted like any answer."""
    answer = rails.enquire(payment)
    take_note(payment, answer, asked=True)
    return answer


def note(payment: Payment, answer: Answer, *, asked: bool) -> None:
    """Write down what a rail said of a payment, in an answer or a callback, in any order and however often.

    Inside a money operation. `asked`: whether it answers an enquiry.
    """
    if answer.outcome is Outcome.PAID:
        finishing.settle(payment.pk, answer)
    elif answer.outcome is Outcome.REFUSED:
        finishing.give_back(payment.pk, answer)
    else:
        _wait(payment, answer, asked=asked)


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


def _wait(payment: Payment, answer: Answer, *, asked: bool) -> None:
    """The rail has it, nobody knows, or it never saw it: when to look again."""
    row = Payment.objects.select_for_update().get(pk=payment.pk)
    if not row.is_open:
        return  # a callback was quicker
    now = clock.now()
    if answer.outcome is Outcome.NOT_FOUND and asked and row.sends < MOST_SENDS:
        row.state, row.due_at = State.RECEIVED, now
    else:
        known = answer.outcome is Outcome.ACCEPTED
        row.state = State.SENT if known or (row.state == State.SENT and not asked) else State.UNKNOWN
        row.due_at = now + ASK_AGAIN[min(row.enquiries, len(ASK_AGAIN) - 1)]
        if row.enquiries >= len(ASK_AGAIN) and row.with_staff_since is None:
            row.with_staff_since = now
            logger.error("payment %s over %s: nobody knows what became of it", row.reference, row.rail)
    row.rail_id = answer.rail_id or row.rail_id
    row.reason_code = answer.code[:30]
    row.save(update_fields=["state", "due_at", "with_staff_since", "rail_id", "reason_code"])
