"""The branch's lending tables, mapped by hand: `managed = False`, no foreign key in the database.

Only columns that both known lineages of the branch database have. Amounts in KES, rates in percent a year.
"""

from typing import Any

from django.db import models

from accounts.models.branch import MONEY, BranchCustomer

RATE: dict[str, Any] = {"max_digits": 5, "decimal_places": 2}


class LoanProduct(models.Model):
    """A row of `loan_products`. Left out: created_by, created_at, updated_at, which tell a customer nothing."""

    class Target(models.TextChoices):
        INDIVIDUAL = "individual"
        BUSINESS = "business"
        BOTH = "both"

    product_id = models.CharField(max_length=20, primary_key=True)
    product_name = models.CharField(max_length=100)
    target_customer = models.CharField(max_length=10, choices=Target.choices, default=Target.BOTH)
    min_amount = models.DecimalField(**MONEY)
    max_amount = models.DecimalField(**MONEY)
    base_interest_rate = models.DecimalField(**RATE)
    max_tenure_months = models.IntegerField()
    processing_fee_rate = models.DecimalField(**RATE, help_text="Percent of the amount.")
    min_income = models.DecimalField(**MONEY, null=True)
    min_age = models.IntegerField(null=True)
    max_age = models.IntegerField(null=True)
    min_credit_score = models.IntegerField(null=True)
    required_documents = models.TextField(null=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        managed = False
        db_table = "loan_products"

    def __str__(self) -> str:
        return self.product_name


class LoanApplication(models.Model):
    """A row of `loan_applications`: tied to its customer by account number alone.

    `loan_type` is the product's name, not its id. APPROVED means decided, not paid out. Nothing is left out but
    updated_at, which the database keeps.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING"
        APPROVED = "APPROVED"
        REJECTED = "REJECTED"
        DISBURSED = "DISBURSED"

    application_id = models.CharField(max_length=20, primary_key=True)
    account_number = models.CharField(max_length=20)
    customer_type = models.CharField(max_length=10, default="individual")
    loan_type = models.CharField(max_length=100)
    loan_amount = models.DecimalField(**MONEY)
    interest_rate = models.DecimalField(**RATE)
    tenure_months = models.IntegerField()
    purpose = models.TextField(null=True)
    collateral_type = models.CharField(max_length=100, null=True)
    monthly_payment = models.DecimalField(**MONEY, null=True)
    processing_fee = models.DecimalField(**MONEY, null=True)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PENDING)
    created_by = models.CharField(max_length=20, null=True)
    approved_by = models.CharField(max_length=20, null=True)
    approved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "loan_applications"

    def __str__(self) -> str:
        return self.application_id


class LoanAccount(models.Model):
    """A row of `loan_accounts`: a loan being repaid. The branch's own screens seldom make one on disbursement.

    Left out: updated_at, which the database keeps.
    """

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE"
        CLOSED = "CLOSED"
        DEFAULTED = "DEFAULTED"
        RESTRUCTURED = "RESTRUCTURED"

    loan_id = models.CharField(max_length=20, primary_key=True)
    application = models.ForeignKey(
        LoanApplication,
        null=True,
        db_column="application_id",
        related_name="+",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
    )
    account_number = models.CharField(max_length=20)
    customer_name = models.CharField(max_length=255)
    loan_type = models.CharField(max_length=100)
    principal_amount = models.DecimalField(**MONEY)
    outstanding_balance = models.DecimalField(**MONEY)
    interest_rate = models.DecimalField(**RATE)
    tenure_months = models.IntegerField()
    monthly_payment = models.DecimalField(**MONEY)
    next_payment_date = models.DateField(null=True)
    disbursement_date = models.DateField(null=True)
    maturity_date = models.DateField(null=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    days_overdue = models.IntegerField(default=0)
    created_by = models.CharField(max_length=20, null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "loan_accounts"

    def __str__(self) -> str:
        return self.loan_id


class LoanPayment(models.Model):
    """A row of `loan_payments`. The branch writes it without debiting any account."""

    payment_id = models.CharField(max_length=20, primary_key=True)
    loan = models.ForeignKey(
        LoanAccount, db_column="loan_id", related_name="payments", on_delete=models.DO_NOTHING, db_constraint=False
    )
    payment_amount = models.DecimalField(**MONEY)
    principal_amount = models.DecimalField(**MONEY)
    interest_amount = models.DecimalField(**MONEY)
    penalty_amount = models.DecimalField(**MONEY, default=0)
    payment_method = models.CharField(max_length=50, null=True)
    payment_date = models.DateField()
    processed_by = models.CharField(max_length=20, null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "loan_payments"

    def __str__(self) -> str:
        return self.payment_id


class LoanRestructuring(models.Model):
    """A row of `loan_restructuring`: the terms of a loan before and after. The branch software never writes one."""

    restructure_id = models.CharField(max_length=20, primary_key=True)
    loan = models.ForeignKey(
        LoanAccount,
        db_column="loan_id",
        related_name="restructurings",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
    )
    old_balance = models.DecimalField(**MONEY)
    new_balance = models.DecimalField(**MONEY)
    old_interest_rate = models.DecimalField(**RATE)
    new_interest_rate = models.DecimalField(**RATE)
    old_tenure_months = models.IntegerField()
    new_tenure_months = models.IntegerField()
    old_monthly_payment = models.DecimalField(**MONEY)
    new_monthly_payment = models.DecimalField(**MONEY)
    grace_period_months = models.IntegerField(default=0)
    restructure_reason = models.CharField(max_length=255)
    processed_by = models.CharField(max_length=20, null=True)
    processed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "loan_restructuring"

    def __str__(self) -> str:
        return self.restructure_id


class Loan(models.Model):
    """A row of `loans`, the older loan book that the branch still counts.

    Left out because only one lineage has them: risk_score_id, interest_rate, interest_amount, disbursement_date,
    due_date, updated_at. `status` has no choices here: the two lineages list different ones.
    """

    loan_id = models.AutoField(primary_key=True)
    customer = models.ForeignKey(
        BranchCustomer, db_column="user_id", related_name="+", on_delete=models.DO_NOTHING, db_constraint=False
    )
    principal_amount = models.DecimalField(**MONEY)
    total_due_amount = models.DecimalField(**MONEY)
    balance_remaining = models.DecimalField(**MONEY)
    status = models.CharField(max_length=11, default="PENDING")
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "loans"

    def __str__(self) -> str:
        return f"loan {self.loan_id}"
