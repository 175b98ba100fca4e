"""Premiums that fall due. The branch keeps no next day: it follows from the last premium, or from the sale."""

from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.due import Asked, columns
from insurance.models import InsurancePolicy, PremiumPayment
from wekeza_portal.money import round_half_up
from wekeza_portal.registry import DueItem, DueRow, DueSource

MONTHS_BETWEEN = {"MONTHLY": 1, "QUARTERLY": 3, "SEMI-ANNUAL": 6, "ANNUAL": 12}


def next_premium(*, starts: date | None, last_paid: date | None, frequency: str, ends: date | None) -> date | None:
    """One period after the last premium, or after the start, when the first one is paid with the sale.

    None where the branch left out what is needed, or the cover ends before.
    """
    months = MONTHS_BETWEEN.get(frequency.upper())
    since = max((day for day in (starts, last_paid) if day), default=None)
    if months is None or since is None:
        return None
    due = months_after(since, months)
    return None if ends is not None and due >= ends else due


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def premium(annual: Decimal, frequency: str) -> Decimal:
    """KES of one premium: the year's, in equal parts, rounded half up to the cent."""
    return round_half_up(annual * MONTHS_BETWEEN[frequency.upper()] / 12)


def _rows(asked: Asked) -> QuerySet[Any, Any]:
    paid = PremiumPayment.objects.filter(policy_number=OuterRef("policy_number")).values("policy_number")
    last_paid = Subquery(paid.annotate(last=Max("payment_date")).values("last"))
    return InsurancePolicy.objects.filter(asked.by_number("account_number"), status__iexact="ACTIVE").annotate(
        **columns(
            number="policy_number",
            name="policy_type",
            account_number="account_number",
            first_day="start_date",
            last_day="maturity_date",
            day=last_paid,
            amount="annual_premium",
            word="payment_frequency",
        )
    )


def _item(row: DueRow, today: date) -> DueItem | None:
    due = next_premium(starts=row.first_day, last_paid=row.day, frequency=row.word, ends=row.last_day)
    if due is None:
        return None
    what = _("Premium, %(policy)s") % {"policy": row.name or row.number}
    amount = premium(row.amount, row.word)
    return DueItem(what, due, amount, False, row.account_number, f"{reverse('insure')}#policy-{row.number}")


SOURCE = DueSource(rows=_rows, item=_item)
