"""Beginning and ending a signed-in session, and the half-login before it.

Half a login is data, not a login: who gave the right password, when, on which device, and a nonce that the code is
bound to. It lasts five minutes and opens nothing.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import django_otp
from django.contrib.auth import login
from django.db.models import Q
from django.http import Http404, HttpRequest

from accounts.identity.guard import session_digest
from accounts.models import CodeDevice, SignedInSession, User
from accounts.supporting import ending
from wekeza_portal import clock, crypto
from wekeza_portal.actors import system
from wekeza_portal.ratelimit import client_address

BACKEND = "accounts.identity.backends.CustomerBackend"
HALF_LOGIN_KEY = "half_login"
HALF_LOGIN_LIFE = timedelta(minutes=5)
HALF_LOGIN_PARTS = 6


@dataclass(frozen=True, slots=True)
class HalfLogin:
    """The right password was given; the code is still due."""

    user_id: int
    device: str
    started_at: datetime
    nonce: str
    next_url: str
    given: str = ""
    """Digest of the password that was right: another one since, and the half-login is over."""
    needs_no_code: bool = False
    """Whether the browser is one that the customer trusts."""

    @property
    def binding(self) -> str:
        """What the code of this half-login belongs to."""
        return f"half-login:{self.nonce}"


def begin_half_login(request: HttpRequest, user: User, next_url: str) -> HalfLogin:
    """Remember that `user` gave the right password, in a fresh session that holds nothing else."""
    nonce, given = secrets.token_urlsafe(24), password_digest(user)
    half = HalfLogin(user.pk, code_device(user).persistent_id, clock.now(), nonce, next_url, given)
    request.session.flush()
    started = half.started_at.isoformat()
    request.session[HALF_LOGIN_KEY] = [half.user_id, half.device, started, nonce, next_url, given]
    return half


def half_login(request: HttpRequest) -> HalfLogin | None:
    """The half-login of this browser, or None if there is none or it is older than five minutes."""
    stored = request.session.get(HALF_LOGIN_KEY)
    if not stored:
        return None
    if len(stored) != HALF_LOGIN_PARTS:
        return None
    half = HalfLogin(stored[0], stored[1], datetime.fromisoformat(stored[2]), stored[3], stored[4], stored[5])
    return half if clock.now() - half.started_at <= HALF_LOGIN_LIFE else None


def password_digest(user: User) -> str:
    """Which password a half-login was begun with."""
    return crypto.keyed_digest("half-login", f"{user.pk}|{user.password}")


def start(request: HttpRequest, user: User) -> SignedInSession:
    """Sign `user` in on this browser, both factors proven: new session id, nothing of the old session kept."""
    request.session.flush()
    request.user = user
    login(request, user, backend=BACKEND)
    django_otp.login(request, code_device(user))
    now = clock.now()
    return SignedInSession.objects.create(
        session_key_digest=session_digest(str(request.session.session_key)),
        user=user,
        started_at=now,
        last_seen_at=now,
        ip=client_address(request),
        user_agent=user_agent(request),
    )


def rotate(request: HttpRequest, row: SignedInSession) -> None:
    """Give this session another key, because what guards the account has changed: one that leaked before is dead."""
    request.session.cycle_key()
    SignedInSession.objects.filter(pk=row.pk).update(
        session_key_digest=session_digest(str(request.session.session_key))
    )


def touch(row: SignedInSession) -> None:
    """Note that the session is in use, at most once a second."""
    now = clock.now()
    if row.last_seen_at < now:
        SignedInSession.objects.filter(pk=row.pk, ended_at=None).update(last_seen_at=now)


def end(row: SignedInSession) -> None:
    """End one session: it is dead at its next request, on every host."""
    SignedInSession.objects.filter(pk=row.pk, ended_at=None).update(ended_at=clock.now())


def end_own(user: User, public_id: uuid.UUID) -> SignedInSession:
    """End one of the user's sessions, and say which. Http404 for somebody else's and for none."""
    row = SignedInSession.objects.filter(user=user, public_id=public_id).first()
    if row is None:
        raise Http404
    end(row)
    return row


def end_all(user: User, *, but: SignedInSession | None = None) -> int:
    """End every session of the user except `but`, and what staff look at; how many sessions were ended."""
    if user.customer_id is not None:
        ending.end_of_customer(user.customer_id, ending.By.SIGNED_OUT, system("sign-out"))
    rows = SignedInSession.objects.filter(user=user, ended_at=None)
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    return rows.update(ended_at=clock.now())


def forget_old(before: datetime) -> int:
    """Delete sessions that were ended, or last used, before `before`; how many."""
    return SignedInSession.objects.filter(Q(ended_at__lt=before) | Q(last_seen_at__lt=before)).delete()[0]


def code_device(user: User) -> CodeDevice:
    """The user's second factor "a code sent to the number the bank knows"."""
    device: CodeDevice
    device, _created = CodeDevice.objects.get_or_create(user=user, defaults={"name": "Code by SMS or e-mail"})
    return device


def user_agent(request: HttpRequest) -> str:
    """What the browser calls itself, printable and short."""
    text = request.META.get("HTTP_USER_AGENT", "")
    return "".join(char for char in text if char.isprintable())[:200]
