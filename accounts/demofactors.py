"""Demo second factors: Nuria's app, which the demo phone plays, and her ten codes; Fatuma has few left.

SMS stays what everybody is asked for first.
"""

import secrets
import uuid
from datetime import timedelta

from django.conf import settings

from accounts.models import AuthenticatorApp, BackupCode, User
from wekeza_portal import clock, crypto, oath
from wekeza_portal.branch.demobank.bank import DemoBank

LONG_AGO = timedelta(days=21)


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    nuria = _user(bank, "nuria")
    AuthenticatorApp.objects.create(
        user=nuria,
        instruction_id=uuid.uuid5(uuid.NAMESPACE_OID, "wekeza-demo-app"),
        encrypted_key=crypto.encrypt(oath.new_key()),
        is_proven=True,
        created_at=bank.now - LONG_AGO,
    )
    _codes(bank, nuria, used=1)
    _codes(bank, _user(bank, "fatuma"), used=8)


def _user(bank: DemoBank, key: str) -> User:
    return User.objects.get(customer_id=bank.customer(key).user_id)


def _codes(bank: DemoBank, user: User, *, used: int) -> None:
    """Ten codes on somebody's paper, which nobody else has: `used` of them on one day each."""
    act = uuid.uuid5(uuid.NAMESPACE_OID, f"wekeza-demo-codes:{user.pk}")
    made_at = bank.now - LONG_AGO
    BackupCode.objects.bulk_create(
        BackupCode(
            user=user,
            instruction_id=act,
            digest=crypto.keyed_digest("backup-code", f"{user.pk}|{secrets.token_hex(16)}"),
            made_at=made_at,
            used_at=made_at + timedelta(days=number + 1) if number < used else None,
        )
        for number in range(10)
    )


def codes() -> list[dict[str, str]]:
    """What the customers' apps show now, as the demo phone plays them. Empty outside the demo."""
    if not settings.DEMO:
        return []
    rows = AuthenticatorApp.objects.filter(is_proven=True).select_related("user__customer").order_by("pk")
    return [
        {
            "to": row.user.customer.full_name if row.user.customer else "",
            "channel": "APP",
            "body": oath.next_code(crypto.decrypt(row.encrypted_key), row.last_step) or "...",
            "sent_at": row.created_at.astimezone(clock.NAIROBI).isoformat(),
        }
        for row in rows
    ]
