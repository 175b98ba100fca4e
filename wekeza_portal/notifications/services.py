"""The outbox: `enqueue()` writes a message beside its cause, `deliver_due()` sends what is due.

A message is sent at least once. The row is the truth: whoever dies while sending leaves a claim that runs out, and the
message is taken up again. Nothing is sent inside a transaction.

Whoever writes a message says what it is about and asks nobody. What its reader wants of such messages is asked when
the sender takes it up (`registry.message_wishes`): then it is sent, muted, kept until later, or also sent elsewhere.
"""

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from cryptography.fernet import InvalidToken
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from wekeza_portal import clock, crypto, sql
from wekeza_portal.notifications import channels
from wekeza_portal.notifications.events import ALWAYS, WITH_AMOUNT, Event, Wish
from wekeza_portal.notifications.models import Channel, OutboxMessage
from wekeza_portal.registry import message_wishes
from wekeza_portal.stopping import stopping

logger = logging.getLogger(__name__)
State = OutboxMessage.State

CLAIM = timedelta(seconds=60)
"""How long one attempt may take before somebody else may try; longer than every time-out of a channel together."""
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
MAX_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Message:
    """One message to be written. `body` is in the reader's language already; a `secret` one is stored encrypted, needs
    `expires_at`, and is never tried after it. `amount` is the KES it tells of, where its event has one."""

    cause: str
    event: Event
    channel: Channel
    to: str
    customer_id: int | None
    subject: str
    body: str
    amount: Decimal | None = None
    secret: bool = False
    expires_at: datetime | None = None


def enqueue(
    *,
    cause: str,
    event: Event,
    channel: Channel,
    to: str,
    customer_id: int | None,
    subject: str,
    body: str,
    amount: Decimal | None = None,
    secret: bool = False,
    expires_at: datetime | None = None,
) -> OutboxMessage:
    """Write one message in the caller's transaction and return its row: see `Message` and `enqueue_all`."""
    message = Message(cause, event, channel, to, customer_id, subject, body, amount, secret, expires_at)
    enqueue_all([message])
    return OutboxMessage.objects.get(cause=cause)


def enqueue_all(messages: Sequence[Message]) -> None:
    """Write messages in the caller's transaction, in one statement.

    The same `cause` twice is one message: the first row stays as it is.
    ValueError for a cause or address that does not fit its column, a secret that never expires or could be muted, an
    event that is none or lacks its amount.
    """
    now = clock.now()
    rows = [_row(message, now) for message in messages]
    if rows:
        # One statement that neither fails nor needs a savepoint when a cause is there already.
        sql.insert(OutboxMessage, rows, ignore=True)


def _row(message: Message, now: datetime) -> dict[str, Any]:
    if not 0 < len(message.cause) <= 120 or not 0 < len(message.to) <= 254:
        raise ValueError("cause must have 1 to 120 characters, the address 1 to 254")
    if message.secret and message.expires_at is None:
        raise ValueError("a secret message needs a moment after which it is worthless")
    if message.event not in Event or (message.secret and message.event not in ALWAYS):
        raise ValueError("a message needs an event, a secret one an event that nobody can mute")
    if message.event in WITH_AMOUNT and message.amount is None:
        raise ValueError(f"a message of {message.event} needs the amount it tells of")
    return {
        "id": uuid.uuid4(),
        "cause": message.cause,
        "event": message.event,
        "amount": message.amount,
        "copy_of": None,
        "customer_id": message.customer_id,
        "channel": message.channel,
        "to": message.to,
        "subject": message.subject[:200],
        "body": crypto.encrypt(message.body) if message.secret else message.body,
        "is_secret": message.secret,
        "state": State.QUEUED,
        "attempts": 0,
        "last_error": "",
        "created_at": now,
        "due_at": now,
        "expires_at": message.expires_at,
        "sent_at": None,
    }


def deliver_due(limit: int = 50) -> int:
    """Send up to `limit` due messages, codes first; returns how many were handled. Safe with several workers.

    One message is claimed at a time, so that a slow provider cannot outlast the claims of a whole batch; none any more
    once the worker is told to stop.
    """
    handled = 0
    while handled < limit and not stopping.is_set():
        message = _claim_next()
        if message is None:
            break
        _attempt(message)
        handled += 1
    return handled


def oldest_due_seconds() -> int | None:
    """How long the longest waiting due message has been due, in seconds; None when nothing waits."""
    now = clock.now()
    oldest = _due(now).order_by("due_at").values_list("due_at", flat=True).first()
    return None if oldest is None else int((now - oldest).total_seconds())


def _due(now: datetime) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(Q(state=State.QUEUED) | Q(state=State.SENDING), due_at__lte=now)


def _claim_next() -> OutboxMessage | None:
    """Take one due message: SENDING, and due again when the claim is over. Messages past use are closed on the way."""
    while _due(clock.now()).exists():  # a look first: an idle worker takes no write lock
        with transaction.atomic():
            now = clock.now()
            skip = connection.features.has_select_for_update_skip_locked
            message = _due(now).select_for_update(skip_locked=skip).order_by("-is_secret", "due_at").first()
            if message is None:
                return None
            if not _close_if_useless(message, now) and not _kept_back(message, now):
                message.state = State.SENDING
                message.attempts += 1
                message.due_at = now + CLAIM
                message.save(update_fields=["state", "attempts", "due_at"])
                return message
    return None


def _close_if_useless(message: OutboxMessage, now: datetime) -> bool:
    if message.expires_at is not None and message.expires_at <= now:
        _settle(message, State.EXPIRED)
        return True
    if message.attempts >= MAX_ATTEMPTS:
        _settle(message, State.FAILED, error=message.last_error or "every attempt was cut short")
        return True
    return False


def _kept_back(message: OutboxMessage, now: datetime) -> bool:
    """Do what its reader wants of it; whether it is not to be sent now. Nobody is asked about what always goes."""
    if message.event in ALWAYS or not message.event or message.customer_id is None:
        return False
    wish = _wish(message, now)
    if wish.not_before is not None and wish.not_before > now:
        message.state, message.due_at = State.QUEUED, wish.not_before
        message.save(update_fields=["state", "due_at"])
        return True
    if message.copy_of is None:
        _copy(message, wish.also, now)
    if not wish.send:
        _settle(message, State.MUTED)
    return not wish.send


def _wish(message: OutboxMessage, now: datetime) -> Wish:
    for _name, wish_of in message_wishes.items():
        return cast(Wish, wish_of(message, now))
    return Wish()


def _copy(message: OutboxMessage, also: Mapping[str, str], now: datetime) -> None:
    """The same message by other channels, once, however often it is taken up."""
    rows = []
    for channel, address in also.items():
        cause = f"copy:{message.pk}:{channel}"
        copy = Message(
            cause, Event(message.event), Channel(channel), address, message.customer_id, message.subject, message.body
        )
        rows.append({**_row(replace(copy, amount=message.amount), now), "copy_of": message.pk})
    if rows:
        sql.insert(OutboxMessage, rows, ignore=True)


def _attempt(message: OutboxMessage) -> None:
    """Send one claimed message, outside any transaction, and write down what became of it."""
    try:
        body = crypto.decrypt(message.body) if message.is_secret else message.body
        message_id = channels.send(channel=message.channel, to=message.to, subject=message.subject, body=body)
    except InvalidToken:
        _settle(message, State.FAILED, error="the key for this message is gone")
    except channels.Refused as refusal:
        _settle(message, State.FAILED, error=str(refusal))
    except channels.TryAgain as failure:
        _put_back(message, error=str(failure))
    else:
        _settle(message, State.SENT, message_id=message_id or "")


def _put_back(message: OutboxMessage, *, error: str) -> None:
    """Queue it again after the back-off, unless that was the last try or would come too late."""
    due_at = clock.now() + BACK_OFF[min(message.attempts, len(BACK_OFF)) - 1]
    if message.attempts >= MAX_ATTEMPTS:
        _settle(message, State.FAILED, error=error)
    elif message.expires_at is not None and message.expires_at <= due_at:
        _settle(message, State.EXPIRED, error=error)
    else:
        _claimed(message).update(state=State.QUEUED, due_at=due_at, last_error=error[:200])
        logger.warning("message %s by %s not sent, try %s: %s", message.pk, message.channel, message.attempts, error)


def _settle(message: OutboxMessage, state: str, *, error: str = "", message_id: str = "") -> None:
    """Close a message for good. A secret does not outlive this, whatever the end."""
    changes: dict[str, object] = {"state": state, "last_error": error[:200]}
    if state == State.SENT:
        changes["sent_at"] = clock.now()
    if message_id:
        changes |= {"message_id": message_id[:80], "delivery": OutboxMessage.Delivery.ACCEPTED}
    if message.is_secret:
        changes["body"] = ""
    _claimed(message).update(**changes)
    if state not in (State.SENT, State.MUTED):
        logger.error("message %s by %s is %s: %s", message.pk, message.channel, state, error or "too late")


def _claimed(message: OutboxMessage) -> QuerySet[OutboxMessage]:
    """The row as long as this claim holds: a worker that comes back late overwrites nobody's outcome."""
    return OutboxMessage.objects.filter(pk=message.pk, state=message.state, attempts=message.attempts)
