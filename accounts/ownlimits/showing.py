"""The limits as their page shows them: the bank's, the customer's own, used and left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.models import BranchCustomer, Limit, OwnLimit
from wekeza_portal import clock
from wekeza_portal.money import ZERO
from wekeza_portal.staff import switches

Code = Limit.Code
HEADINGS: dict[str, tuple[Any, Any, Any]] = {
    Code.DAILY_OUT: (_("In one day"), _("Sent today"), _("Left today")),
    Code.MONTHLY_OUT: (_("In one month"), _("Sent this month"), _("Left this month")),
}
SINGLE: tuple[tuple[Any, str, str], ...] = (
    (_("To a phone (M-Pesa, Airtel Money)"), Code.MOBILE_MINIMUM, Code.MOBILE_PER_PAYMENT),
    (_("To another bank"), Code.BANK_MINIMUM, Code.BANK_PER_PAYMENT),
    (_("To a bank account by phone number"), Code.BY_PHONE_MINIMUM, Code.BY_PHONE_PER_PAYMENT),
    (_("A bill"), Code.BILL_MINIMUM, Code.BILL_PER_PAYMENT),
    (_("To a stockbroker"), Code.CDSC_MINIMUM, Code.CDSC_PER_PAYMENT),
    (_("Airtime"), Code.AIRTIME_MINIMUM, Code.AIRTIME_PER_PAYMENT),
)
"""What it is, the least and the most of one payment."""
WITH_TKASH = _("To a phone (M-Pesa, Airtel Money, T-Kash)")
_OTHERS = (Code.STEP_UP_ALLOWANCE, Code.NEW_PAYEE_DAY, Code.SAVINGS_MINIMUM, Code.OWN_LIMIT_HOURS)


@dataclass(frozen=True, slots=True)
class Period:
    """One limit over a day or a month, in KES. `own` is the customer's own figure, None where there is none."""

    code: str
    words: tuple[Any, Any, Any]
    of_the_bank: Decimal
    limit: Decimal
    used: Decimal
    own: Decimal | None
    next_value: Decimal | None
    next_at: datetime | None
    """When a raise begins to count; None where none waits."""

    @property
    def left(self) -> Decimal:
        return max(self.limit - self.used, ZERO)

    @property
    def is_own(self) -> bool:
        return self.limit < self.of_the_bank


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the page says."""

    periods: list[Period]
    single: list[tuple[Any, Decimal, Decimal]]
    without_code: Decimal
    without_code_left: Decimal
    new_payee: Decimal
    minimum: Decimal
    hours: int


def shown(customer: BranchCustomer) -> Shown:
    """The limits of today, with four queries. Most of one payment is never more than the day has."""
    today, now = clock.today(), clock.now()
    codes = [*HEADINGS, *_OTHERS, *(code for _words, *both in SINGLE for code in both)]
    figures = limits.figures_for(customer, codes, today)
    used = limits.used_of(customer, [*HEADINGS, Code.STEP_UP_ALLOWANCE], today)
    rows = {row.code: row for row in OwnLimit.objects.filter(customer_id=customer.user_id)}
    return Shown(
        periods=[_period(code, figures, used, rows.get(code), now) for code in HEADINGS],
        single=_single(figures),
        without_code=figures[Code.STEP_UP_ALLOWANCE],
        without_code_left=max(figures[Code.STEP_UP_ALLOWANCE] - used[Code.STEP_UP_ALLOWANCE], ZERO),
        new_payee=figures[Code.NEW_PAYEE_DAY],
        minimum=figures[Code.SAVINGS_MINIMUM],
        hours=int(figures[Code.OWN_LIMIT_HOURS]),
    )


def _single(figures: limits.Figures) -> list[tuple[Any, Decimal, Decimal]]:
    """T-Kash is named only while it is on."""
    said: dict[str, Any] = {Code.MOBILE_MINIMUM: WITH_TKASH} if switches.is_on(switches.TKASH) else {}
    return [
        (said.get(least, words), figures[least], min(figures[most], figures[Code.DAILY_OUT]))
        for words, least, most in SINGLE
    ]


def _period(
    code: str, figures: limits.Figures, used: Mapping[str, Decimal], row: OwnLimit | None, now: datetime
) -> Period:
    waits = row is not None and row.waits(now)
    return Period(
        code=code,
        words=HEADINGS[code],
        of_the_bank=figures.of_the_bank[code],
        limit=figures[code],
        used=used[code],
        own=row.in_force(now) if row else None,
        next_value=row.next_value if row and waits else None,
        next_at=row.next_at if row and waits else None,
    )
