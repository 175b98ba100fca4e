"""Limits: which figure is in force, how much of it a customer has used, and taking from it under a lock.

Everything that leaves the customer through Move counts, fees excluded; a reversal gives the allowance back. Days and
months are Nairobi's. Source: the requirement's business rules and transfer limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer, Limit, LimitUsage
from wekeza_portal import clock
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


@dataclass(frozen=True, slots=True)
class Room:
    """What may still leave a customer, in KES."""

    daily_left: Decimal
    daily_limit: Decimal
    monthly_left: Decimal
    monthly_limit: Decimal

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
    rows = Limit.objects.filter(code__in=codes, kyc_tier__in=[tier, ""], effective_from__lte=on)
    newest: dict[tuple[str, str], Decimal] = {}
    for row in rows.order_by("effective_from", "id"):
        newest[row.code, row.kyc_tier] = row.value
    in_force = {code: newest.get((code, tier), newest.get((code, ""))) for code in codes}
    missing = [code for code, figure in in_force.items() if figure is None]
    if missing:
        raise LookupError(f"no {', '.join(missing)} limit in force on {on}")
    return {code: figure for code, figure in in_force.items() if figure is not None}


def period_of(code: str, on: date) -> str:
    """The counting period: the month for MONTHLY_OUT, the day for everything else."""
    return on.strftime("%Y-%m") if code == Limit.Code.MONTHLY_OUT else on.isoformat()


def room(customer: BranchCustomer, on: date | None = None) -> Room:
    """What may still leave the customer today and this month. For showing; the ledger decides under its lock."""
    on = on or clock.today()
    limit = values([Limit.Code.DAILY_OUT, Limit.Code.MONTHLY_OUT], tier=customer.kyc_tier, on=on)
    used = _used(customer, list(limit), on)
    return Room(
        daily_left=max(limit[Limit.Code.DAILY_OUT] - used[Limit.Code.DAILY_OUT], ZERO),
        daily_limit=limit[Limit.Code.DAILY_OUT],
        monthly_left=max(limit[Limit.Code.MONTHLY_OUT] - used[Limit.Code.MONTHLY_OUT], ZERO),
        monthly_limit=limit[Limit.Code.MONTHLY_OUT],
    )


def take(customer: BranchCustomer, amount: Decimal, *, on: date, stepped_up: bool) -> None:
    """Count `amount` KES against the customer's limits. Inside the money operation, under row locks.

    Raises DailyLimitExceeded or MonthlyLimitExceeded with what would still pass, and AllowanceExceeded when the
    payment may go but only with a code.
    """
    codes: list[tuple[str, type[LimitExceeded]]] = [
        (Limit.Code.DAILY_OUT, DailyLimitExceeded),
        (Limit.Code.MONTHLY_OUT, MonthlyLimitExceeded),
    ]
    if not stepped_up:
        codes.append((Limit.Code.STEP_UP_ALLOWANCE, AllowanceExceeded))
    limit = values([code for code, _error in codes], tier=customer.kyc_tier, on=on)
    counters = _locked(customer, list(limit), on)
    for code, error in codes:
        left = limit[code] - counters[code].used
        if amount > left:
            raise error(left=max(left, ZERO), limit=limit[code])
    _add(counters, amount)


def give_back(customer: BranchCustomer, amount: Decimal, *, on: date) -> None:
    """Undo `take` for a payment made on `on` that is being reversed. Never below zero."""
    _add(_locked(customer, [Limit.Code.DAILY_OUT, Limit.Code.MONTHLY_OUT], on), -amount)


def used(customer: BranchCustomer, code: str, on: date) -> Decimal:
    """KES counted against one limit in the period that contains `on`."""
    return _used(customer, [code], on)[code]


def _used(customer: BranchCustomer, codes: Sequence[str], on: date) -> dict[str, Decimal]:
    periods = {code: period_of(code, on) for code in codes}
    rows = LimitUsage.objects.filter(customer_id=customer.user_id, code__in=codes, period__in=set(periods.values()))
    found = {row.code: row.used for row in rows if row.period == periods[row.code]}
    return {code: found.get(code, ZERO) for code in codes}


def _locked(customer: BranchCustomer, codes: list[str], on: date) -> dict[str, LimitUsage]:
    """The counters, created where missing, locked in one query in primary-key order."""
    wanted = [(code, period_of(code, on)) for code in codes]
    found = _lock(customer, wanted)
    if len(found) < len(wanted):
        missing = [
            LimitUsage(customer_id=customer.user_id, code=code, period=period, used=ZERO)
            for code, period in wanted
            if code not in found
        ]
        LimitUsage.objects.bulk_create(missing, ignore_conflicts=True)
        found = _lock(customer, wanted)
    return found


def _lock(customer: BranchCustomer, wanted: list[tuple[str, str]]) -> dict[str, LimitUsage]:
    rows = LimitUsage.objects.select_for_update().filter(
        customer_id=customer.user_id,
        code__in=[code for code, _period in wanted],
        period__in={period for _code, period in wanted},
    )
    return {row.code: row for row in rows.order_by("id")}


def _add(counters: dict[str, LimitUsage], amount: Decimal) -> None:
    for usage in counters.values():
        usage.used = max(usage.used + amount, ZERO)
        usage.save(update_fields=["used"])
