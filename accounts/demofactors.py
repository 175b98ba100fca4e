"""Demo second factors: Nuria's authenticator app, which the demo phone plays. SMS stays what she is asked for first."""

import uuid
from datetime import timedelta

from django.conf import settings

from accounts.models import AuthenticatorApp, User
from wekeza_portal import clock, crypto, oath
from wekeza_portal.branch.demobank.bank import DemoBank

LONG_AGO = timedelta(days=21)


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    nuria = User.objects.get(customer_id=bank.customer("nuria").user_id)
    AuthenticatorApp.objects.create(
        user=nuria,
        instruction_id=uuid.uuid5(uuid.NAMESPACE_OID, "wekeza-demo-app"),
        encrypted_key=crypto.encrypt(oath.new_key()),
        is_proven=True,
        created_at=bank.now - LONG_AGO,
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
