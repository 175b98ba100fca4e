"""Limits: which figure is in force, how much of it a customer has used, and taking from it under a lock.

Everything that leaves the customer through Move counts, fees excluded; a reversal gives the allowance back. Days and
months are Nairobi's. Source: the requirement's business rules and transfer limits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.formats import date_format
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


class RecoveryCapExceeded(LimitExceeded):
    """More than may leave in the 24 hours after a customer came back in by a way that a thief might have used."""

    code = "recovery_cap"
    message = _(
        "You can send up to %(left)s until %(until)s. For 24 hours after a new password the most is %(limit)s, "
        "to protect you."
    )

    def __init__(self, *, left: Decimal, limit: Decimal, until: datetime) -> None:
        super().__init__(left=left, limit=limit)
        self.values["until"] = until_when(until)


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

RECOVERED = Limit.Code.RECOVERED_DAY
RECOVERED_FOR = timedelta(hours=24)
"""How long payments are capped after a way back in (security target 13)."""

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

    recovery: "Recovery | None" = None
    """The cap after a way back in, while it holds."""

    @property
    def left(self) -> Decimal:
        found = min(self.daily_left, self.monthly_left)
        return found if self.recovery is None else min(found, self.recovery.left)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What may still leave under the cap that follows a way back in: KES, and when the cap ends."""

    left: Decimal
    limit: Decimal
    until: datetime

    @property
    def until_text(self) -> str:
        return until_when(self.until)


def until_when(moment: datetime) -> str:
    """ "26 November, 09:30", Nairobi time, in the active language."""
    local = moment.astimezone(clock.NAIROBI)
    return f"{date_format(local, 'j F')}, {local:%H:%M}"


def value(code: str, *, tier: str, on: date) -> Decimal:
    """The figure in force on `on` (EAT date) for a KYC tier, or for all tiers where the tier has no row of its own.

    Raises LookupError when nothing is in force: a missing limit must stop money, not let it through.
    """
    return values([code], tier=tier, on=on)[code]


def values(codes: Sequence[str], *, tier: str, on: date) -> dict[str, Decimal]:
    """`value` of several limits with one query."""
    in_time = f"code IN ({sql.marks(codes)}) AND kyc_tier IN (%s, '') AND effective_from <= %s"
    begins = sql.prepared(Limit._meta.get_field("effective_from"), on)
    newest: dict[tuple[str, str], Decimal] = {}
    for row in _limits.where(f"{in_time} ORDER BY effective_from, id", [*codes, tier, begins]):
        newest[row.code, row.kyc_tier] = row.value
    in_force = {code: newest.get((code, tier), newest.get((code, ""))) for code in codes}
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
    used, recovered = _used(customer, [*codes, allowance] if allowance in limit else codes, on)
    return Room(
        daily_left=max(limit[Limit.Code.DAILY_OUT] - used[Limit.Code.DAILY_OUT], ZERO),
        daily_limit=limit[Limit.Code.DAILY_OUT],
        monthly_left=max(limit[Limit.Code.MONTHLY_OUT] - used[Limit.Code.MONTHLY_OUT], ZERO),
        monthly_limit=limit[Limit.Code.MONTHLY_OUT],
        without_code=limit[allowance] - used[allowance] if allowance in limit else None,
        recovery=_recovery(customer, recovered, limit, on),
    )


def _recovery(customer: BranchCustomer, rows: Sequence[LimitUsage], figures: Figures, on: date) -> Recovery | None:
    """The tightest of the caps that hold now; None without one."""
    if not rows:
        return None
    limit = figures[RECOVERED] if RECOVERED in figures else value(RECOVERED, tier=customer.kyc_tier, on=on)
    most = max(row.used for row in rows)
    return Recovery(max(limit - most, ZERO), limit, max(row.ends_at for row in rows if row.ends_at is not None))


def begin_recovery(customer: BranchCustomer) -> Recovery:
    """Cap what leaves this customer for 24 hours from now on, in the caller's transaction.

    A second time within them begins anew and forgets nothing that was used.
    """
    now = clock.now()
    on = now.date()
    row, _is_new = LimitUsage.objects.update_or_create(
        customer_id=customer.user_id,
        code=RECOVERED,
        period=period_of(RECOVERED, on),
        defaults={"ends_at": now + RECOVERED_FOR},
    )
    limit = value(RECOVERED, tier=customer.kyc_tier, on=on)
    return Recovery(max(limit - row.used, ZERO), limit, now + RECOVERED_FOR)


def figures_for_a_payment(*, tier: str, on: date, counts: bool) -> Figures:
    """Every limit that a payment is held against, asked for once: the minimum, and what counts against Move."""
    codes = [RECOVERED, *(code for code, _error in (*OUT, WITHOUT_A_CODE))] if counts else []
    return values([Limit.Code.SAVINGS_MINIMUM, *codes], tier=tier, on=on)


def take(
    customer: BranchCustomer, amount: Decimal, *, on: date, stepped_up: bool, figures: Figures | None = None
) -> None:
    """Count `amount` KES against the customer's limits. Inside the money operation, under row locks.

    `figures` where they are known already. Raises DailyLimitExceeded, MonthlyLimitExceeded or RecoveryCapExceeded
    with what would still pass, and AllowanceExceeded when the payment may go but only with a code.
    """
    codes = OUT if stepped_up else (*OUT, WITHOUT_A_CODE)
    asked = [RECOVERED, *(code for code, _error in codes)]
    limit = figures if figures is not None else values(asked, tier=customer.kyc_tier, on=on)
    counters, recovered = _locked(customer.user_id, [code for code, _error in codes], on)
    now = clock.now()
    holding = [row for row in recovered if _holds(row, now)]
    for code, error in codes[: len(OUT)]:
        _refuse_above(amount, limit[code], counters[code], error)
    for row in holding:
        left = limit[RECOVERED] - row.used
        if amount > left:
            assert row.ends_at is not None, "a cap that holds has an end"
            raise RecoveryCapExceeded(left=max(left, ZERO), limit=limit[RECOVERED], until=row.ends_at)
    for code, error in codes[len(OUT) :]:
        _refuse_above(amount, limit[code], counters[code], error)
    _add([*counters.values(), *holding], amount)


def _refuse_above(amount: Decimal, limit: Decimal, counter: LimitUsage, error: type[LimitExceeded]) -> None:
    left = limit - counter.used
    if amount > left:
        raise error(left=max(left, ZERO), limit=limit)


def give_back(customer_id: int, amount: Decimal, *, on: date, paid_at: datetime | None = None) -> None:
    """Undo `take` for a payment made on `on` that is being given back. Never below zero.

    `paid_at` says whether it was made under the cap that follows a way back in; None: it was not.
    """
    counters, recovered = _locked(customer_id, [code for code, _error in OUT], on)
    under = [row for row in recovered if paid_at is not None and _holds(row, paid_at)]
    _add([*counters.values(), *under], -amount)


def _holds(row: LimitUsage, at: datetime) -> bool:
    """Whether this cap of 24 hours held at that moment."""
    return row.ends_at is not None and row.ends_at - RECOVERED_FOR <= at < row.ends_at


def used(customer: BranchCustomer, code: str, on: date) -> Decimal:
    """KES counted against one limit in the period that contains `on`."""
    return _used(customer, [code], on)[0][code]


def _used(customer: BranchCustomer, codes: Sequence[str], on: date) -> tuple[dict[str, Decimal], list[LimitUsage]]:
    """What was used of each, and the caps that hold now and began on `on` or the day before."""
    periods = {code: period_of(code, on) for code in codes}
    asked = {*periods.values(), *_days_of_recovery(on)}
    rows = list(LimitUsage.objects.filter(customer_id=customer.user_id, code__in=[RECOVERED, *codes], period__in=asked))
    found = {row.code: row.used for row in rows if row.period == periods.get(row.code)}
    now = clock.now()
    holding = [row for row in rows if row.code == RECOVERED and _holds(row, now)]
    return {code: found.get(code, ZERO) for code in codes}, holding


def _days_of_recovery(on: date) -> list[str]:
    """The days on which a cap of 24 hours may have begun that holds on `on`."""
    return [period_of(RECOVERED, day) for day in (on, on - timedelta(days=1))]


def _locked(customer_id: int, codes: Sequence[str], on: date) -> tuple[dict[str, LimitUsage], list[LimitUsage]]:
    """The counters, created where missing, and with them the caps after a way back in that began on `on` or the day
    before; locked in one query in primary-key order.
    """
    wanted = [(code, period_of(code, on)) for code in codes]
    found, recovered = _lock(customer_id, wanted, _days_of_recovery(on))
    if len(found) < len(wanted):
        missing = [
            {"customer": customer_id, "code": code, "period": period, "used": ZERO}
            for code, period in wanted
            if code not in found
        ]
        sql.insert(LimitUsage, missing, ignore=True)
        found, recovered = _lock(customer_id, wanted, _days_of_recovery(on))
    return found, recovered


def _lock(
    customer_id: int, wanted: Sequence[tuple[str, str]], days: Sequence[str]
) -> tuple[dict[str, LimitUsage], list[LimitUsage]]:
    codes = [RECOVERED, *(code for code, _period in wanted)]
    periods = sorted({*days, *(period for _code, period in wanted)})
    condition = f"customer_id = %s AND code IN ({sql.marks(codes)}) AND period IN ({sql.marks(periods)}) ORDER BY id"
    rows = list(_usages.where(condition, [customer_id, *codes, *periods], lock=True))
    counters = {row.code: row for row in rows if (row.code, row.period) in wanted}
    return counters, [row for row in rows if row.code == RECOVERED and row.period in days]


def _add(counters: Sequence[LimitUsage], amount: Decimal) -> None:
    """The new figure of every locked counter, in one statement."""
    for usage in counters:
        usage.used = max(usage.used + amount, ZERO)
    figures = [(usage.pk, sql.prepared(_USED, usage.used)) for usage in counters]
    choices = " ".join(["WHEN %s THEN %s"] * len(figures))
    sql.run(
        f"UPDATE portal_limit_usage SET used = CASE id {choices} END WHERE id IN ({sql.marks(figures)})",  # noqa: S608 - own names
        [*(value for pair in figures for value in pair), *(key for key, _used in figures)],
    )
