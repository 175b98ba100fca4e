"""What pages show of a user's sign-ins. Every query is scoped to the user it is given."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, QuerySet

from accounts.identity import browsers
from accounts.models import SignInAttempt, User
from wekeza_portal.prepared import Prepared, Slot

Outcome = SignInAttempt.Outcome


def _successful() -> QuerySet[SignInAttempt]:
    rows = SignInAttempt.objects.filter(user_id=Slot("user_id", BigIntegerField()), outcome=Outcome.SIGNED_IN)
    return rows.order_by("-at", "-id")[1:2]


_one_before = Prepared(_successful)


@dataclass(frozen=True, slots=True)
class SignInLine:
    """One try, as its owner reads it."""

    at: datetime
    outcome: str
    browser: str
    place: str
    is_new_device: bool


def last_sign_in(user: User) -> SignInAttempt | None:
    """The successful sign-in before the present one."""
    return next(iter(_one_before(user_id=user.pk)), None)


def sign_ins(user: User, most: int = 50) -> list[SignInLine]:
    """The latest tries, good and bad, newest first."""
    rows = SignInAttempt.objects.filter(user=user).order_by("-at", "-id")[:most]
    return [
        SignInLine(row.at, row.outcome, browsers.in_words(row.user_agent), row.ip or "", row.is_new_device)
        for row in rows
    ]
