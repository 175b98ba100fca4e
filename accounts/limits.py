"""Limits: which figure is in force, how much of it a customer has used, and taking from it under a lock.

Everything that leaves the customer through Move counts, fees excluded; a reversal gives the allowance back. Days and
months are Nairobi's. Source: the requirement's business rules and transfer limits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer, Limit, LimitUsage, OwnLimit
from wekeza_portal import clock, dates, sql
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO, format_kes


class LimitExceeded(PortalError):
    """More would leave than a limit allows. `left` is what would still pass, `limit` the whole of it (KES)."""

    field = "amount"
    of_ones_own: Any = ""
    """The message where the customer made the limit lower than the bank's."""

    def __init__(self, *, left: Decimal, limit: Decimal, is_own: bool = False) -> None:
        super().__init__(left=format_kes(left), limit=format_kes(limit))
        self.left = left
        self.is_own = is_own

    def __str__(self) -> str:
        return str(self.of_ones_own) % self.values if self.is_own and self.of_ones_own else super().__str__()


class DailyLimitExceeded(LimitExceeded):
    code = "daily_limit"
    message = _("You can send up to %(left)s today. Your daily limit is %(limit)s.")
    of_ones_own = _(
        "You can send up to %(left)s today. You set your daily limit to %(limit)s. You can raise it under Settings."
    )


class MonthlyLimitExceeded(LimitExceeded):
    code = "monthly_limit"
    message = _("You can send up to %(left)s this month. Your monthly limit is %(limit)s.")
    of_ones_own = _(
        "You can send up to %(left)s this month. You set your monthly limit to %(limit)s. You can raise it under "
        "Settings."
    )


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


class JustBackIn(PortalError):
    """What would let more leave once the cap after a way back in has ended: a thief only has to wait for that."""

    code = "just_back_in"
    message = _("For 24 hours after a new password this can't be done here, to protect you. Try again on %(until)s.")


class AllowanceExceeded(LimitExceeded):
    """The daily amount to known payees without a code is used up: a code is due, nothing is refused."""

    code = "step_up_allowance"
    message = _("We will send you a code to confirm this payment.")


class Figures(dict[str, Decimal]):
    """Limits in force, by code. `own` are those that the customer made lower than the bank's."""

    def __init__(self, of_the_bank: Mapping[str, Decimal], own: Mapping[str, Decimal] | None = None) -> None:
        lower = {code: figure for code, figure in (own or {}).items() if figure < of_the_bank[code]}
        super().__init__({**of_the_bank, **lower})
        self.of_the_bank = dict(of_the_bank)
        self.own = frozenset(lower)


class Counters(NamedTuple):
    """How much was used, under a lock."""

    used: dict[str, LimitUsage]
    """By code, in the period of today."""
    recovered: list[LimitUsage]
    """Under the caps that follow a way back in, of those that began today or yesterday."""


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
_OWN = "OWN"
_AND_OWN = (
    " UNION ALL SELECT id, DATE(changed_at), changed_at, '', code, 'OWN',"
    " CASE WHEN next_at <= %s THEN next_value ELSE value END FROM portal_own_limit WHERE customer_id = %s AND code IN "
)
"""The customer's own figures, as rows of `portal_limit` would be for a tier that no customer has."""


@dataclass(frozen=True, slots=True)
class Room:
    """What may still leave a customer, in KES."""

    daily_left: Decimal
    daily_limit: Decimal
    monthly_left: Decimal
    monthly_limit: Decimal
    without_code: Decimal | None = None
    """What may still go to known payees without a code; None where that was not asked."""
    own: frozenset[str] = frozenset()
    """Codes of the limits that the customer made lower than the bank's."""

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
    return f"{dates.shown(local, 'j F')}, {local:%H:%M}"


def value(code: str, *, tier: str, on: date) -> Decimal:
    """The figure in force on `on` (EAT date) for a KYC tier, or for all tiers where the tier has no row of its own.

    Raises LookupError when nothing is in force: a missing limit must stop money, not let it through.
    """
    return values([code], tier=tier, on=on)[code]


def values(codes: Sequence[str], *, tier: str, on: date) -> Figures:
    """The bank's own `value` of several limits, with one query."""
    condition, params = _in_time(codes, on, "%s", [tier])
    return Figures(_newest(_limits.where(f"{condition} ORDER BY effective_from, id", params), codes, on))


def figures_for(customer: BranchCustomer, codes: Sequence[str], on: date) -> Figures:
    """What counts for this customer: the bank's figures, lower where the customer made them so. One query.

    The bank's are those of the tier the customer is really in: that of the branch's row, or NONE where the ID was not
    seen.
    """
    condition, params = _in_time(codes, on, _TIER_OF, [customer.user_id, customer.kyc_tier])
    now = sql.prepared(OwnLimit._meta.get_field("next_at"), clock.now())
    condition += f"{_AND_OWN}({sql.marks(codes)}) ORDER BY effective_from, id"
    rows = _limits.where(condition, [*params, now, customer.user_id, *codes])
    of_the_bank = _newest([row for row in rows if row.kyc_tier != _OWN], codes, on)
    return Figures(of_the_bank, {row.code: row.value for row in rows if row.kyc_tier == _OWN and row.value is not None})


_TIER_OF = (
    "COALESCE((SELECT i.standing FROM portal_customer_identity i WHERE i.customer_id = %s AND i.standing > ''), %s)"
)


def _in_time(codes: Sequence[str], on: date, tier: str, of: Sequence[Any]) -> tuple[str, list[Any]]:
    """`tier` says in SQL which one, from the values `of`."""
    begins = sql.prepared(Limit._meta.get_field("effective_from"), on)
    condition = f"code IN ({sql.marks(codes)}) AND kyc_tier IN ({tier}, '') AND effective_from <= %s"
    return condition, [*codes, *of, begins]


def _newest(rows: Sequence[Limit], codes: Sequence[str], on: date) -> dict[str, Decimal]:
    newest = {(row.code, bool(row.kyc_tier)): row.value for row in rows}
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
    limit = figures or figures_for(customer, codes, on)
    allowance = Limit.Code.STEP_UP_ALLOWANCE
    used, recovered = _used(customer, [*codes, allowance] if allowance in limit else codes, on)
    return Room(
        daily_left=max(limit[Limit.Code.DAILY_OUT] - used[Limit.Code.DAILY_OUT], ZERO),
        daily_limit=limit[Limit.Code.DAILY_OUT],
        monthly_left=max(limit[Limit.Code.MONTHLY_OUT] - used[Limit.Code.MONTHLY_OUT], ZERO),
        monthly_limit=limit[Limit.Code.MONTHLY_OUT],
        without_code=limit[allowance] - used[allowance] if allowance in limit else None,
        own=limit.own,
        recovery=_recovery(customer, recovered, limit, on),
    )


def recovery(customer: BranchCustomer) -> Recovery | None:
    """The cap after a way back in that holds now; None without one. For showing and for refusing whole acts."""
    on = clock.today()
    _used_up, rows = _used(customer, [], on)
    return _recovery(customer, rows, Figures({}), on)


def refuse_just_back_in(customer: BranchCustomer) -> None:
    """Raises JustBackIn while the cap after a way back in holds."""
    cap = recovery(customer)
    if cap is not None:
        raise JustBackIn(until=cap.until_text)


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


def figures_for_a_payment(customer: BranchCustomer, *, on: date, counts: bool, is_capped: bool = False) -> Figures:
    """Every limit that a payment is held against, asked for once: whether money may move at all, the minimum, what
    counts against Move, and the cap after a way back in where that alone holds."""
    codes = [code for code, _error in (*OUT, WITHOUT_A_CODE)] if counts else []
    if counts or is_capped:
        codes.append(RECOVERED)
    return figures_for(customer, [Limit.Code.MAY_PAY, Limit.Code.SAVINGS_MINIMUM, *codes], on)


def counters(customer: BranchCustomer, *, on: date, stepped_up: bool) -> Counters:
    """What a payment takes from, locked. Who changes a limit of their own takes the same locks first.

    So figures read after this are those that count until the payment is through.
    """
    return _locked(customer.user_id, [code for code, _error in _codes(stepped_up)], on)


def caps(customer: BranchCustomer, *, on: date) -> Counters:
    """The caps that follow a way back in, locked, for what leaves some other way than through Move."""
    return _locked(customer.user_id, [], on)


def take_under_the_cap(amount: Decimal, figures: Figures, recovered: Sequence[LimitUsage]) -> None:
    """Count `amount` KES against the locked caps that hold now, alone. Raises RecoveryCapExceeded."""
    now = clock.now()
    holding = [row for row in recovered if _holds(row, now)]
    _refuse_above_caps(amount, figures, holding)
    _add(holding, amount)


def take(
    customer: BranchCustomer,
    amount: Decimal,
    *,
    on: date,
    stepped_up: bool,
    figures: Figures | None = None,
    locked: Counters | None = None,
) -> None:
    """Count `amount` KES against the customer's limits. Inside the money operation, under row locks.

    `locked` where the `counters` are locked already, `figures` where they were read since. Raises DailyLimitExceeded,
    MonthlyLimitExceeded or RecoveryCapExceeded with what would still pass, and AllowanceExceeded when the payment may
    go but only with a code.
    """
    codes = _codes(stepped_up)
    locked = counters(customer, on=on, stepped_up=stepped_up) if locked is None else locked
    limit = figures_for(customer, [RECOVERED, *(code for code, _error in codes)], on) if figures is None else figures
    now = clock.now()
    holding = [row for row in locked.recovered if _holds(row, now)]
    for code, error in codes[: len(OUT)]:
        _refuse_above(amount, code, limit, locked, error)
    _refuse_above_caps(amount, limit, holding)
    for code, error in codes[len(OUT) :]:
        _refuse_above(amount, code, limit, locked, error)
    _add([*locked.used.values(), *holding], amount)


def _codes(stepped_up: bool) -> tuple[tuple[str, type[LimitExceeded]], ...]:
    return OUT if stepped_up else (*OUT, WITHOUT_A_CODE)


def _refuse_above(amount: Decimal, code: str, limit: Figures, locked: Counters, error: type[LimitExceeded]) -> None:
    left = limit[code] - locked.used[code].used
    if amount > left:
        raise error(left=max(left, ZERO), limit=limit[code], is_own=code in limit.own)


def _refuse_above_caps(amount: Decimal, limit: Figures, holding: Sequence[LimitUsage]) -> None:
    for row in holding:
        left = limit[RECOVERED] - row.used
        if amount > left:
            assert row.ends_at is not None, "a cap that holds has an end"
            raise RecoveryCapExceeded(left=max(left, ZERO), limit=limit[RECOVERED], until=row.ends_at)


def give_back(
    customer_id: int, amount: Decimal, *, on: date, paid_at: datetime | None = None, counts: bool = True
) -> None:
    """Undo `take` for a payment made on `on` that is being given back, or `take_under_the_cap` where it did not count
    (`counts`). Never below zero.

    `paid_at` says whether it was made under the cap that follows a way back in; None: it was not.
    """
    locked = _locked(customer_id, [code for code, _error in OUT] if counts else [], on)
    under = [row for row in locked.recovered if paid_at is not None and _holds(row, paid_at)]
    _add([*locked.used.values(), *under], -amount)


def _holds(row: LimitUsage, at: datetime) -> bool:
    """Whether this cap of 24 hours held at that moment."""
    return row.ends_at is not None and row.ends_at - RECOVERED_FOR <= at < row.ends_at


def used(customer: BranchCustomer, code: str, on: date) -> Decimal:
    """KES counted against one limit in the period that contains `on`."""
    return used_of(customer, [code], on)[code]


def used_of(customer: BranchCustomer, codes: Sequence[str], on: date) -> dict[str, Decimal]:
    """Likewise of several limits, with one query."""
    return _used(customer, codes, on)[0]


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


def _locked(customer_id: int, codes: Sequence[str], on: date) -> Counters:
    """The counters, created where missing; locked in one query in primary-key order."""
    wanted = [(code, period_of(code, on)) for code in codes]
    found = _lock(customer_id, wanted, _days_of_recovery(on))
    if len(found.used) < len(wanted):
        missing = [
            {"customer": customer_id, "code": code, "period": period, "used": ZERO}
            for code, period in wanted
            if code not in found.used
        ]
        sql.insert(LimitUsage, missing, ignore=True)
        found = _lock(customer_id, wanted, _days_of_recovery(on))
    return found


def _lock(customer_id: int, wanted: Sequence[tuple[str, str]], days: Sequence[str]) -> Counters:
    codes = [RECOVERED, *(code for code, _period in wanted)]
    periods = sorted({*days, *(period for _code, period in wanted)})
    condition = f"customer_id = %s AND code IN ({sql.marks(codes)}) AND period IN ({sql.marks(periods)}) ORDER BY id"
    rows = list(_usages.where(condition, [customer_id, *codes, *periods], lock=True))
    used = {row.code: row for row in rows if (row.code, row.period) in wanted}
    return Counters(used, [row for row in rows if row.code == RECOVERED and row.period in days])


def _add(usages: Sequence[LimitUsage], amount: Decimal) -> None:
    """The new figure of every locked counter, in one statement."""
    if not usages:
        return
    for usage in usages:
        usage.used = max(usage.used + amount, ZERO)
    figures = [(usage.pk, sql.prepared(_USED, usage.used)) for usage in usages]
    choices = " ".join(["WHEN %s THEN %s"] * len(figures))
    sql.run(
        f"UPDATE portal_limit_usage SET used = CASE id {choices} END WHERE id IN ({sql.marks(figures)})",  # noqa: S608 - own names
        [*(value for pair in figures for value in pair), *(key for key, _used in figures)],
    )
