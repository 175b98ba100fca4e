"""Limits: which figure is in force, how much of it a customer has used, and taking from it under a lock.

Everything that leaves the customer through Move counts, fees excluded; a reversal gives the allowance back. Days and
months are Nairobi's. Source: the requirement's business rules and transfer limits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer, Limit, LimitUsage
from wekeza_portal import clock, sql
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO, format_kes


class LimitExceeded(PortalError):
    """More would leave than a limit allows. `left` is what would still pass, `limit` the whole of it (KES)."""

    field = "amount"

    def __init__(self, *, left: Decimal, limit: Decimal) -> None:
        super().__init__(left=format_kes(left), limit=format_kes(limit))
        self.left = left


class DailyLimitExceeded(LimitExceeded):
    code = "daily_limit"
    message = _("You can send up to %(left)s today. Your daily limit is %(limit)s.")


class MonthlyLimitExceeded(LimitExceeded):
    code = "monthly_limit"
    message = _("You can send up to %(left)s this month. Your monthly limit is %(limit)s.")


class AllowanceExceeded(LimitExceeded):
    """The daily amount to known payees without a code is used up: a code is due, nothing is refused."""

    code = "step_up_allowance"
    message = _("We will send you a code to confirm this payment.")


Figures = Mapping[str, Decimal]
"""Limits in force, by code."""
OUT: tuple[tuple[str, type[LimitExceeded]], ...] = (
    (Limit.Code.DAILY_OUT, DailyLimitExceeded),
    (Limit.Code.MONTHLY_OUT, MonthlyLimitExceeded),
)
WITHOUT_A_CODE: tuple[str, type[LimitExceeded]] = (Limit.Code.STEP_UP_ALLOWANCE, AllowanceExceeded)

_limits = sql.Rows(Limit)
_usages = sql.Rows(LimitUsage)
_USED = LimitUsage._meta.get_field("used")


@dataclass(frozen=True, slots=True)
class Room:
    """What may still leave a customer, in KES."""

    daily_left: Decimal
    daily_limit: Decimal
    monthly_left: Decimal
    monthly_limit: Decimal
    without_code: Decimal | None = None
    """What may still go to known payees without a code; None where that was not asked."""

    @property
    def left(self) -> Decimal:
        return min(self.daily_left, self.monthly_left)


def value(code: str, *, tier: str, on: date) -> Decimal:
    """The figure in force on `on` (EAT date) for a KYC tier, or for all tiers where the tier has no row of its own.

    Raises LookupError when nothing is in force: a missing limit must stop money, not let it through.
    """
    return values([code], tier=tier, on=on)[code]


def values(codes: Sequence[str], *, tier: str, on: date) -> dict[str, Decimal]:
    """`value` of several limits with one query."""
    return _in_force(codes, on, "%s", [tier])


def values_of(customer: BranchCustomer, codes: Sequence[str], on: date) -> dict[str, Decimal]:
    """Likewise for the tier this customer is really in: that of the branch's row, or NONE where the ID was not seen.

    Still one query: whoever confirms a payment waits for no other.
    """
    return _in_force(codes, on, _TIER_OF, [customer.user_id, customer.kyc_tier])


_TIER_OF = (
    "COALESCE((SELECT i.standing FROM portal_customer_identity i WHERE i.customer_id = %s AND i.standing > ''), %s)"
)


def _in_force(codes: Sequence[str], on: date, tier: str, params: Sequence[Any]) -> dict[str, Decimal]:
    in_time = f"code IN ({sql.marks(codes)}) AND kyc_tier IN ({tier}, '') AND effective_from <= %s"
    begins = sql.prepared(Limit._meta.get_field("effective_from"), on)
    newest: dict[tuple[str, bool], Decimal] = {}
    for row in _limits.where(f"{in_time} ORDER BY effective_from, id", [*codes, *params, begins]):
        newest[row.code, bool(row.kyc_tier)] = row.value
    in_force = {code: newest.get((code, True), newest.get((code, False))) for code in codes}
    missing = [code for code, figure in in_force.items() if figure is None]
    if missing:
        raise LookupError(f"no {', '.join(missing)} limit in force on {on}")
    return {code: figure for code, figure in in_force.items() if figure is not None}


def period_of(code: str, on: date) -> str:
    """The counting period: the month for MONTHLY_OUT, the day for everything else."""
    return on.strftime("%Y-%m") if code == Limit.Code.MONTHLY_OUT else on.isoformat()


def room(customer: BranchCustomer, on: date | None = None, figures: Figures | None = None) -> Room:
    """What may still leave the customer today and this month. For showing; the ledger decides under its lock.

    `figures` where the limits are known already, with others asked for once.
    """
    on = on or clock.today()
    codes = [Limit.Code.DAILY_OUT, Limit.Code.MONTHLY_OUT]
    limit = figures or values(codes, tier=customer.kyc_tier, on=on)
    allowance = Limit.Code.STEP_UP_ALLOWANCE
    used = _used(customer, [*codes, allowance] if allowance in limit else codes, on)
    return Room(
        daily_left=max(limit[Limit.Code.DAILY_OUT] - used[Limit.Code.DAILY_OUT], ZERO),
        daily_limit=limit[Limit.Code.DAILY_OUT],
        monthly_left=max(limit[Limit.Code.MONTHLY_OUT] - used[Limit.Code.MONTHLY_OUT], ZERO),
        monthly_limit=limit[Limit.Code.MONTHLY_OUT],
        without_code=limit[allowance] - used[allowance] if allowance in limit else None,
    )


def figures_for_a_payment(customer: BranchCustomer, *, on: date, counts: bool) -> Figures:
    """Every limit that a payment is held against, asked for once: whether money may move at all, the minimum, and what
    counts against Move."""
    codes = [code for code, _error in (*OUT, WITHOUT_A_CODE)] if counts else []
    return values_of(customer, [Limit.Code.MAY_PAY, Limit.Code.SAVINGS_MINIMUM, *codes], on)


def take(
    customer: BranchCustomer, amount: Decimal, *, on: date, stepped_up: bool, figures: Figures | None = None
) -> None:
    """Count `amount` KES against the customer's limits. Inside the money operation, under row locks.

    `figures` where they are known already. Raises DailyLimitExceeded or MonthlyLimitExceeded with what would still
    pass, and AllowanceExceeded when the payment may go but only with a code.
    """
    codes = OUT if stepped_up else (*OUT, WITHOUT_A_CODE)
    limit = figures if figures is not None else values([code for code, _error in codes], tier=customer.kyc_tier, on=on)
    counters = _locked(customer.user_id, [code for code, _error in codes], on)
    for code, error in codes:
        left = limit[code] - counters[code].used
        if amount > left:
            raise error(left=max(left, ZERO), limit=limit[code])
    _add(counters, amount)


def give_back(customer_id: int, amount: Decimal, *, on: date) -> None:
    """Undo `take` for a payment made on `on` that is being given back. Never below zero."""
    _add(_locked(customer_id, [code for code, _error in OUT], on), -amount)


def used(customer: BranchCustomer, code: str, on: date) -> Decimal:
    """KES counted against one limit in the period that contains `on`."""
    return _used(customer, [code], on)[code]


def _used(customer: BranchCustomer, codes: Sequence[str], on: date) -> dict[str, Decimal]:
    periods = {code: period_of(code, on) for code in codes}
    rows = LimitUsage.objects.filter(customer_id=customer.user_id, code__in=codes, period__in=set(periods.values()))
    found = {row.code: row.used for row in rows if row.period == periods[row.code]}
    return {code: found.get(code, ZERO) for code in codes}


def _locked(customer_id: int, codes: Sequence[str], on: date) -> dict[str, LimitUsage]:
    """The counters, created where missing, locked in one query in primary-key order."""
    wanted = [(code, period_of(code, on)) for code in codes]
    found = _lock(customer_id, wanted)
    if len(found) < len(wanted):
        missing = [
            {"customer": customer_id, "code": code, "period": period, "used": ZERO}
            for code, period in wanted
            if code not in found
        ]
        sql.insert(LimitUsage, missing, ignore=True)
        found = _lock(customer_id, wanted)
    return found


def _lock(customer_id: int, wanted: Sequence[tuple[str, str]]) -> dict[str, LimitUsage]:
    codes = [code for code, _period in wanted]
    periods = sorted({period for _code, period in wanted})
    condition = f"customer_id = %s AND code IN ({sql.marks(codes)}) AND period IN ({sql.marks(periods)}) ORDER BY id"
    return {row.code: row for row in _usages.where(condition, [customer_id, *codes, *periods], lock=True)}


def _add(counters: Mapping[str, LimitUsage], amount: Decimal) -> None:
    """The new figure of every locked counter, in one statement."""
    for usage in counters.values():
        usage.used = max(usage.used + amount, ZERO)
    figures = [(usage.pk, sql.prepared(_USED, usage.used)) for usage in counters.values()]
    choices = " ".join(["WHEN %s THEN %s"] * len(figures))
    sql.run(
        f"UPDATE portal_limit_usage SET used = CASE id {choices} END WHERE id IN ({sql.marks(figures)})",  # noqa: S608 - own names
        [*(value for pair in figures for value in pair), *(key for key, _used in figures)],
    )
