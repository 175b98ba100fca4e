"""Codes of authenticator apps (RFC 6238: SHA-1, 30 s, six digits). The arithmetic is django-otp's.

Pure functions of a key in hex, the newest step whose code was used, and the clock. Whoever calls keeps the row locked
from reading that step until the new one is written, and counts the tries.
"""

import secrets
from base64 import b32encode
from urllib.parse import quote, urlencode

from django.conf import settings
from django_otp.oath import TOTP

from wekeza_portal import clock

STEP = 30
DRIFT = 1
"""Steps a phone's clock may be ahead or behind."""
NEVER = -1
"""The newest used step of a key that was never used."""


def new_key() -> str:
    """A fresh key of 160 bits, in hex."""
    return secrets.token_bytes(20).hex()


def step_of(key: str, code: str, last_step: int) -> int | None:
    """The time step this code is right for, later than `last_step`; None when it is wrong, old or used before."""
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        return None
    totp = _totp(key)
    if not totp.verify(int(code), tolerance=DRIFT, min_t=last_step + 1):
        return None
    step: int = totp.t()
    return step


def next_code(key: str, last_step: int) -> str | None:
    """The first code that would still be taken; None if that takes a moment."""
    totp = _totp(key)
    now = totp.t()
    step = max(now, last_step + 1)
    if step > now + DRIFT:
        return None
    totp.drift = step - now
    return f"{totp.token():06d}"


def in_letters(key: str) -> str:
    """The key as people type it into an app: base32 in fours."""
    letters = b32encode(bytes.fromhex(key)).decode().rstrip("=")
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def address(key: str, name: str) -> str:
    """The otpauth:// address that an app reads from a QR code. Shown once, when the key is made."""
    label = quote(f"{settings.PORTAL_NAME}:{name}")
    query = urlencode({"secret": in_letters(key).replace(" ", ""), "issuer": settings.PORTAL_NAME})
    return f"otpauth://totp/{label}?{query}"


def _totp(key: str) -> TOTP:
    totp = TOTP(bytes.fromhex(key), step=STEP)
    totp.time = clock.now().timestamp()
    return totp
