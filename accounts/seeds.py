"""The figures a fresh portal starts with, from the requirement. The bank changes them by adding dated rows."""

from datetime import date
from typing import Any

STARTED = date(2020, 1, 1)

LIMITS = {
    "DAILY_OUT": "500000.00",
    "MONTHLY_OUT": "2000000.00",
    "SAVINGS_MINIMUM": "1000.00",
    "STEP_UP_ALLOWANCE": "20000.00",
    "PAYEE_LOOKUPS": "5.00",
}
# Every tier starts with the requirement's limits; the bank may tighten one.
BY_TIER = ("DAILY_OUT", "MONTHLY_OUT")
TIERS = ("TIER_1", "TIER_2", "TIER_3")
FEES = {"INTERNAL_TRANSFER": "0.00"}


def install(limit_model: Any, fee_model: Any) -> None:
    """Write the rows that are missing, with the given model classes (a migration passes historical ones)."""
    for code, value in LIMITS.items():
        for tier in TIERS if code in BY_TIER else ("",):
            limit_model.objects.get_or_create(
                code=code, kyc_tier=tier, effective_from=STARTED, defaults={"value": value}
            )
    for code, amount in FEES.items():
        fee_model.objects.get_or_create(code=code, effective_from=STARTED, defaults={"amount": amount})
