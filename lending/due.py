"""Instalments that fall due, as the branch's table has them."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.due import Asked, columns
from lending.models import LoanAccount
from wekeza_portal.registry import DueItem, DueRow, DueSource


def _rows(asked: Asked) -> QuerySet[Any, Any]:
    rows = LoanAccount.objects.filter(asked.by_number("account_number")).exclude(status=LoanAccount.Status.CLOSED)
    return rows.annotate(
        **columns(
            number="loan_id",
            name="loan_type",
            account_number="account_number",
            day="next_payment_date",
            amount="monthly_payment",
        )
    )


def _item(row: DueRow, today: date) -> DueItem | None:
    if row.day is None:
        return None
    what = _("Loan instalment, %(loan)s") % {"loan": row.name}
    return DueItem(what, row.day, row.amount, False, row.account_number, f"{reverse('borrow')}#loan-{row.number}")


SOURCE = DueSource(rows=_rows, item=_item)
