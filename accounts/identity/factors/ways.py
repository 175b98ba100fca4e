"""Which ways of giving the second factor a customer has, which of them the bank has open, and which comes first."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.identity import contacts, simguard
from accounts.models import AuthenticatorApp, BackupCode, BranchCustomer, Passkey, User, Way
from wekeza_portal.staff import switches

SWITCHES = {
    Way.SMS: switches.SMS_CODES,
    Way.EMAIL: switches.EMAIL_CODES,
    Way.APP: switches.TOTP_CODES,
    Way.PASSKEY: switches.PASSKEYS,
    Way.BACKUP: switches.BACKUP_CODES,
}


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways of one customer: those `open` now, the first choice first, and the dated notices of those `closed`."""

    open: tuple[Way, ...]
    closed: dict[Way, str]

    @property
    def first(self) -> Way:
        """What a page begins with. Where nothing is open that is SMS, which then says so in the bank's words."""
        return self.open[0] if self.open else Way.SMS

    @property
    def may_come_first(self) -> tuple[Way, ...]:
        """What a customer can choose to begin with: a backup code is for when the others are not at hand."""
        return tuple(way for way in Way if way in self.open and way != Way.BACKUP)


def ways_of(user: User, customer: BranchCustomer, *, confirms: bool = False) -> Ways:
    """The ways this customer has, sorted by what is open now. Two queries.

    `confirms` a payment or a change: while the phone number is new that is not done by SMS.
    """
    has = _has(user, customer)
    off = {row.code: row for row in switches.off_rows([SWITCHES[way] for way in has])}
    closed = {way: switches.notice_of(off[SWITCHES[way]]) for way in has if SWITCHES[way] in off}
    if confirms and Way.SMS in has and (notice := simguard.notice(user)):
        closed[Way.SMS] = notice
    open_ = [way for way in has if way not in closed]
    return Ways(tuple(sorted(open_, key=lambda way: way != user.preferred_way)), closed)


def _has(user: User, customer: BranchCustomer) -> list[Way]:
    """What the customer has. A code can be sent wherever the branch has an address."""
    has = [Way.SMS] if contacts.phone_of(customer) else []
    has += [Way.EMAIL] if customer.email else []
    apps = AuthenticatorApp.objects.filter(user_id=OuterRef("pk"), is_proven=True)
    passkeys = Passkey.objects.filter(user_id=OuterRef("pk"))
    codes = BackupCode.objects.filter(user_id=OuterRef("pk"), used_at=None)
    added = User.objects.filter(pk=user.pk).values_list(Exists(apps), Exists(passkeys), Exists(codes))
    return has + [way for way, there in zip((Way.APP, Way.PASSKEY, Way.BACKUP), added[0], strict=True) if there]
