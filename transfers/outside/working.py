"""The worker's part: hand each payment to its rail once, and ask about those of which nobody knows.

A payment is claimed in a transaction of its own, the rail is called outside of any, and what it said is written under a
lock on the row as it stands then. Whoever is killed in between leaves a claim that runs out: what was being sent is
then unknown, and is asked about instead of being sent again.

No order leaves later than RAIL_SECONDS after its claim, and none without a last look whether the claim still stands;
what may have left is written down first. Money goes back without a refusal only where nothing can still arrive.
"""

import logging
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.ledger import money_operation
from transfers.models import Payment
from transfers.outside import finishing, held, rails
from transfers.outside.held import LATE_ARRIVAL
from transfers.outside.stopping import heed as heed_refusal
from wekeza_portal import clock, http
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.rails.wire import RAIL_SECONDS
from wekeza_portal.stopping import stopping

logger = logging.getLogger(__name__)
State = Payment.State

CLAIM = timedelta(seconds=60)
"""How long a payment is one worker's; three times what a call to a rail may take (RAIL_SECONDS)."""
WORK_SECONDS = 10.0
"""How long one round goes on claiming; the call under way may take RAIL_SECONDS more."""
ASK_AGAIN = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=60))
"""After how long nobody's knowing is asked about; after the last of these people look at it too."""
TAKES_LONG = timedelta(minutes=5)
"""After how long its payer reads that this takes longer than usual, and by when people look at it."""
SEND_AGAIN = timedelta(seconds=15)
"""After how long a payment that certainly never reached its rail is sent again, under the same id."""
GIVEN_UP = timedelta(minutes=10)
"""After how long such a payment goes back to its payer instead."""
ON_ITS_WAY = timedelta(seconds=30)
"""How long a call may still be under way: before that no "never had it" is believed, not even to send it again."""


ASKED = "asked_"
"""How the names of ids begin that belong to a question about the order, not to the order."""


class Claimed(NamedTuple):
    payment: Payment
    is_new: bool
    """To be sent; otherwise to be asked about."""


def work(limit: int = 20, seconds: float = WORK_SECONDS) -> int:
    """Send or ask about up to `limit` payments that are due; how many. Safe with several workers.

    Claims none any more after `seconds`, or once the worker is told to stop: a slow company keeps it from neither.
    """
    handled, ends = 0, time.monotonic() + seconds
    while handled < limit and time.monotonic() < ends and not stopping.is_set():
        claimed = _claim_next()
        if claimed is None:
            break
        handled += 1
        take_note(claimed.payment, _call(claimed), asked=not claimed.is_new)
    return handled


def _call(claimed: Claimed) -> Outcome:
    payment = claimed.payment
    with http.within(RAIL_SECONDS):
        if claimed.is_new:
            return rails.send(payment, may_leave=lambda: _may_leave(payment))
        return rails.enquire(payment)


def _may_leave(payment: Payment) -> bool:
    """Whether the claim under which `payment` was taken still stands; if so, its order counts as having left.

    Asked immediately before it does. A process that stood still after its claim gets a no: others may have asked since.
    """
    now = clock.now()
    claimed_until = payment.due_at
    if claimed_until is None or now >= claimed_until - CLAIM + timedelta(seconds=RAIL_SECONDS):
        return False
    ours = Payment.objects.filter(pk=payment.pk, state=State.SENDING, sends=payment.sends, due_at=claimed_until)
    return bool(ours.update(sent_at=now))


def people_look_by(payment: Payment) -> datetime:
    """When the last enquiry of a payment that was sent is due, after which people look at it. EAT."""
    waits = rails.ask_after(payment.rail) or ASK_AGAIN
    next_at = max(clock.now(), payment.due_at or clock.now())
    return next_at + sum(waits[payment.enquiries + 1 :], timedelta())


def enquire_now(payment: Payment) -> Outcome:
    """Ask the rail about one payment at once, as staff may; what it says is noted like any answer."""
    with http.within(RAIL_SECONDS):
        outcome = rails.enquire(payment)
    take_note(payment, outcome, asked=True)
    return outcome


def note(payment: Payment, outcome: Outcome, *, asked: bool) -> None:
    """Write down what a rail said of a payment, in an answer or a callback, in any order and however often.

    Inside a money operation. `payment` is the row as it stood when the rail was called; `asked`: it answers an enquiry.
    """
    if outcome.stops_rail:
        heed_refusal(payment, outcome)
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
        payment.state = State.SENDING
        payment.rail_ids = _without_questions(payment.rail_ids)  # what is still answered to them is overtaken
        payment.sends += 1
    else:
        payment.state = State.UNKNOWN if payment.state == State.SENDING else payment.state
        payment.enquiries += 1
    payment.due_at = now + CLAIM
    payment.save(update_fields=["state", "sends", "enquiries", "due_at", "rail_ids"])
    return Claimed(payment, is_new)


def _wait(payment: Payment, outcome: Outcome, *, asked: bool) -> None:
    """The rail has it, nobody knows, or it never had it: when to look again."""
    row = Payment.objects.select_for_update().get(pk=payment.pk)
    finishing.remember(row, outcome)
    says_nothing = not row.is_open or _says_nothing(row, payment, outcome, asked=asked)
    row.rail_ids = {**row.rail_ids, **_their_ids(outcome, asked=asked)}
    if says_nothing:
        row.save(update_fields=["rail_ids"])
        return
    if outcome.status is Status.NOT_SENT and not asked:
        row.sent_at = payment.sent_at  # as before this try, of which nothing has left
    if not _never_had_it(row, outcome, asked=asked):
        _ask_later(row, outcome, asked=asked)
    elif row.held_at is not None and asked and _nothing_arrives(row):  # held from now on like what has never left
        row.state, row.due_at, row.sent_at = State.RECEIVED, None, None
    elif row.held_at is None and clock.now() < row.received_at + GIVEN_UP:
        row.state, row.due_at = State.RECEIVED, clock.now() + SEND_AGAIN
    elif row.sent_at is None or (asked and _nothing_arrives(row)):
        row.save(update_fields=["sent_at", "rail_ids"])
        finishing.give_back(row.pk, replace(outcome, customer=outcome.customer or "later"))
        return
    else:  # to be asked once more, when nothing that has left can still arrive
        row.state, row.due_at = State.UNKNOWN, max(clock.now(), row.sent_at + LATE_ARRIVAL)
    row.reason_code = outcome.code[:30]
    row.save(update_fields=["state", "sent_at", "due_at", "with_staff_since", "rail_ids", "reason_code"])


def _nothing_arrives(row: Payment) -> bool:
    """Whether a "never had it" is final: nothing that has left can still arrive."""
    return row.sent_at is None or clock.now() >= row.sent_at + LATE_ARRIVAL


def _their_ids(outcome: Outcome, *, asked: bool) -> dict[str, str]:
    """Their ids; those of a question stand beside the order's own, never in their place.

    A "never had it" leaves none: it names the question that it answers, and that may not have been our last.
    """
    if outcome.status is Status.NOT_FOUND:
        return {}
    return {f"{ASKED}{name}" if asked else name: value for name, value in outcome.rail_ids.items()}


def _without_questions(rail_ids: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in rail_ids.items() if not name.startswith(ASKED)}


def _says_nothing(row: Payment, payment: Payment, outcome: Outcome, *, asked: bool) -> bool:
    """An answer that others have overtaken: what it speaks of is not how the payment stands now."""
    if asked:
        # Nothing of it is out there, so nobody was to know it; or it answers another question than our last one.
        return row.state == State.RECEIVED or _answers_another(row, outcome)
    overtaken = row.state != State.SENDING or row.sends != payment.sends
    return outcome.status is Status.NOT_SENT and overtaken


def _answers_another(row: Payment, outcome: Outcome) -> bool:
    """Whether a "never had it" names a question that was not our last: more may have been sent since it was asked."""
    question = outcome.rail_ids.get("conversation", "")
    return outcome.status is Status.NOT_FOUND and question not in ("", row.rail_ids.get(f"{ASKED}conversation"))


def _never_had_it(row: Payment, outcome: Outcome, *, asked: bool) -> bool:
    """Whether it is certain that the rail has nothing. Once it took an order, no "never heard of it" undoes that."""
    if not asked:
        return outcome.status is Status.NOT_SENT
    on_its_way = row.sent_at is not None and clock.now() < row.sent_at + ON_ITS_WAY
    return outcome.status is Status.NOT_FOUND and row.state == State.UNKNOWN and not on_its_way


def _ask_later(row: Payment, outcome: Outcome, *, asked: bool) -> None:
    has_it = outcome.status is Status.ACCEPTED and not asked  # to a question it only means that an answer will come
    row.state = State.SENT if has_it or row.state == State.SENT else State.UNKNOWN
    waits = rails.ask_after(row.rail) or ASK_AGAIN
    row.due_at = clock.now() + waits[min(row.enquiries, len(waits) - 1)]
    if row.enquiries >= len(waits) and row.with_staff_since is None:
        row.with_staff_since = clock.now()
        logger.error("payment %s over %s: nobody knows what became of it", row.reference, row.rail)
