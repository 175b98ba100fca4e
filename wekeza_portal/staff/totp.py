"""The authenticator apps of the staff: one key each, each code once. What a code is, `wekeza_portal.oath` says."""

from django.db import transaction

from wekeza_portal import clock, crypto, oath
from wekeza_portal.staff.models import StaffTotp


def new_device(user_id: int, *, key: bytes = b"") -> StaffTotp:
    """Give a member of staff a new key; an older one is void at once."""
    with transaction.atomic():
        StaffTotp.objects.filter(user_id=user_id).delete()
        device: StaffTotp = StaffTotp.objects.create(
            user_id=user_id,
            name="authenticator app",
            confirmed=True,
            encrypted_key=crypto.encrypt(key.hex() or oath.new_key()),
            created_at=clock.now(),
        )
    return device


def use(user_id: int, code: str) -> StaffTotp | None:
    """Use a code up: the device when it is right, None when it is wrong, old or used before.

    Under a row lock, so that of many parallel tries with one code exactly one succeeds. A code also voids those of
    earlier steps. Whoever calls counts the tries.
    """
    with transaction.atomic():
        device: StaffTotp | None = StaffTotp.objects.select_for_update().filter(user_id=user_id, confirmed=True).first()
        if device is None:
            return None
        step = oath.step_of(_key(device), code, device.last_step)
        if step is None:
            return None
        device.last_step = step
        device.save(update_fields=["last_step"])
        return device


def current_code(device: StaffTotp) -> str | None:
    """The code the phone of the demo shows: the first one that would still be taken; None if that takes a moment."""
    return oath.next_code(_key(device), device.last_step)


def address(device: StaffTotp, name: str) -> str:
    """The otpauth:// address that an authenticator app reads. Shown once, when the device is made."""
    return oath.address(_key(device), name)


def _key(device: StaffTotp) -> str:
    return crypto.decrypt(device.encrypted_key)
