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

    code = models.CharField(max_length=30, choices=Code.choices)
    amount = models.DecimalField(**MONEY)

    class Meta:
        db_table = "portal_fee"
        constraints = [models.UniqueConstraint(fields=["code", "effective_from"], name="portal_fee_once_a_day")]

    def __str__(self) -> str:
        return f"{self.code} from {self.effective_from}: {self.amount}"


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
