"""Figures a bank would change, as dated rows; and which kind each account is."""

from datetime import datetime
from decimal import Decimal

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
        RECOVERED_DAY = "RECOVERED_DAY", "KES leaving a customer in the 24 hours after a way back in"
        SCAM_FLOOR = "SCAM_FLOOR", "KES to a new payee from which we ask who asked for it"
        SCAM_HOLD_MINUTES = "SCAM_HOLD_MINUTES", "Minutes a payment waits that somebody asked for"
        UNFREEZE_MINUTES = "UNFREEZE_MINUTES", "Minutes until payments may leave again after a stop is lifted"
        HELD_BACK_DAYS = "HELD_BACK_DAYS", "Days a payment is held back before it goes back to its payer"
        CALL_MINUTES = "CALL_MINUTES", "Minutes after which a call to a customer counts as over"
        SUPPORT_ASK_MINUTES = "SUPPORT_ASK_MINUTES", "Minutes a customer has to agree to a look at their pages"
        SUPPORT_VIEW_MINUTES = "SUPPORT_VIEW_MINUTES", "Minutes after which a look at a customer's pages ends by itself"
        MOBILE_MINIMUM = "MOBILE_MINIMUM", "Least KES of one payment to a phone"
        MOBILE_PER_PAYMENT = "MOBILE_PER_PAYMENT", "Most KES of one payment to a phone"
        BANK_MINIMUM = "BANK_MINIMUM", "Least KES of one payment to another bank"
        BANK_PER_PAYMENT = "BANK_PER_PAYMENT", "Most KES of one payment to another bank"
        BY_PHONE_MINIMUM = "BY_PHONE_MINIMUM", "Least KES of one payment to a bank account by phone number"
        BY_PHONE_PER_PAYMENT = "BY_PHONE_PER_PAYMENT", "Most KES of one payment to a bank account by phone number"
        BILL_MINIMUM = "BILL_MINIMUM", "Least KES of one bill payment"
        BILL_PER_PAYMENT = "BILL_PER_PAYMENT", "Most KES of one bill payment"
        CDSC_MINIMUM = "CDSC_MINIMUM", "Least KES of one payment to a stockbroker"
        CDSC_PER_PAYMENT = "CDSC_PER_PAYMENT", "Most KES of one payment to a stockbroker"
        AIRTIME_MINIMUM = "AIRTIME_MINIMUM", "Least KES of airtime"
        AIRTIME_PER_PAYMENT = "AIRTIME_PER_PAYMENT", "Most KES of airtime"
        PER_REQUEST = "PER_REQUEST", "Most KES of one request for money"
        OWN_LIMIT_HOURS = "OWN_LIMIT_HOURS", "Hours before a customer's own limit, once raised, is higher"
        MAY_PAY = "MAY_PAY", "May move money: 1 yes, 0 no"
        MAY_BORROW = "MAY_BORROW", "May take a loan: 1 yes, 0 no"
        MAY_INSURE = "MAY_INSURE", "May take out a policy: 1 yes, 0 no"
        MAY_DEPOSIT = "MAY_DEPOSIT", "May open a fixed deposit: 1 yes, 0 no"
        MAY_HAVE_CARD = "MAY_HAVE_CARD", "May have a card: 1 yes, 0 no"
        MAY_OPEN_ACCOUNT = "MAY_OPEN_ACCOUNT", "May ask for another account: 1 yes, 0 no"
        ADULT_AGE = "ADULT_AGE", "Years of age for a loan, policy, deposit or card"
        CARD_ATM_DAY = "CARD_ATM_DAY", "KES a customer takes at cash machines per Nairobi day"
        CARD_LOOSEN_HOURS = "CARD_LOOSEN_HOURS", "Hours until a card's control is loosened"
        CARD_NEW_DAYS = "CARD_NEW_DAYS", "Business days until a new card is there"
        CARD_REPLACE_DAYS = "CARD_REPLACE_DAYS", "Business days until a card in place of another is there"
        CARD_ADDRESS_DAYS = "CARD_ADDRESS_DAYS", "Days a home address is old before a courier brings a card there"
        ACCOUNT_NEW_DAYS = "ACCOUNT_NEW_DAYS", "Business days until another account is open"
        ACCOUNT_END_DAYS = "ACCOUNT_END_DAYS", "Business days until an account is closed"
        ACCOUNT_WAKE_DAYS = "ACCOUNT_WAKE_DAYS", "Business days until a dormant account works again"
        MANDATE_DAYS = "MANDATE_DAYS", "Business days until a mandate is decided"
        CHEQUE_BOOK_DAYS = "CHEQUE_BOOK_DAYS", "Business days until a cheque book is there"
        REFERENCE_DAYS = "REFERENCE_DAYS", "Business days until a bank reference is there"

    class Unseen(models.TextChoices):
        """The tier of whom the bank has not identified, whatever the branch's row says: see CustomerIdentity."""

        NONE = "NONE", "ID not seen"

    code = models.CharField(max_length=20, choices=Code.choices)
    kyc_tier = models.CharField(max_length=6, choices=[*BranchCustomer.Tier.choices, *Unseen.choices], blank=True)
    value = models.DecimalField(**MONEY)

    class Meta:
        db_table = "portal_limit"
        constraints = [
            models.UniqueConstraint(fields=["code", "kyc_tier", "effective_from"], name="portal_limit_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.kyc_tier} from {self.effective_from}: {self.value}"


class OwnLimit(models.Model):
    """What a customer made of one of the bank's limits, in KES; the lower of the two counts.

    Lowered at once. Raised with a code, and only from `next_at` on: then `next_value` counts without anybody writing
    it, so that no job has to run in time. NULL is no limit of one's own.
    """

    CODES = (Limit.Code.DAILY_OUT, Limit.Code.MONTHLY_OUT)

    customer = models.ForeignKey(BranchCustomer, related_name="+", on_delete=models.PROTECT, db_constraint=False)
    code = models.CharField(max_length=20, choices=[(code.value, code.label) for code in CODES])
    value = models.DecimalField(**MONEY, null=True)
    next_value = models.DecimalField(**MONEY, null=True)
    next_at = models.DateTimeField(null=True, help_text="From when the next value counts; NULL where none waits.")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "portal_own_limit"
        constraints = [models.UniqueConstraint(fields=["customer", "code"], name="portal_own_limit_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.code}: {self.value}"

    def waits(self, now: datetime) -> bool:
        """Whether a raise waits for its time."""
        return self.next_at is not None and self.next_at > now

    def in_force(self, now: datetime) -> Decimal | None:
        """KES that counts now; None: no limit of their own."""
        return self.value if self.next_at is None or self.waits(now) else self.next_value


class Fee(DatedRow):
    """A flat fee in KES, excise duty inside. Source: the requirement's table of fees."""

    class Code(models.TextChoices):
        INTERNAL_TRANSFER = "INTERNAL_TRANSFER", "Between Wekeza accounts"
        BANK_TRANSFER = "BANK_TRANSFER", "To another bank"
        BANK_BY_PHONE = "BANK_BY_PHONE", "To a bank account by phone number"
        BILL_PAYMENT = "BILL_PAYMENT", "Bill payment"
        CDSC_TRANSFER = "CDSC_TRANSFER", "To a stockbroker"
        AIRTIME = "AIRTIME", "Airtime"
        MOBILE_DEPOSIT = "MOBILE_DEPOSIT", "Deposit from the customer's own M-Pesa"
        CARD_REPLACEMENT = "CARD_REPLACEMENT", "A card in place of a lost or stolen one"
        CARD_COURIER = "CARD_COURIER", "A card brought home by courier"
        ACCOUNT_NEW = "ACCOUNT_NEW", "Another account"
        ACCOUNT_END = "ACCOUNT_END", "Closing an account"
        ACCOUNT_WAKE = "ACCOUNT_WAKE", "Waking a dormant account"
        MANDATE = "MANDATE", "A mandate for somebody else"
        CHEQUE_LEAF = "CHEQUE_LEAF", "Each cheque of a cheque book"
        REFERENCE_LETTER = "REFERENCE_LETTER", "A bank reference"
        ACCOUNT_LETTER = "ACCOUNT_LETTER", "A letter that confirms an account"
        BALANCE_LETTER = "BALANCE_LETTER", "A letter that confirms a balance"

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
