"""How much may go by files to people who are new, in one day and all files together.

Many new payees at once are one way to empty an account, and so are several files of them. The most is that of one new
payee, the dated row NEW_PAYEE_DAY; the counter is locked with the money, and what comes back is given back.
"""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.models import BranchCustomer, Instruction, Limit, LimitUsage
from transfers.errors import TransferRefused
from transfers.models import PaymentFileRow
from wekeza_portal import clock
from wekeza_portal.money import ZERO, format_kes

COUNTER = "NEW_IN_FILES"
"""The code of the counter in portal_limit_usage."""


class NewInFilesCap(TransferRefused):
    """More than may go by files to new people today."""

    code = "new_in_files_cap"
    field = "amount"
    message = _(
        "By files, up to %(left)s can still go today to people you never paid before or only since yesterday (the most "
        "is %(cap)s). Pay this one by itself, or tomorrow."
    )


def used(customer: BranchCustomer, on: date) -> Decimal:
    """KES that went to new people by files on that day (EAT)."""
    return limits.used(customer, COUNTER, on)


def take(instruction: Instruction) -> None:
    """Count a row of a file that pays somebody new; nothing for other payments. Raises NewInFilesCap."""
    if not _is_of_a_file(instruction):
        return
    customer, today = instruction.customer, clock.today()
    row = _locked(customer.user_id, today)
    cap = limits.value(Limit.Code.NEW_PAYEE_DAY, tier=customer.kyc_tier, on=today)
    left = max(cap - row.used, ZERO)
    if instruction.amount > left:
        raise NewInFilesCap(left=format_kes(left), cap=format_kes(cap))
    _save(row, row.used + instruction.amount)


def give_back(instruction: Instruction, paid_at: datetime) -> None:
    """Undo `take` for one of `paid_at` that came back. Never below zero."""
    if _is_of_a_file(instruction):
        row = _locked(instruction.customer_id, paid_at.astimezone(clock.NAIROBI).date())
        _save(row, max(row.used - instruction.amount, ZERO))


def _is_of_a_file(instruction: Instruction) -> bool:
    return PaymentFileRow.objects.filter(instruction_id=instruction.id).exists()


def _locked(customer_id: int, on: date) -> LimitUsage:
    which = {"customer_id": customer_id, "code": COUNTER, "period": limits.period_of(COUNTER, on)}
    rows = LimitUsage.objects.select_for_update().filter(**which)
    found = rows.first()
    if found is None:
        LimitUsage.objects.bulk_create([LimitUsage(**which, used=ZERO)], ignore_conflicts=True)
        found = rows.get()
    return found


def _save(row: LimitUsage, now_used: Decimal) -> None:
    row.used = now_used
    row.save(update_fields=["used"])
