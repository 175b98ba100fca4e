"""The next date of each order, for the home page and the forecast."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.due import columns
from accounts.models import Account
from accounts.selectors import AccountSummary
from transfers.models import StandingOrder
from wekeza_portal.registry import DueItem, DueRow, DueSource


def _rows(accounts: Sequence[AccountSummary]) -> QuerySet[Any, Any]:
    """By account and by its owner: an account that changed hands shows nobody else's orders."""
    ids = [account.account_id for account in accounts]
    owners = Account.objects.filter(account_id__in=ids).values("customer_id")
    numbers = [account.number for account in accounts]
    rows = StandingOrder.objects.filter(
        from_number__in=numbers, customer_id__in=owners, state=StandingOrder.State.ACTIVE
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
