"""What the pages of payees show. Every query is scoped to the signed-in customer."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef
from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer, Instruction, Posting
from transfers import phones
from transfers.destinations import Kind
from transfers.models import SavedPayee
from transfers.payees import newness
from transfers.payees.keeping import WEKEZA

SHELVES: dict[str, Any] = {
    WEKEZA: _("Wekeza customers"),
    Kind.MOBILE_MONEY: _("Phones"),
    Kind.BANK_TRANSFER: _("Other banks"),
    Kind.BANK_BY_PHONE: _("Bank accounts by phone number"),
    Kind.BILL_PAYMENT: _("Bills"),
    Kind.CDSC_TRANSFER: _("Stockbrokers"),
    Kind.AIRTIME: _("Airtime"),
}
PAGES = {
    WEKEZA: "move_wekeza",
    Kind.MOBILE_MONEY: "move_mobile",
    Kind.BANK_TRANSFER: "move_bank",
    Kind.BANK_BY_PHONE: "move_bank_phone",
    Kind.BILL_PAYMENT: "move_bill",
    Kind.CDSC_TRANSFER: "move_cdsc",
    Kind.AIRTIME: "move_airtime",
}


@dataclass(frozen=True, slots=True)
class KeptPayee:
    """A payee as its customer sees it; `times` and `last_at` (EAT) of payments through the portal."""

    id: uuid.UUID
    kind: str
    title: str
    name: str
    number: str
    at: str
    nickname: str
    is_confirmed: bool
    renamed_to: str
    """Whom the other side named at the last payment, where that is somebody else: payments stop."""
    confirmed_at: datetime | None
    own_limit: Decimal | None
    created_at: datetime
    times: int
    last_at: datetime | None
    pay_url: str


def get(customer: BranchCustomer, payee_id: uuid.UUID) -> SavedPayee:
    """The customer's own; Http404 alike for another's and for none."""
    row = SavedPayee.objects.filter(customer_id=customer.user_id, pk=payee_id).first()
    if row is None:
        raise Http404
    return row


def kept_by(customer: BranchCustomer, text: str = "") -> list[tuple[str, list[KeptPayee]]]:
    """The customer's payees by kind in words, each kind by title; only those in whose words `text` stands."""
    found = [one for one in _shown(customer, _rows(customer)) if _fits(one, text)]
    found.sort(key=lambda one: one.title.casefold())
    shelves = [(str(words), [one for one in found if one.kind == kind]) for kind, words in SHELVES.items()]
    return [(words, shelf) for words, shelf in shelves if shelf]


def shown(customer: BranchCustomer, row: SavedPayee) -> KeptPayee:
    """One payee with how often it was paid."""
    return _shown(customer, [row])[0]


def room(customer: BranchCustomer, row: SavedPayee) -> newness.Room | None:
    """What may still go to it while it is new."""
    return newness.room(customer, row.payee_key)


def typed_for(customer: BranchCustomer, payee_id: uuid.UUID, kind: str) -> dict[str, str]:
    """The fields of the payment's form that the payee fills in; nothing on a page of another kind. Http404 as `get`."""
    row = get(customer, payee_id)
    if row.kind != kind:
        return {}
    kept, values = row.destination, row.destination["values"]
    number = values.get("msisdn") or (values.get("account", "") if kind == Kind.AIRTIME else "")
    return {
        "to_account": kept["to_number"] if kind == WEKEZA else "",
        "phone": phones.shown(number) if number else "",
        "network": values.get("network", ""),
        "name": row.confirmed_name or kept["to_name"],
        "bank": values.get("bank_code", ""),
        "account": values.get("account", ""),
        "broker": values.get("broker", ""),
        "cds_number": values.get("cds_number", ""),
        "client_type": values.get("client_type", ""),
    }


def _rows(customer: BranchCustomer) -> list[SavedPayee]:
    return list(SavedPayee.objects.filter(customer_id=customer.user_id))


def _fits(one: KeptPayee, text: str) -> bool:
    words = f"{one.title} {one.name} {one.number} {one.at}".casefold()
    return all(part in words or part in words.replace(" ", "") for part in text.casefold().split())


def _shown(customer: BranchCustomer, rows: Iterable[SavedPayee]) -> list[KeptPayee]:
    rows = list(rows)
    back = Posting.objects.filter(instruction_id=OuterRef("id"), reversed_by__isnull=False)
    posted = Instruction.objects.filter(customer_id=customer.user_id, state=Instruction.State.POSTED)
    paid = posted.filter(~Exists(back), payee_key__in=[row.payee_key for row in rows])  # what came back was not paid
    counts = paid.values("payee_key").annotate(times=Count("id"), last_at=Max("posted_at")).order_by()
    times = {group["payee_key"]: (group["times"], group["last_at"]) for group in counts}
    return [_one(row, *times.get(row.payee_key, (0, None))) for row in rows]


def _one(row: SavedPayee, times: int, last_at: datetime | None) -> KeptPayee:
    kept = row.destination
    return KeptPayee(
        id=row.id,
        kind=row.kind,
        title=row.nickname or row.confirmed_name or kept["to_name"] or kept["to_at"],
        name=row.confirmed_name or kept["to_name"],
        renamed_to=row.renamed_to,
        number=kept["to_number"],
        at=kept["to_at"],
        nickname=row.nickname,
        is_confirmed=bool(row.confirmed_name),
        confirmed_at=row.confirmed_at,
        own_limit=row.own_limit,
        created_at=row.created_at,
        times=times,
        last_at=last_at,
        pay_url=_pay_url(row),
    )


def _pay_url(row: SavedPayee) -> str:
    query = {"payee": str(row.id)}
    if row.kind == Kind.BILL_PAYMENT:
        query["biller"] = row.destination["values"]["biller"]
    return f"{reverse(PAGES[row.kind])}?{urlencode(query)}"
