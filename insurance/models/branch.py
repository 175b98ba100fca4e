"""The branch's insurance tables, mapped by hand: `managed = False`, no foreign key in the database.

Only columns that both known lineages of the branch database have. Amounts in KES.
"""

from django.db import models

from accounts.models.branch import MONEY, BranchCustomer


class InsuranceProduct(models.Model):
    """A row of `insurance_products`. `premium_amount` is per month. The branch also sells products it never lists."""

    product_id = models.AutoField(primary_key=True)
    product_name = models.CharField(max_length=100)
    product_code = models.CharField(max_length=20, unique=True)
    description = models.TextField(null=True)
    premium_amount = models.DecimalField(**MONEY)
    cover_amount = models.DecimalField(**MONEY)
    frequency = models.CharField(max_length=20, default="MONTHLY")
    is_active = models.BooleanField(default=True)

    class Meta:
        managed = False
        db_table = "insurance_products"

    def __str__(self) -> str:
        return self.product_name


class InsurancePolicy(models.Model):
    """A row of `insurance_policies`, the current policy table: tied to its customer by account number alone.

    `product_id` is text: a number from the portal, a code such as PROD_LIFE001 from the seed, NULL from the branch,
    which leaves the dates NULL too. `status` is free text: ACTIVE, CANCELLED, EXPIRED, LAPSED occur.
    """

    policy_id = models.AutoField(primary_key=True)
    policy_number = models.CharField(max_length=20, unique=True)
    account_number = models.CharField(max_length=20)
    product_id = models.CharField(max_length=20, null=True)
    policy_type = models.CharField(max_length=100, null=True)
    coverage_amount = models.DecimalField(**MONEY)
    annual_premium = models.DecimalField(**MONEY)
    payment_frequency = models.CharField(max_length=20, null=True)
    payment_method = models.CharField(max_length=50, null=True)
    policy_term_years = models.IntegerField(null=True)
    start_date = models.DateField(null=True)
    maturity_date = models.DateField(null=True)
    beneficiary_name = models.CharField(max_length=255, null=True)
    beneficiary_relationship = models.CharField(max_length=50, null=True)
    status = models.CharField(max_length=20, default="ACTIVE")
    created_by = models.CharField(max_length=20, null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "insurance_policies"

    def __str__(self) -> str:
        return self.policy_number


class PremiumPayment(models.Model):
    """A row of `premium_payments`, found by policy number."""

    payment_id = models.CharField(max_length=20, primary_key=True)
    policy_number = models.CharField(max_length=20)
    payment_amount = models.DecimalField(**MONEY)
    payment_date = models.DateField()
    payment_method = models.CharField(max_length=50, null=True)
    due_date = models.DateField(null=True)
    payment_period = models.CharField(max_length=50, null=True, help_text='Such as "November 2026".')
    processed_by = models.CharField(max_length=20, null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "premium_payments"

    def __str__(self) -> str:
        return self.payment_id


class InsuranceClaim(models.Model):
    """A row of `insurance_claims`. `policy_id` means insurance_policies or user_policies; nothing tells which.

    So it is a plain number here. APPROVED does not mean paid.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING"
        APPROVED = "APPROVED"
        REJECTED = "REJECTED"
        PAID = "PAID"

    claim_id = models.AutoField(primary_key=True)
    policy_id = models.IntegerField()
    claim_reference = models.CharField(max_length=50, null=True)
    claim_type = models.CharField(max_length=100, null=True)
    description = models.TextField(null=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    claim_amount = models.DecimalField(**MONEY, default=0)
    customer = models.ForeignKey(
        BranchCustomer,
        null=True,
        db_column="user_id",
        related_name="+",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
    )
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "insurance_claims"

    def __str__(self) -> str:
        return self.claim_reference or f"claim {self.claim_id}"


class UserPolicy(models.Model):
    """A row of `user_policies`, the older policy table.

    Left out because only one lineage has them: product_id, start_date, end_date, auto_renew, linked_loan_id (live),
    product_code (scripts).
    """

    policy_id = models.AutoField(primary_key=True)
    customer = models.ForeignKey(
        BranchCustomer,
        null=True,
        db_column="user_id",
        related_name="+",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
    )
    business = models.ForeignKey(
        "accounts.Business",
        null=True,
        db_column="business_id",
        related_name="+",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
    )
    policy_number = models.CharField(max_length=50, unique=True)
    premium_paid = models.DecimalField(**MONEY, null=True)
    cover_amount = models.DecimalField(**MONEY, null=True)
    status = models.CharField(max_length=20, default="ACTIVE")
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "user_policies"

    def __str__(self) -> str:
        return self.policy_number
