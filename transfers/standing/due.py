"""The next date of each order, for the home page and the forecast."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.due import Asked, columns
from accounts.models import Account
from transfers.models import StandingOrder
from wekeza_portal.registry import DueItem, DueRow, DueSource


def _rows(asked: Asked) -> QuerySet[Any, Any]:
    """By account and by its owner: an account that changed hands shows nobody else's orders."""
    owners = Account.objects.filter(asked.by_id("account_id")).values("customer_id")
    rows = StandingOrder.objects.filter(
        asked.by_number("from_number"), customer_id__in=owners, state=StandingOrder.State.ACTIVE
    )
    return rows.annotate(
        **columns(
            number="public_id",
            name="receiver",
            account_number="from_number",
            day="next_due",
            amount="amount",
            word="mode",
        )
    )


def _item(row: DueRow, today: date) -> DueItem | None:
    if row.day is None:
        return None
    is_reminder = row.word == StandingOrder.Mode.REMIND
    values = {"payee": row.name}
    what = (_("Reminder to pay %(payee)s") if is_reminder else _("Standing order: %(payee)s")) % values
    address = reverse("standing_order", args=[UUID(row.number)])
    return DueItem(what, row.day, row.amount, False, row.account_number, address)


SOURCE = DueSource(rows=_rows, item=_item)
