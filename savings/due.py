"""Fixed deposits that reach their end."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.due import Asked, columns
from savings.models import FixedDeposit
from wekeza_portal.registry import DueItem, DueRow, DueSource


def _rows(asked: Asked) -> QuerySet[Any, Any]:
    rows = FixedDeposit.objects.filter(asked.by_id("account_id"), status=FixedDeposit.Status.ACTIVE)
    return rows.annotate(
        **columns(
            number="fd_number",
            name="fd_number",
            account_number="account__account_number",
            day="maturity_date",
            amount="maturity_amount",
        )
    )


def _item(row: DueRow, today: date) -> DueItem | None:
    if row.day is None:
        return None
    what = _("Fixed deposit reaches its end (before tax)")
    return DueItem(what, row.day, row.amount, True, row.account_number, f"{reverse('save')}#deposit-{row.number}")


SOURCE = DueSource(rows=_rows, item=_item)
