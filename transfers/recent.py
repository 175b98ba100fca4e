"""Whom a customer paid of late, inside the bank and outside, one tap away from being paid again."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from accounts.ledger import PostingKind
from accounts.models import BranchCustomer, Instruction
from accounts.preferences.chosen import shown_since
from transfers import receivers
from transfers.addresses import address_like
from transfers.destinations import Kind
from transfers.models import Payment

KINDS = (PostingKind.TRANSFER_INTERNAL, *Kind)
ICONS: dict[str, str] = {
    Kind.MOBILE_MONEY: "phone",
    Kind.AIRTIME: "call",
    Kind.BANK_TRANSFER: "bank",
    Kind.BANK_BY_PHONE: "bank",
    Kind.BILL_PAYMENT: "bill",
    Kind.CDSC_TRANSFER: "chart",
}


@dataclass(frozen=True, slots=True)
class RecentPayee:
    """Somebody who was paid; `name` as the receipt says it, `at` the network, bank or company, "" inside the bank."""

    name: str
    number: str
    at: str
    icon: str
    address: str
    """The page on which paying them again begins."""
    times: int
    last_at: datetime


def recent_payees(customer: BranchCustomer, most: int = 6, *, inside_only: bool = False) -> list[RecentPayee]:
    """Whom the customer paid through the portal in the history they want shown, latest first. What came back was not
    paid."""
    kinds = KINDS[:1] if inside_only else KINDS
    since = shown_since(customer)
    back = Payment.objects.filter(customer_id=customer.user_id, state=Payment.State.RETURNED)
    posted = Instruction.objects.filter(customer_id=customer.user_id, state=Instruction.State.POSTED, kind__in=kinds)
    if since is not None:
        posted = posted.filter(posted_at__gte=since)
    paid = posted.exclude(payee_key="").exclude(id__in=back.values("id"))
    numbered = paid.annotate(
        times=Window(Count("id"), partition_by="payee_key"),
        nth=Window(RowNumber(), partition_by="payee_key", order_by=["-posted_at", "-id"]),
    )
    return [_payee(row, row.times) for row in numbered.filter(nth=1).order_by("-posted_at")[:most]]


def _payee(latest: Instruction, times: int) -> RecentPayee:
    payload = latest.payload
    assert latest.posted_at is not None  # a posted one
    is_inside = latest.kind == PostingKind.TRANSFER_INTERNAL
    number, at = payload["to_number"], payload.get("to_at", "")
    is_for_somebody = receivers.company_of(payload) and receivers.whom_of(payload)
    name = receivers.in_short(payload) if is_for_somebody else payload["to_name"] or at
    return RecentPayee(
        name=name,
        number=number,
        at="" if is_for_somebody or at == name else at,
        icon=ICONS.get(latest.kind, "user"),
        address=f"{reverse('move_wekeza')}?to={number}" if is_inside else address_like(latest),
        times=times,
        last_at=latest.posted_at,
    )
