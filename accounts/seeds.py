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
    "NEW_PAYEE_DAY": "100000.00",
    "RECOVERED_DAY": "20000.00",
    "SCAM_FLOOR": "20000.00",
    "SCAM_HOLD_MINUTES": "30.00",
    "UNFREEZE_MINUTES": "60.00",
    "HELD_BACK_DAYS": "7.00",
    "CALL_MINUTES": "30.00",
    "SUPPORT_ASK_MINUTES": "10.00",
    "SUPPORT_VIEW_MINUTES": "30.00",
    "MOBILE_MINIMUM": "10.00",
    "MOBILE_PER_PAYMENT": "150000.00",
    "BANK_MINIMUM": "100.00",
    "BANK_PER_PAYMENT": "999999.00",
    "BY_PHONE_MINIMUM": "100.00",
    "BY_PHONE_PER_PAYMENT": "999999.00",
    "BILL_MINIMUM": "10.00",
    "BILL_PER_PAYMENT": "100000.00",
    "CDSC_MINIMUM": "1000.00",
    "CDSC_PER_PAYMENT": "999999.00",
    "AIRTIME_MINIMUM": "10.00",
    "AIRTIME_PER_PAYMENT": "10000.00",
    "PER_REQUEST": "500000.00",
    "OWN_LIMIT_HOURS": "24.00",
    "ADULT_AGE": "18.00",
    "CARD_ATM_DAY": "50000.00",
    "CARD_LOOSEN_HOURS": "24.00",
    "CARD_NEW_DAYS": "7.00",
    "CARD_REPLACE_DAYS": "5.00",
    "CARD_ADDRESS_DAYS": "7.00",
    "ACCOUNT_NEW_DAYS": "2.00",
    "ACCOUNT_END_DAYS": "5.00",
    "ACCOUNT_WAKE_DAYS": "2.00",
    "MANDATE_DAYS": "5.00",
    "CHEQUE_BOOK_DAYS": "7.00",
    "REFERENCE_DAYS": "3.00",
}
# What every tier may do, and nobody whom the bank has not identified.
RIGHTS = ("MAY_PAY", "MAY_BORROW", "MAY_INSURE", "MAY_DEPOSIT", "MAY_HAVE_CARD", "MAY_OPEN_ACCOUNT")
UNSEEN = "NONE"
# Every tier starts with the requirement's limits; the bank may tighten one.
BY_TIER = ("DAILY_OUT", "MONTHLY_OUT")
TIERS = ("TIER_1", "TIER_2", "TIER_3")
FEES = {
    "INTERNAL_TRANSFER": "0.00",
    "BANK_TRANSFER": "150.00",
    "BANK_BY_PHONE": "150.00",
    "BILL_PAYMENT": "50.00",
    "CDSC_TRANSFER": "100.00",
    "AIRTIME": "0.00",
    "MOBILE_DEPOSIT": "0.00",
    "CARD_REPLACEMENT": "500.00",
    "CARD_COURIER": "350.00",
    "ACCOUNT_NEW": "0.00",
    "ACCOUNT_END": "0.00",
    "ACCOUNT_WAKE": "0.00",
    "MANDATE": "0.00",
    "CHEQUE_LEAF": "20.00",
    "REFERENCE_LETTER": "500.00",
    "ACCOUNT_LETTER": "0.00",
    "BALANCE_LETTER": "300.00",
}
# Upper bound of the band, fee; all-in. The requirement's "KES 11-315 by amount", by the customers' own tariff table.
MOBILE_MONEY_BANDS = (
    ("100.00", "11.00"),
    ("500.00", "22.00"),
    ("1000.00", "29.00"),
    ("1500.00", "29.00"),
    ("2500.00", "44.00"),
    ("3500.00", "56.00"),
    ("5000.00", "75.00"),
    ("7500.00", "87.00"),
    ("10000.00", "115.00"),
    ("15000.00", "167.00"),
    ("20000.00", "185.00"),
    ("35000.00", "197.00"),
    ("50000.00", "278.00"),
    ("150000.00", "315.00"),
)
RATES = {"EXCISE_TRANSFERS": "15.0000", "EXCISE_OTHER": "20.0000"}


def install(limit_model: Any, fee_model: Any) -> None:
    """Write the rows that are missing, with the given model classes (a migration passes historical ones)."""
    limits = [
        limit_model(code=code, kyc_tier=tier, effective_from=STARTED, value=value)
        for code, value in LIMITS.items()
        for tier in (TIERS if code in BY_TIER else ("",))
    ]
    limits += [
        limit_model(code=code, kyc_tier=tier, effective_from=STARTED, value=value)
        for code in RIGHTS
        for tier, value in (("", "1.00"), (UNSEEN, "0.00"))
    ]
    limits += [limit_model(code=code, kyc_tier=UNSEEN, effective_from=STARTED, value="0.00") for code in BY_TIER]
    limit_model.objects.bulk_create(limits, ignore_conflicts=True)
    fees = [fee_model(code=code, effective_from=STARTED, amount=amount) for code, amount in FEES.items()]
    fee_model.objects.bulk_create(fees, ignore_conflicts=True)


def install_tariffs(band_model: Any, rate_model: Any) -> None:
    """Likewise the bands and rates."""
    bands = [
        band_model(code="MOBILE_MONEY", effective_from=STARTED, up_to=up_to, amount=amount)
        for up_to, amount in MOBILE_MONEY_BANDS
    ]
    band_model.objects.bulk_create(bands, ignore_conflicts=True)
    rates = [rate_model(code=code, effective_from=STARTED, per_cent=per_cent) for code, per_cent in RATES.items()]
    rate_model.objects.bulk_create(rates, ignore_conflicts=True)
