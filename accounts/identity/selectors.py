"""What pages show of a user's sign-ins. Every query is scoped to the user it is given."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import BigIntegerField, QuerySet

from accounts.identity import browsers
from accounts.models import KnownDevice, SignedInSession, SignInAttempt, User
from wekeza_portal import clock
from wekeza_portal.prepared import Prepared, Slot
from wekeza_portal.ratelimit import neighbourhood

Outcome = SignInAttempt.Outcome


def _successful() -> QuerySet[SignInAttempt]:
    rows = SignInAttempt.objects.filter(user_id=Slot("user_id", BigIntegerField()), outcome=Outcome.SIGNED_IN)
    return rows.order_by("-at", "-id")[1:2]


_one_before = Prepared(_successful)


@dataclass(frozen=True, slots=True)
class SignInLine:
    """One try, as its owner reads it."""

    at: datetime
    outcome: str
    browser: str
    place: str
    is_new_device: bool


@dataclass(frozen=True, slots=True)
class BrowserLine:
    """A browser that is signed in, or one that was before: what it is, where, since when and when last."""

    public_id: uuid.UUID
    browser: str
    place: str
    near: str
    """How its address compares with the one of this request: "same", "network", or "" where it is elsewhere."""
    since: datetime
    last_at: datetime
    is_this: bool


def last_sign_in(user: User) -> SignInAttempt | None:
    """The successful sign-in before the present one."""
    return next(iter(_one_before(user_id=user.pk)), None)


def sign_ins(user: User, most: int = 50) -> list[SignInLine]:
    """The latest tries, good and bad, newest first."""
    rows = SignInAttempt.objects.filter(user=user).order_by("-at", "-id")[:most]
    return [
        SignInLine(row.at, row.outcome, browsers.in_words(row.user_agent), row.ip or "", row.is_new_device)
        for row in rows
    ]


MOST_SHOWN = 50


def signed_in(user: User, this: SignedInSession, here: str | None) -> list[BrowserLine]:
    """Where the user is signed in now, this browser first. `here` is the address of the request."""
    now = clock.now()
    rows = SignedInSession.objects.filter(
        user=user,
        ended_at=None,
        last_seen_at__gte=now - timedelta(seconds=settings.SESSION_IDLE_SECONDS),
        started_at__gte=now - timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS),
    )
    lines = [
        _line(row, here, since=row.started_at, is_this=row.pk == this.pk)
        for row in rows.order_by("-last_seen_at", "-pk")[:MOST_SHOWN]
    ]
    return sorted(lines, key=lambda line: not line.is_this)


def known_browsers(user: User, this_digest: str, here: str | None) -> list[BrowserLine]:
    """The browsers that raise no alert when the user signs in with them, the one used last first."""
    rows = KnownDevice.objects.filter(user=user).order_by("-last_seen_at", "-pk")[:MOST_SHOWN]
    return [_line(row, here, since=row.first_seen_at, is_this=row.token_digest == this_digest) for row in rows]


def _line(row: SignedInSession | KnownDevice, here: str | None, *, since: datetime, is_this: bool) -> BrowserLine:
    return BrowserLine(
        public_id=row.public_id,
        browser=browsers.in_words(row.user_agent),
        place=row.ip or "",
        near=_near(row.ip, here),
        since=since,
        last_at=row.last_seen_at,
        is_this=is_this,
    )


def _near(ip: str | None, here: str | None) -> str:
    """All we can say about a place without asking anybody: whether it is where this request comes from."""
    if not ip or not here:
        return ""
    if ip == here:
        return "same"
    return "network" if neighbourhood(ip) == neighbourhood(here) else ""
