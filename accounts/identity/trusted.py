"""Browsers a customer trusts: for 30 days no code at sign-in, where the bank has switched that on. Off to begin with.

A trusted browser is one this customer proved a factor in; the password is asked for as ever. Trust says nothing about
payments or changes: they ask for a code as they would anywhere. It ends with the password, the phone number or a
removed factor.
"""

from datetime import timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.identity import alerts, contacts, devices
from accounts.models import KnownDevice, User
from wekeza_portal import clock, crypto
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.notifications.inbox import Link
from wekeza_portal.staff import switches

LIFE = timedelta(days=30)


def is_offered() -> bool:
    """Whether the bank lets customers trust a browser."""
    return switches.is_on(switches.TRUSTED_DEVICES)


def is_trusted(user: User, token: str) -> bool:
    """Whether this browser needs no code at sign-in: trusted, within 30 days, and nothing it stood on has changed."""
    rows = KnownDevice.objects.filter(user=user, token_digest=devices.digest(token), trusted_until__gt=clock.now())
    return rows.filter(trusted_as=_stands_on(user)).exists() and is_offered()


def trust(user: User, token: str, actor: Actor) -> None:
    """No code in this browser for 30 days, and the customer is told; nothing while it is off. In the sign-in's own
    transaction.
    """
    if not is_offered():
        return
    until = clock.now() + LIFE
    KnownDevice.objects.filter(user=user, token_digest=devices.digest(token)).update(
        trusted_until=until, trusted_as=_stands_on(user)
    )
    record("device.trusted", actor=actor, data={"until": until.isoformat()})
    with translation.override(user.language):
        text = _(
            "A browser can sign in to your %(bank)s account without a code until %(date)s. Not you? Call %(phone)s."
        )
        values = {"bank": settings.BANK_NAME, "date": f"{until.astimezone(clock.NAIROBI):%d/%m/%Y}"}
        body = text % {**values, "phone": settings.FRAUD_PHONE}
        cause = f"device-trusted:{user.pk}:{until.isoformat()}"
        alerts.send(user, cause, _("Trusted browser"), body, Link("security_settings"))


def how_many(user: User) -> int:
    """Browsers that sign in without a code now."""
    rows = KnownDevice.objects.filter(user=user, trusted_until__gt=clock.now(), trusted_as=_stands_on(user))
    return rows.count()


def forget(user: User) -> int:
    """Ask for a code everywhere again; how many browsers that were."""
    return KnownDevice.objects.filter(user=user).exclude(trusted_until=None).update(trusted_until=None)


def _stands_on(user: User) -> str:
    """Digest of what the trust was given with: another password or number, and it is gone."""
    phone = contacts.phone_of(user.customer) if user.customer else ""
    return crypto.keyed_digest("trusted-device", f"{user.pk}|{user.password}|{user.branch_secret_digest}|{phone}")
