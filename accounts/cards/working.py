"""The worker's part: pass orders on to the processor, and tell it which cards are lost.

The row is the truth: it is claimed in a transaction of its own, the processor is called outside of any, and what it
said is written under a lock. The processor knows our ids, so who is killed in between asks the same again.
"""

import time
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts import ledger
from accounts.cards import telling
from accounts.cards.acts import note
from accounts.cards.authorising import ACTOR
from accounts.ledger import money_operation
from accounts.models import Card, Posting
from wekeza_portal import clock
from wekeza_portal.rails import cards as processor
from wekeza_portal.rails.cards import Said
from wekeza_portal.stopping import stopping

State = Card.State
CLAIM = timedelta(seconds=60)
"""Three times what a call may take (RAIL_SECONDS)."""
AGAIN = timedelta(seconds=30)
WORK_SECONDS = 10.0


def work(limit: int = 20) -> int:
    """Call the processor about up to `limit` cards that are due; how many. Safe with several workers."""
    handled, ends = 0, time.monotonic() + WORK_SECONDS
    while handled < limit and time.monotonic() < ends and not stopping.is_set():
        card = _claim_next()
        if card is None:
            break
        handled += 1
        if card.made_at is None:
            where = {"branch": card.branch_code, "address": card.delivered_to}
            said = processor.order(card.pk, kind=card.kind, name=card.name_on_card, **where)
            take_note_of_order(card, said)
        elif card.token:
            _take_note_of_end(card, processor.end(card.token, card.loss))
    return handled


def _due(now: datetime) -> QuerySet[Card]:
    return Card.objects.filter(due_at__lte=now)


def _claim_next() -> Card | None:
    if not _due(clock.now()).exists():  # a look first: an idle worker takes no write lock
        return None
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        card = _due(clock.now()).select_for_update(skip_locked=skip).order_by("due_at", "pk").first()
        if card is not None:
            card.due_at = clock.now() + CLAIM
            card.save(update_fields=["due_at"])
        return card


@money_operation
def take_note_of_order(claimed: Card, said: Said) -> None:
    """Write down what the processor said to an order, however often it is said."""
    card = Card.objects.select_for_update().get(pk=claimed.pk)
    if card.made_at is not None or card.state == State.REFUSED:
        return
    if said.refusal:
        _refuse(card, said)
    elif said.made is None:
        card.due_at = clock.now() + AGAIN
        card.save(update_fields=["due_at"])
    else:
        _made(card, said.made)


def _made(card: Card, made: processor.Made) -> None:
    now = clock.now()
    card.token, card.last_four, card.expires_on, card.made_at = made.token, made.last_four, made.expires_on, now
    card.due_at = now if card.state == State.LOST else None  # lost before it was made: that is still to be told
    is_ready = card.state == State.ORDERED and card.kind == Card.Kind.VIRTUAL
    if card.state == State.ORDERED:
        card.state = State.ACTIVE if is_ready else State.MAKING
        card.activated_at = now if is_ready else None
    card.save(update_fields=["token", "last_four", "expires_on", "made_at", "due_at", "state", "activated_at"])
    note("card.made", card, ACTOR)
    if is_ready:
        telling.changed(card, "activated", f"{card.pk}:made")


def _refuse(card: Card, said: Said) -> None:
    """It will not be made: what was paid for it goes back."""
    card.state, card.due_at = State.REFUSED, None
    card.save(update_fields=["state", "due_at"])
    posting = Posting.objects.filter(instruction_id=card.instruction_id).first() if card.instruction_id else None
    if posting is not None:
        ledger.reverse(posting=posting, reason="the card could not be made", actor=ACTOR)
    note("card.refused", card, ACTOR, code=said.refusal)
    telling.changed(card, "refused", card.pk)


@transaction.atomic
def _take_note_of_end(claimed: Card, said: Said) -> None:
    card = Card.objects.select_for_update().get(pk=claimed.pk)
    if said.is_done or said.refusal:
        card.told_at, card.due_at = clock.now(), None
        note("card.end_told", card, ACTOR, code=said.refusal)
    else:
        card.due_at = clock.now() + AGAIN
    card.save(update_fields=["told_at", "due_at"])
