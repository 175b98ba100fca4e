"""What moves money out of an account: payments on their way, and standing orders."""

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.due import Asked, columns
from accounts.models import Account, Instruction
from transfers.models import Payment, StandingOrder
from wekeza_portal.registry import DueRow, Tie, TieSource, account_ties


def _payments(asked: Asked) -> QuerySet[Any, Any]:
    """Of the accounts' owners; which account each left is in its instruction."""
    owners = Account.objects.filter(asked.by_id("account_id")).values("customer_id")
    ordered = Instruction.objects.filter(pk=OuterRef("pk"))
    number = Subquery(ordered.values(from_number=KeyTextTransform("from_number", "payload"))[:1])
    rows = Payment.objects.filter(customer_id__in=owners, state__in=Payment.OPEN).annotate(left=number)
    return rows.annotate(**columns(number="id", name="reference", account_number="left", amount="amount"))


def _payment(row: DueRow) -> Tie:
    then = _("Wait until it has arrived or is back.")
    address = reverse("payment_receipt", args=[UUID(row.number)])
    words = _("A payment that is on its way")
    return Tie(words, then, row.account_number, address, row.amount, is_in_the_way=True)


def _orders(asked: Asked) -> QuerySet[Any, Any]:
    owners = Account.objects.filter(asked.by_id("account_id")).values("customer_id")
    rows = StandingOrder.objects.filter(asked.by_number("from_number"), customer_id__in=owners)
    return rows.exclude(state=StandingOrder.State.ENDED).annotate(
        **columns(number="public_id", name="receiver", account_number="from_number", amount="amount")
    )


def _order(row: DueRow) -> Tie:
    words = _("Standing order: %(payee)s") % {"payee": row.name}
    then = _("It pays nothing any more. Set it up from another account if it matters.")
    address = reverse("standing_order", args=[UUID(row.number)])
    return Tie(words, then, row.account_number, address, row.amount)


def register() -> None:
    account_ties.register("payments", TieSource(rows=_payments, tie=_payment))
    account_ties.register("standing", TieSource(rows=_orders, tie=_order))
