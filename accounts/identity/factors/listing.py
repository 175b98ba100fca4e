"""A customer's ways to confirm that it is them, as the settings show them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _

from accounts.identity import contacts
from accounts.identity.factors.ways import Ways
from accounts.models import AuthenticatorApp, BackupCode, BranchCustomer, CodeDevice, Passkey, User, Way
from wekeza_portal.notifications.models import Channel


@dataclass(frozen=True, slots=True)
class Facts:
    """Which one it is (a phone or an address, masked), since when, and when last used (None: not noted yet)."""

    which: str
    since: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One way. `notice` says why the bank has it closed."""

    way: Way
    facts: Facts
    is_first: bool
    notice: str


@dataclass(frozen=True, slots=True)
class Shown:
    """All of it: a line for every way, always in the same order; each passkey; how many backup codes are left."""

    lines: list[Line]
    passkeys: list[Passkey]
    codes_left: int


def shown(user: User, customer: BranchCustomer, ways: Ways) -> Shown:
    """What this customer has. Four queries."""
    passkeys = list(Passkey.objects.filter(user=user).order_by("made_at", "pk"))
    codes = BackupCode.objects.filter(user=user).aggregate(
        left=Count("pk", filter=Q(used_at=None)), made_at=Min("made_at"), used_at=Max("used_at")
    )
    facts = {
        **_sent_facts(user, customer),
        Way.APP: _app_facts(user),
        Way.PASSKEY: _passkey_facts(passkeys),
        Way.BACKUP: Facts(_("%(left)s left") % codes, codes["made_at"], codes["used_at"]),
    }
    there = [way for way in Way if way in ways.open or way in ways.closed]
    lines = [Line(way, facts[way], way == ways.first, ways.closed.get(way, "")) for way in there]
    return Shown(lines, passkeys, codes["left"])


def _sent_facts(user: User, customer: BranchCustomer) -> dict[Way, Facts]:
    device: CodeDevice | None = CodeDevice.objects.filter(user=user).first()
    phone = contacts.masked(Channel.SMS, contacts.phone_of(customer))
    email = contacts.masked(Channel.EMAIL, customer.email)
    return {
        Way.SMS: Facts(phone, user.known_phone_since, device.sms_used_at if device else None),
        Way.EMAIL: Facts(email, user.created_at, device.email_used_at if device else None),
    }


def _app_facts(user: User) -> Facts:
    row = AuthenticatorApp.objects.filter(user=user, is_proven=True).first()
    return Facts("", row.created_at if row else None, row.used_at if row else None)


def _passkey_facts(rows: list[Passkey]) -> Facts:
    used = [row.used_at for row in rows if row.used_at is not None]
    return Facts(", ".join(row.name for row in rows), rows[0].made_at if rows else None, max(used, default=None))
