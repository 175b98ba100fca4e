"""Codes of an authenticator app (RFC 6238, SHA-1, 30 s, six digits). The arithmetic is django-otp's."""

import secrets
from base64 import b32encode
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django_otp.oath import TOTP

from wekeza_portal import clock, crypto
from wekeza_portal.staff.models import StaffTotp

STEP = 30
DRIFT = 1
"""Steps a phone's clock may be ahead or behind."""


def new_device(user_id: int, *, key: bytes = b"") -> StaffTotp:
    """Give a member of staff a new key; an older one is void at once."""
    hex_key = (key or secrets.token_bytes(20)).hex()
    with transaction.atomic():
        StaffTotp.objects.filter(user_id=user_id).delete()
        device: StaffTotp = StaffTotp.objects.create(
            user_id=user_id,
            name="authenticator app",
            confirmed=True,
            encrypted_key=crypto.encrypt(hex_key),
            created_at=clock.now(),
        )
    return device


def use(user_id: int, code: str) -> StaffTotp | None:
    """Use a code up: the device when it is right, None when it is wrong, old or used before.

    Under a row lock, so that of many parallel tries with one code exactly one succeeds. A code also voids those of
    earlier steps. Whoever calls counts the tries.
    """
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        return None
    with transaction.atomic():
        device: StaffTotp | None = StaffTotp.objects.select_for_update().filter(user_id=user_id, confirmed=True).first()
        if device is None:
            return None
        totp = _totp(device)
        if not totp.verify(int(code), tolerance=DRIFT, min_t=device.last_step + 1):
            return None
        device.last_step = totp.t()
        device.save(update_fields=["last_step"])
        return device


def current_code(device: StaffTotp) -> str | None:
    """The code the phone of the demo shows: the first one that would still be taken; None if that takes a moment."""
    totp = _totp(device)
    now = totp.t()
    step = max(now, device.last_step + 1)
    if step > now + DRIFT:
        return None
    totp.drift = step - now
    return f"{totp.token():06d}"


def address(device: StaffTotp, name: str) -> str:
    """The otpauth:// address that an authenticator app reads. Shown once, when the device is made."""
    secret = b32encode(_key(device)).decode().rstrip("=")
    label = quote(f"{settings.PORTAL_NAME}:{name}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': settings.PORTAL_NAME})}"


def _key(device: StaffTotp) -> bytes:
    return bytes.fromhex(crypto.decrypt(device.encrypted_key))


def _totp(device: StaffTotp) -> TOTP:
    totp = TOTP(_key(device), step=STEP)
    totp.time = clock.now().timestamp()
    return totp
