"""Who of the bank looked at a customer's data: when, in which role and at what. Never the person's name."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer, User
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff.roles import ROLES

VERBS = ("staff.viewed", "customer.exported")
PAGE_SIZE = 25
LARGEST_ID = 2**63 - 1
NO_ROLE = _("The bank")
WHAT: dict[str, Any] = {
    "accounts.branchcustomer": _("Your name and contacts"),
    "identity": _("How the bank knows you"),
    "birth-dates": _("How the bank knows you"),
    "paper": _("Papers you sent"),
    "upload": _("Papers you sent"),
    "uploads.upload": _("Papers you sent"),
    "notifications.outboxmessage": _("Messages we sent you"),
    "audit.auditevent": _("The record of what was done in your name"),
    "accounts.account": _("Your accounts"),
    "accounts.accounttransaction": _("Movements on your accounts"),
    "accounts.instruction": _("Your payments"),
    "accounts.posting": _("Your payments"),
    "transfers.standingorder": _("Your standing orders"),
    "transfers.standingrun": _("Your standing orders"),
    "money-trail": _("Your payments"),
    "payment-out": _("Your payments"),
    "payments-out": _("Your payments"),
    "money-in": _("Money you received"),
    "deposit": _("Money you received"),
    "card": _("Your cards"),
    "accounts.card": _("Your cards"),
    "accounts.carduse": _("Your cards"),
    "freeze": _("What you stopped"),
    "freezes": _("What you stopped"),
    "call": _("Calls to you"),
    "calls": _("Calls to you"),
    "way-back": _("How you came back into your account"),
    "activation-codes": _("How you came back into your account"),
    "data-request": _("Your requests about data"),
    "data-requests": _("Your requests about data"),
    "support-view": _("Your own pages, with your consent"),
    "support-views": _("Looks at your own pages"),
    "services": _("What you asked the bank for"),
}
"""By the first part of what `record_view` noted; what is not here is "Your data", and fails a test."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look of the staff's. `role` and `what` are lazy words; `why` as staff wrote it, "" where they did not."""

    at: datetime
    role: Any
    what: Any
    why: str


@dataclass(frozen=True, slots=True)
class Page:
    """Up to 25 looks, the latest first; `older` leads on, None at the end."""

    looks: list[Look]
    older: int | None


def page(customer: BranchCustomer, before: str = "") -> Page:
    """The looks at this person's data below one of them. What came before the branch's row was a former customer's."""
    rows = AuditEvent.objects.filter(customer_id=customer.user_id, verb__in=VERBS, actor_kind="staff")
    if customer.created_at:
        rows = rows.filter(at__gte=customer.created_at)
    if before.isascii() and before.isdigit() and int(before[:20]) <= LARGEST_ID:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    roles = _roles_of({row.actor_id for row in shown})
    return Page([_look(row, roles) for row in shown], shown[-1].pk if len(found) > PAGE_SIZE else None)


def _look(row: AuditEvent, roles: dict[str, list[Any]]) -> Look:
    is_export = row.verb == "customer.exported"
    what = _("A copy of all your data, handed over") if is_export else what_of(row.subject)
    why = row.data.get("reason", "")
    held = roles.get(row.actor_id) or [NO_ROLE]
    return Look(at=row.at, role=held, what=what, why=why if isinstance(why, str) else "")


def what_of(subject: str) -> Any:
    """In the customer's words what was looked at."""
    kind = subject.removeprefix("list:").partition(":")[0]
    return WHAT.get(kind, _("Your data"))


def _roles_of(actors: Iterable[str]) -> dict[str, list[Any]]:
    """The roles each member of staff has now: the trail keeps who, and people change desks."""
    ids = [int(actor) for actor in actors if actor.isascii() and actor.isdigit()]
    held: dict[str, list[Any]] = defaultdict(list)
    rows = User.objects.filter(pk__in=ids, groups__name__in=list(ROLES)).values_list("pk", "groups__name")
    for user_id, name in rows.order_by("pk", "groups__name"):
        held[str(user_id)].append(ROLES[name])
    return held
