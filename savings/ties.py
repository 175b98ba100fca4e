"""Fixed deposits that hang on an account: it can't be closed before they have ended."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.due import Asked, columns
from savings.models import FixedDeposit
from wekeza_portal.registry import DueRow, Tie, TieSource


def _rows(asked: Asked) -> QuerySet[Any, Any]:
    rows = FixedDeposit.objects.filter(asked.by_id("account_id"), status=FixedDeposit.Status.ACTIVE)
    return rows.annotate(
        **columns(
            number="fd_number",
            name="fd_number",
            account_number="account__account_number",
            day="maturity_date",
            amount="principal_amount",
        )
    )


def _tie(row: DueRow) -> Tie:
    day = date_format(row.day, "j F Y") if row.day else row.number
    words = _("Fixed deposit until %(day)s") % {"day": day}
    then = _("It has to end first: its money is paid to this account.")
    address = f"{reverse('save')}#deposit-{row.number}"
    return Tie(words, then, row.account_number, address, row.amount, is_in_the_way=True)


TIES = TieSource(rows=_rows, tie=_tie)
