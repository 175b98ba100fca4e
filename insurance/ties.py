"""Policies whose premiums are taken from an account."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.due import Asked, columns
from insurance.models import InsurancePolicy
from wekeza_portal import clock
from wekeza_portal.registry import DueRow, Tie, TieSource


def _rows(asked: Asked) -> QuerySet[Any, Any]:
    rows = InsurancePolicy.objects.filter(asked.by_number("account_number"), status__iexact="ACTIVE")
    return rows.annotate(
        **columns(
            number="policy_number",
            name="policy_type",
            account_number="account_number",
            last_day="maturity_date",
            amount="annual_premium",
        )
    )


def _tie(row: DueRow) -> Tie | None:
    if row.last_day is not None and row.last_day < clock.today():
        return None
    words = _("Policy: %(policy)s") % {"policy": row.name or row.number}
    then = _("Tell the branch which account pays its premiums from then on, or the cover lapses.")
    return Tie(words, then, row.account_number, f"{reverse('insure')}#policy-{row.number}")


TIES = TieSource(rows=_rows, tie=_tie)
