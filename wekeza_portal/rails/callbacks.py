"""What other companies tell us: stored raw first, answered at once, worked through once by the worker.

A callback's address is a secret: /rails/<token>/, the token derived for each name in `registry.callback_handlers` from
RAIL_CALLBACK_KEYS. Put a new key in front, give the companies their new addresses, then drop the old one.
"""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.urls import reverse

from wekeza_portal import clock, crypto
from wekeza_portal.errors import PortalError
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.registry import CallbackHandler, CallbackIgnored, callback_handlers, question_handlers

logger = logging.getLogger(__name__)
State = RailCallback.State

BACK_OFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
MAX_ATTEMPTS = 8
LOOKS_AGAIN = 2
HANDLER_ERRORS = (PortalError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What a body that nobody foresaw, or a mistake of ours, can raise; a database that is away is the worker's affair."""


def _keys() -> list[bytes]:
    keys = [text.encode() for text in settings.RAIL_CALLBACK_KEYS]
    return keys or list(crypto.signing_keys("rails.callback").values())


def _token(name: str, key: bytes) -> str:
    # In hex: some companies refuse addresses in which they see words such as "cmd" or "exe".
    return hmac.new(key, b"rails.callback\0" + name.encode(), hashlib.sha256).hexdigest()


def path_for(name: str) -> str:
    """The secret path of the callback `name` under the newest key: what a company is told."""
    path: str = reverse("rail_callback", kwargs={"token": _token(name, _keys()[0])})
    return path


def address_for(name: str) -> str:
    """The whole address, on RAIL_CALLBACK_URL."""
    return f"{settings.RAIL_CALLBACK_URL}{path_for(name)}"


def names() -> list[str]:
    """Everything a company can call: callbacks, and questions that are answered at once."""
    return [name for registry in (callback_handlers, question_handlers) for name, _handler in registry.items()]


def name_of(token: str) -> str | None:
    """Whose address this is, under any key still in use; None for nobody's. Takes as long for each."""
    found = None
    for name in names():
        for key in _keys():
            if hmac.compare_digest(_token(name, key).encode(), token.encode()):
                found = name
    return found


def may_come_from(name: str, address: str | None) -> bool:
    """Whether the company behind `name` calls from `address`: RAIL_ADDRESSES of its rail, or any where none are."""
    allowed: list[str] = settings.RAIL_ADDRESSES.get(name.partition(".")[0], [])
    if not allowed:
        return True
    return address is not None and any(ip_address(address) in ip_network(net, strict=False) for net in allowed)


def store(name: str, body: bytes, headers: Mapping[str, str], address: str | None) -> RailCallback:
    """Keep a callback as it came; the same bytes a second time only raise `times` of the first row."""
    now = clock.now()
    digest = hashlib.sha256(body).hexdigest()
    row = RailCallback(
        rail=name,
        digest=digest,
        body=body,
        headers=dict(headers),
        ip=address or "",
        received_at=now,
        last_at=now,
        times=0,
        due_at=now,
    )
    RailCallback.objects.bulk_create([row], ignore_conflicts=True)
    with transaction.atomic():
        kept = RailCallback.objects.select_for_update().get(rail=name, digest=digest)
        kept.times += 1
        kept.last_at = now
        kept.save(update_fields=["times", "last_at"])
    return kept


def work_through(limit: int = 100) -> int:
    """Handle up to `limit` callbacks that are due, oldest first; returns how many. Safe with several workers."""
    handled = 0
    for number in list(_due().order_by("received_at", "id").values_list("id", flat=True)[:limit]):
        handled += _work_on(number)
    return handled


def _due() -> QuerySet[RailCallback]:
    return RailCallback.objects.filter(state=State.NEW, due_at__lte=clock.now())


def _work_on(number: int) -> int:
    """One callback in one transaction with everything its handler writes; 0 when somebody else has it."""
    name = RailCallback.objects.values_list("rail", flat=True).get(pk=number)
    if name not in callback_handlers:
        _put_back(number, f"nobody handles {name} any more")
        return 1
    handler = callback_handlers.get(name)
    try:
        return int(handler.operation(_handle)(number, handler))
    except HANDLER_ERRORS as error:
        logger.exception("callback %s of %s could not be handled", number, name)
        _put_back(number, f"{type(error).__name__}: {error}")
        return 1
    except DatabaseError as error:
        _put_back(number, f"database: {type(error).__name__}")
        raise


def _handle(number: int, handler: CallbackHandler) -> int:
    skip = connection.features.has_select_for_update_skip_locked
    row = _due().select_for_update(skip_locked=skip).filter(pk=number).first()
    if row is None:
        return 0
    try:
        message = handler.parse(bytes(row.body), row.headers)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        _settle(row, State.FAILED, f"unreadable: {type(error).__name__}: {error}")
        return 1
    try:
        with transaction.atomic():  # what an ignored one wrote before it was ignored goes with it
            remark = handler.handle(message)
    except CallbackIgnored as ignored:
        if ignored.look_again and row.attempts < LOOKS_AGAIN:
            _push_back(row, str(ignored))
        else:
            _settle(row, State.IGNORED, str(ignored))
    else:
        _settle(row, State.DONE, remark)
    return 1


def _settle(row: RailCallback, state: str, reason: str) -> None:
    row.state, row.reason, row.handled_at = state, reason[:200], clock.now()
    row.attempts += 1
    row.save(update_fields=["state", "reason", "handled_at", "attempts"])
    if state != State.DONE:
        logger.warning("callback %s of %s is %s: %s", row.pk, row.rail, state, row.reason)


def _put_back(number: int, reason: str) -> None:
    """Later again, in a transaction of its own; given up after MAX_ATTEMPTS, and staff see why."""
    with transaction.atomic():
        row = RailCallback.objects.select_for_update().get(pk=number)
        if row.state == State.NEW:
            _push_back(row, reason)


def _push_back(row: RailCallback, reason: str) -> None:
    row.attempts += 1
    row.reason = reason[:200]
    row.due_at = clock.now() + BACK_OFF[min(row.attempts, len(BACK_OFF)) - 1]
    if row.attempts >= MAX_ATTEMPTS:
        row.state, row.handled_at = State.FAILED, clock.now()
        logger.error("callback %s of %s is given up: %s", row.pk, row.rail, row.reason)
    row.save(update_fields=["attempts", "reason", "due_at", "state", "handled_at"])


def answer_for(name: str, body: bytes) -> dict[str, Any]:
    """What the caller wants to hear; nothing in it depends on whether we know what it speaks of, unless it must."""
    return callback_handlers.get(name).answer(body)
