"""Browsers a user signed in from before, recognised by a random cookie that opens nothing by itself."""

import secrets
import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase

from accounts.identity.backends import normalise_email
from accounts.models import KnownDevice, User
from wekeza_portal import clock, crypto

COOKIE_AGE = 365 * 24 * 60 * 60


def cookie_name() -> str:
    return "__Host-device" if settings.TLS else "wekeza_device"


def token_of(request: HttpRequest) -> str:
    """This browser's token, or a new one where it has none or one that we can't have made."""
    token = request.COOKIES.get(cookie_name(), "")
    return token if len(token) == 43 and token.isascii() else secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """How a browser's token is stored."""
    return crypto.keyed_digest("known-device", token)


def is_known_for(email: str, token: str) -> bool:
    """Whether the customer with this (normalised) e-mail signed in with this browser before.

    One query whether or not the address is known.
    """
    rows = KnownDevice.objects.filter(token_digest=digest(token), user__customer__email__iexact=email)
    return any(normalise_email(found) == email for found in rows.values_list("user__customer__email", flat=True))


def recognise(user: User, token: str, *, ip: str | None = None, user_agent: str = "") -> bool:
    """Whether the user signed in with this browser before; from now on it is known, as seen now."""
    now = clock.now()
    seen = {"last_seen_at": now, "ip": ip, "user_agent": user_agent}
    device, is_new = KnownDevice.objects.get_or_create(
        user=user, token_digest=digest(token), defaults={"first_seen_at": now, **seen}
    )
    if not is_new:
        device.last_seen_at, device.ip, device.user_agent = now, ip, user_agent
        device.save(update_fields=list(seen))
    return not is_new


def forget(user: User, public_id: uuid.UUID) -> None:
    """One of the user's browsers is new again. Http404 for somebody else's and for none."""
    if not KnownDevice.objects.filter(user=user, public_id=public_id).delete()[0]:
        raise Http404


def forget_others(user: User, token: str) -> None:
    """Every other browser is new again."""
    KnownDevice.objects.filter(user=user).exclude(token_digest=digest(token)).delete()


def remember(response: HttpResponseBase, token: str) -> None:
    """Give the browser its token."""
    response.set_cookie(cookie_name(), token, max_age=COOKIE_AGE, secure=settings.TLS, httponly=True, samesite="Lax")
