"""Loans that hang on an account: it can't be closed before they are repaid."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.due import Asked, columns
from lending.models import LoanAccount
from wekeza_portal.registry import DueRow, Tie, TieSource


def _rows(asked: Asked) -> QuerySet[Any, Any]:
    rows = LoanAccount.objects.filter(asked.by_number("account_number")).exclude(status=LoanAccount.Status.CLOSED)
    return rows.annotate(
        **columns(number="loan_id", name="loan_type", account_number="account_number", amount="outstanding_balance")
    )


def _tie(row: DueRow) -> Tie:
    words = _("Loan: %(loan)s") % {"loan": row.name or row.number}
    address = f"{reverse('borrow')}#loan-{row.number}"
    return Tie(words, _("Repay it first."), row.account_number, address, row.amount, is_in_the_way=True)


TIES = TieSource(rows=_rows, tie=_tie)
