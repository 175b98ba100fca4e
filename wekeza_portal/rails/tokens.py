"""Access tokens, one per company, shared by every process: a new one ends the former, so nobody fetches his own.

Who finds the token too old claims the row for a moment, fetches outside of any transaction and stores it; the others
use the old one while it is good, or wait for the new one.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from cryptography.fernet import InvalidToken
from django.db import transaction

from wekeza_portal import clock, crypto, http
from wekeza_portal.rails.models import RailToken

logger = logging.getLogger(__name__)

EARLY = timedelta(minutes=10)
"""How long before its end a token is renewed; the last sixth of a short life, half a minute of Airtel's three."""
LEAST_EARLY = timedelta(seconds=30)
"""More than a whole call takes, so that none ends under way; a token that lives no longer than twice that is renewed at
half of its life."""
CLAIM = timedelta(seconds=20)
"""Longer than a fetch with its time-outs; who died while fetching blocks nobody longer."""
WAIT_SECONDS = 15.0
LOOK_EVERY = 0.1

Fetch = Callable[[], tuple[str, int]]
"""() -> (token, seconds it lives). Raises httpx.HTTPError or TokenRefused."""


class TokenRefused(Exception):
    """The company gives us no token: our key is wrong, or it is broken. The text is for staff."""


class TokenAwaited(TokenRefused):
    """Another process is fetching one and has not come back in time."""


def bearer(rail: str, fetch: Fetch, *, rejected: str = "") -> str:
    """The token to use now, fetched if there is none, it is too old, or it is the one that was `rejected`.

    Waits and fetches no longer than `http.within` leaves.
    Raises what `fetch` raises, and TokenAwaited when somebody else was fetching and did not come back in time.
    """
    deadline = time.monotonic() + min(WAIT_SECONDS, http.seconds_left())
    RailToken.objects.bulk_create([RailToken(rail=rail)], ignore_conflicts=True)
    while True:
        token, is_ours = _look(rail, rejected)
        if token:
            return token
        if is_ours:
            return _refresh(rail, fetch)
        if time.monotonic() + LOOK_EVERY >= deadline:
            raise TokenAwaited("another process is fetching a token and does not come back")
        time.sleep(LOOK_EVERY)


def _look(rail: str, rejected: str) -> tuple[str, bool]:
    """(a good token or "", whether fetching a new one is now our task)."""
    row = RailToken.objects.get(rail=rail)
    token = _read(row)
    if token and token != rejected and row.refresh_at is not None and clock.now() < row.refresh_at:
        return token, False
    with transaction.atomic():
        row = RailToken.objects.select_for_update().get(rail=rail)
        now = clock.now()
        token = _read(row)
        if token and token != rejected and row.refresh_at is not None and now < row.refresh_at:
            return token, False
        if row.claimed_until is not None and now < row.claimed_until:
            return "", False
        row.claimed_until = now + CLAIM
        row.save(update_fields=["claimed_until"])
        return "", True


def _read(row: RailToken) -> str:
    try:
        return crypto.decrypt(row.token) if row.token else ""
    except InvalidToken:
        return ""  # its key is gone; a new one is fetched


def _refresh(rail: str, fetch: Fetch) -> str:
    try:
        token, seconds = fetch()
    except BaseException:
        RailToken.objects.filter(rail=rail).update(claimed_until=None)
        raise
    refresh_at = clock.now() + _good_for(timedelta(seconds=seconds))
    RailToken.objects.filter(rail=rail).update(token=crypto.encrypt(token), refresh_at=refresh_at, claimed_until=None)
    logger.info("a new access token for %s", rail)
    return token


def _good_for(life: timedelta) -> timedelta:
    if life <= 2 * LEAST_EARLY:
        return life / 2
    return life - (EARLY if life > 2 * EARLY else max(life / 6, LEAST_EARLY))
