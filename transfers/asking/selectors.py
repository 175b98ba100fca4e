"""What each side sees of requests for money."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer
from accounts.preferences.chosen import shown_since
from transfers.asking.answers import is_open
from transfers.models import BlockedAsker, MoneyRequest
from transfers.rules import masked_name
from wekeza_portal import clock

State = MoneyRequest.State
LISTED = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as its asker sees it: the same whether the number is somebody's, and whether they said no."""

    id: uuid.UUID
    number: str
    amount: Decimal
    note: str
    state: Any
    until: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class ToPay:
    """A request as its payer sees it."""

    request: MoneyRequest
    name: str
    is_open: bool
    state: Any


@dataclass(frozen=True, slots=True)
class Blocked:
    id: uuid.UUID
    name: str
    since: datetime


def asked_by(customer: BranchCustomer) -> list[Asked]:
    """What this customer asked for, newest first."""
    rows = _shown(customer).filter(asker_id=customer.user_id).order_by("-created_at", "-id")
    return [as_asker_sees(row) for row in rows[:LISTED]]


def _shown(customer: BranchCustomer) -> QuerySet[MoneyRequest]:
    """Those in the history that this customer wants shown: none that waits is as old."""
    since = shown_since(customer)
    return MoneyRequest.objects.filter(created_at__gte=since) if since else MoneyRequest.objects.all()


def as_asker_sees(row: MoneyRequest) -> Asked:
    """Reads neither `payer_id` nor whether it was declined."""
    waits = row.state in (State.OPEN, State.DECLINED) and row.expires_at > clock.now()
    words = {State.PAID: _("Paid"), State.CANCELLED: _("Taken back")}.get(State(row.state), _("Ran out"))
    state = _("Waiting") if waits else words
    return Asked(row.id, row.payer_number, row.amount, row.note, state, row.expires_at, waits)


def asked_of(customer: BranchCustomer) -> list[ToPay]:
    """What this customer is asked for: all that is open, and the latest that was answered."""
    rows = _shown(customer).filter(payer_id=customer.user_id).order_by("-created_at", "-id")[:LISTED]
    found = list(rows)
    names = _names({row.asker_id for row in found})
    return [as_payer_sees(row, names.get(row.asker_id, "***")) for row in found]


def as_payer_sees(row: MoneyRequest, name: str) -> ToPay:
    words = {
        State.PAID: _("Paid"),
        State.DECLINED: _("You said no"),
        State.CANCELLED: _("Taken back"),
        State.OPEN: _("Ran out"),
    }
    waiting = is_open(row)
    return ToPay(row, name, waiting, _("Waiting for you") if waiting else words[State(row.state)])


def name_of_asker(row: MoneyRequest) -> str:
    """Masked, as every stranger's name."""
    return _names({row.asker_id}).get(row.asker_id, "***")


def blocked_by(customer: BranchCustomer) -> list[Blocked]:
    """Whom this customer wants to hear nothing from."""
    rows = list(BlockedAsker.objects.filter(customer_id=customer.user_id).order_by("created_at"))
    names = _names({row.asker_id for row in rows})
    return [Blocked(row.id, names.get(row.asker_id, "***"), row.created_at) for row in rows]


def _names(ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    people = BranchCustomer.objects.filter(pk__in=ids).values_list("user_id", "full_name")
    return {user_id: masked_name(name) for user_id, name in people}
