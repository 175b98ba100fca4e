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
from transfers.outside import finishing, held, rails, stopping
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
ON_ITS_WAY = timedelta(seconds=30)
"""How long a call may still be under way: before that nobody's "never had it" is believed, nor a claim begun upon."""


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
        handled += 1
        if _was_asleep(claimed):
            continue
        outcome = rails.send(claimed.payment) if claimed.is_new else rails.enquire(claimed.payment)
        take_note(claimed.payment, outcome, asked=not claimed.is_new)
    return handled


def enquire_now(payment: Payment) -> Outcome:
    """Ask the rail about one payment at once, as staff may; what it says is noted like any answer."""
    outcome = rails.enquire(payment)
    take_note(payment, outcome, asked=True)
    return outcome


def note(payment: Payment, outcome: Outcome, *, asked: bool) -> None:
    """Write down what a rail said of a payment, in an answer or a callback, in any order and however often.

    Inside a money operation. `payment` is the row as it stood when the rail was called; `asked`: it answers an enquiry.
    """
    if outcome.stops_rail:
        stopping.stop(payment.rail, outcome)
    if outcome.status is Status.PAID:
        finishing.settle(payment.pk, outcome)
    elif outcome.status is Status.REFUSED:
        finishing.give_back(payment.pk, outcome)
    else:
        _wait(payment, outcome, asked=asked)


take_note = money_operation(note)


def _was_asleep(claimed: Claimed) -> bool:
    """Whether this process stood still after its claim: others may have asked meanwhile, so nothing is sent any more.

    What was claimed is then asked about once the claim has run out, like anything whose sender died.
    """
    begun = claimed.payment.due_at
    return claimed.is_new and begun is not None and clock.now() > begun - CLAIM + ON_ITS_WAY


def _due(now: datetime) -> QuerySet[Payment]:
    return Payment.objects.filter(state__in=Payment.OPEN, due_at__lte=now)


def _claim_next() -> Claimed | None:
    """The next payment that is due, claimed. What its payer's stop holds back is put aside on the way, not sent."""
    while _due(clock.now()).exists():  # a look first: an idle worker takes no write lock
        with transaction.atomic():
            now = clock.now()
            skip = connection.features.has_select_for_update_skip_locked
            payment = _due(now).select_for_update(skip_locked=skip).order_by("due_at", "pk").first()
            if payment is None:
                return None
            if payment.state != State.RECEIVED or not held.keep_back(payment):
                return _claim(payment, now)
    return None


def _claim(payment: Payment, now: datetime) -> Claimed:
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
    finishing.remember(row, outcome)
    row.rail_ids = {**row.rail_ids, **_their_ids(outcome, asked=asked)}
    if not row.is_open or _says_nothing(row, payment, outcome, asked=asked):
        row.save(update_fields=["rail_ids"])
        return
    if not _never_had_it(row, outcome, asked=asked):
        _ask_later(row, outcome, asked=asked)
    elif clock.now() >= row.received_at + GIVEN_UP:
        finishing.give_back(row.pk, replace(outcome, customer=outcome.customer or "later"))
        return
    else:
        row.state, row.due_at = State.RECEIVED, clock.now() + SEND_AGAIN
    row.reason_code = outcome.code[:30]
    row.save(update_fields=["state", "due_at", "with_staff_since", "rail_ids", "reason_code"])


def _their_ids(outcome: Outcome, *, asked: bool) -> dict[str, str]:
    """Their ids; those of a question stand beside the order's own, never in their place."""
    return {f"asked_{name}" if asked else name: value for name, value in outcome.rail_ids.items()}


def _says_nothing(row: Payment, payment: Payment, outcome: Outcome, *, asked: bool) -> bool:
    """An answer that others have overtaken: what it speaks of is not how the payment stands now."""
    if asked:
        return row.state == State.RECEIVED  # nothing of it is out there, so nobody was to know it
    overtaken = row.state != State.SENDING or row.sends != payment.sends
    return outcome.status is Status.NOT_SENT and overtaken


def _never_had_it(row: Payment, outcome: Outcome, *, asked: bool) -> bool:
    """Whether it is certain that the rail has nothing. Once it took an order, no "never heard of it" undoes that."""
    if not asked:
        return outcome.status is Status.NOT_SENT
    arrived = row.sent_at is not None and clock.now() >= row.sent_at + ON_ITS_WAY
    return outcome.status is Status.NOT_FOUND and row.state == State.UNKNOWN and arrived


def _ask_later(row: Payment, outcome: Outcome, *, asked: bool) -> None:
    has_it = outcome.status is Status.ACCEPTED and not asked  # to a question it only means that an answer will come
    row.state = State.SENT if has_it or row.state == State.SENT else State.UNKNOWN
    waits = rails.ask_after(row.rail) or ASK_AGAIN
    row.due_at = clock.now() + waits[min(row.enquiries, len(waits) - 1)]
    if row.enquiries >= len(waits) and row.with_staff_since is None:
        row.with_staff_since = clock.now()
        logger.error("payment %s over %s: nobody knows what became of it", row.reference, row.rail)
