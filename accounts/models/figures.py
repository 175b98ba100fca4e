"""Figures a bank would change, as dated rows; and which kind each account is."""

from django.db import models

from accounts.models.branch import MONEY, Account, BranchCustomer
from wekeza_portal.models import DatedRow


class Limit(DatedRow):
    """The most (or least) of something, in KES or as a count, for one tier or for all ("").

    Source: the requirement's business rules (daily 500,000; monthly 2,000,000; minimum balance 1,000).
    """

    class Code(models.TextChoices):
        DAILY_OUT = "DAILY_OUT", "KES leaving a customer per Nairobi day"
        MONTHLY_OUT = "MONTHLY_OUT", "KES leaving a customer per calendar month"
        SAVINGS_MINIMUM = "SAVINGS_MINIMUM", "KES kept on a savings account"
        STEP_UP_ALLOWANCE = "STEP_UP_ALLOWANCE", "KES a day to known payees without a code"
        PAYEE_LOOKUPS = "PAYEE_LOOKUPS", "Accounts of strangers looked up per day"
        NEW_PAYEE_DAY = "NEW_PAYEE_DAY", "KES to one new payee in its first 24 hours"
        SCAM_FLOOR = "SCAM_FLOOR", "KES to a new payee from which we ask who asked for it"
        SCAM_HOLD_MINUTES = "SCAM_HOLD_MINUTES", "Minutes a payment waits that somebody asked for"
        MOBILE_MINIMUM = "MOBILE_MINIMUM", "Least KES of one payment to a phone"
        MOBILE_PER_PAYMENT = "MOBILE_PER_PAYMENT", "Most KES of one payment to a phone"
        BANK_MINIMUM = "BANK_MINIMUM", "Least KES of one payment to another bank"
        BANK_PER_PAYMENT = "BANK_PER_PAYMENT", "Most KES of one payment to another bank"
        BILL_MINIMUM = "BILL_MINIMUM", "Least KES of one bill payment"
        BILL_PER_PAYMENT = "BILL_PER_PAYMENT", "Most KES of one bill payment"
        CDSC_MINIMUM = "CDSC_MINIMUM", "Least KES of one payment to a stockbroker"
        CDSC_PER_PAYMENT = "CDSC_PER_PAYMENT", "Most KES of one payment to a stockbroker"
        AIRTIME_MINIMUM = "AIRTIME_MINIMUM", "Least KES of airtime"
        AIRTIME_PER_PAYMENT = "AIRTIME_PER_PAYMENT", "Most KES of airtime"
        CARD_ATM_DAY = "CARD_ATM_DAY", "KES a customer takes at cash machines per Nairobi day"
        CARD_LOOSEN_HOURS = "CARD_LOOSEN_HOURS", "Hours until a card's control is loosened"
        CARD_NEW_DAYS = "CARD_NEW_DAYS", "Business days until a new card is there"
        CARD_REPLACE_DAYS = "CARD_REPLACE_DAYS", "Business days until a card in place of another is there"

    code = models.CharField(max_length=20, choices=Code.choices)
    kyc_tier = models.CharField(max_length=6, choices=BranchCustomer.Tier.choices, blank=True)
    value = models.DecimalField(**MONEY)

    class Meta:
        db_table = "portal_limit"
        constraints = [
            models.UniqueConstraint(fields=["code", "kyc_tier", "effective_from"], name="portal_limit_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.kyc_tier} from {self.effective_from}: {self.value}"


class Fee(DatedRow):
    """A flat fee in KES, excise duty inside. Source: the requirement's table of fees."""

    class Code(models.TextChoices):
        INTERNAL_TRANSFER = "INTERNAL_TRANSFER", "Between Wekeza accounts"
        BANK_TRANSFER = "BANK_TRANSFER", "To another bank"
        BILL_PAYMENT = "BILL_PAYMENT", "Bill payment"
        CDSC_TRANSFER = "CDSC_TRANSFER", "To a stockbroker"
        AIRTIME = "AIRTIME", "Airtime"
        CARD_REPLACEMENT = "CARD_REPLACEMENT", "A card in place of a lost or stolen one"

    code = models.CharField(max_length=30, choices=Code.choices)
    amount = models.DecimalField(**MONEY)

    class Meta:
        db_table = "portal_fee"
        constraints = [models.UniqueConstraint(fields=["code", "effective_from"], name="portal_fee_once_a_day")]

    def __str__(self) -> str:
        return f"{self.code} from {self.effective_from}: {self.amount}"


class FeeBand(DatedRow):
    """One band of a fee that depends on the amount: `amount` KES, excise inside, for payments up to `up_to` inclusive.

    Bands are stored by their upper bound alone, so that no amount between the lowest and the highest is without a fee.
    The rows that share one `effective_from` are one tariff; a new tariff replaces the whole of the one before.
    """

    class Code(models.TextChoices):
        MOBILE_MONEY = "MOBILE_MONEY", "To a phone"

    code = models.CharField(max_length=30, choices=Code.choices)
    up_to = models.DecimalField(**MONEY)
    amount = models.DecimalField(**MONEY)

    class Meta:
        db_table = "portal_fee_band"
        constraints = [
            models.UniqueConstraint(fields=["code", "effective_from", "up_to"], name="portal_fee_band_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.code} up to {self.up_to} from {self.effective_from}: {self.amount}"


class Rate(DatedRow):
    """A rate in per cent. Source of the excise rates: the Finance Act 2023."""

    class Code(models.TextChoices):
        EXCISE_TRANSFERS = "EXCISE_TRANSFERS", "Excise duty inside fees for moving money"
        EXCISE_OTHER = "EXCISE_OTHER", "Excise duty inside other fees"

    code = models.CharField(max_length=30, choices=Code.choices)
    per_cent = models.DecimalField(max_digits=7, decimal_places=4)

    class Meta:
        db_table = "portal_rate"
        constraints = [models.UniqueConstraint(fields=["code", "effective_from"], name="portal_rate_once_a_day")]

    def __str__(self) -> str:
        return f"{self.code} from {self.effective_from}: {self.per_cent} %"


class AccountTerms(models.Model):
    """Which kind an account is; the branch has no column for it. An account without a row is a savings account."""

    class Kind(models.TextChoices):
        SAVINGS = "SAVINGS"
        CURRENT = "CURRENT"

    account = models.OneToOneField(
        Account, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="terms"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.SAVINGS)

    class Meta:
        db_table = "portal_account_terms"

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind}"
