"""Whom money can be sent to outside the bank. Rows, not constants: the bank edits them in admin."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.branch import MONEY


class Bank(models.Model):
    """A bank of Kenya by its two-digit code of the Central Bank."""

    code = models.CharField(max_length=2, unique=True)
    name = models.CharField(max_length=60)
    bic = models.CharField(max_length=11, blank=True)
    usual_length = models.PositiveSmallIntegerField(
        null=True, help_text="Digits of its account numbers, for a question and never for a refusal."
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "portal_bank"

    def __str__(self) -> str:
        return self.name


class PhonePrefix(models.Model):
    """Three digits after 254 and whose wallet they belong to at first; numbers can be carried to another network."""

    prefix = models.CharField(max_length=3, unique=True)
    operator = models.CharField(max_length=40)
    wallet = models.CharField(max_length=20, blank=True, help_text="MPESA, AIRTEL_MONEY, TKASH, or empty.")

    class Meta:
        db_table = "portal_phone_prefix"

    def __str__(self) -> str:
        return f"{self.prefix} {self.operator}"


class Biller(models.Model):
    """Somebody whose bills can be paid. One without a place where the money goes can't be paid and isn't offered."""

    class Category(models.TextChoices):
        ELECTRICITY = "ELECTRICITY", _("Electricity")
        WATER = "WATER", _("Water")
        TELEVISION = "TELEVISION", _("Television")
        INTERNET = "INTERNET", _("Internet and phone")
        INSURANCE = "INSURANCE", _("Insurance")
        LOANS = "LOANS", _("Loans elsewhere")
        SCHOOL = "SCHOOL", _("School fees")
        GOVERNMENT = "GOVERNMENT", _("Government and taxes")
        AIRTIME = "AIRTIME", _("Airtime")

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=80)
    category = models.CharField(max_length=12, choices=Category.choices)
    paybill = models.CharField(max_length=12, blank=True, help_text="Where the money goes: a paybill number, or ...")
    bank_code = models.CharField(max_length=2, blank=True, help_text="... an account at a bank.")
    bank_account = models.CharField(max_length=20, blank=True)
    account_label_en = models.CharField(max_length=60)
    account_label_sw = models.CharField(max_length=60)
    account_pattern = models.CharField(
        max_length=80, help_text="The whole number must fit; see transfers.account_rules."
    )
    account_example = models.CharField(max_length=30)
    minimum = models.DecimalField(**MONEY)
    maximum = models.DecimalField(**MONEY)
    is_exact = models.BooleanField(default=False, help_text="Only the amount the biller asks for is taken.")
    gives_token = models.BooleanField(default=False, help_text="A prepaid meter: the answer holds a token.")
    is_active = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True, help_text="For staff: how sure we are and why.")

    class Meta:
        db_table = "portal_biller"
        permissions = [
            ("propose_directory", "Can propose a change of banks, billers or brokers"),
            ("approve_directory", "Can approve a change of banks, billers or brokers"),
            ("propose_tariff", "Can propose a tariff of mobile money"),
            ("approve_tariff", "Can approve a tariff of mobile money"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def can_be_paid(self) -> bool:
        """Whether it is offered: switched on, with a place where the money goes."""
        return self.is_active and bool(self.paybill or (self.bank_code and self.bank_account))


class Broker(models.Model):
    """A stockbroker or other depository agent: money goes to its client account with the CDS number as reference."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=80)
    paybill = models.CharField(max_length=12, blank=True)
    bank_code = models.CharField(max_length=2, blank=True)
    bank_account = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True, help_text="For staff: how sure we are and why.")

    class Meta:
        db_table = "portal_broker"

    def __str__(self) -> str:
        return self.name

    @property
    def can_be_paid(self) -> bool:
        """Whether it is offered: switched on, with a place where the money goes."""
        return self.is_active and bool(self.paybill or (self.bank_code and self.bank_account))


class TellerFee(models.Model):
    """What a teller at the branch takes for the same payment: shown to staff beside ours, charged by nobody here.

    Source: the table in the branch's own software.
    """

    up_to = models.DecimalField(**MONEY, unique=True, help_text="Upper bound of the band in KES, inclusive.")
    amount = models.DecimalField(**MONEY)

    class Meta:
        db_table = "portal_teller_fee"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"up to {self.up_to}: {self.amount}"
