"""The branch's tables that accounts reads or writes, mapped by hand.

Not ours: `managed = False`, no foreign key in the database, saved only with `update_fields`. The mapping holds the
columns that every known variant of the branch database has; optional ones are read through
`wekeza_portal.branch.introspection`. `accounts.balance` and `transactions` are written by the ledger alone.
"""

from typing import Any

from django.db import models

MONEY: dict[str, Any] = {"max_digits": 15, "decimal_places": 2}


class BranchCustomer(models.Model):
    """A row of `users`: a bank customer, or the director of a business when `business` is set.

    The truth for name, ID, e-mail and phone. `password_hash` is the branch's enrolment secret and nothing else.
    """

    class Tier(models.TextChoices):
        TIER_1 = "TIER_1"
        TIER_2 = "TIER_2"
        TIER_3 = "TIER_3"

    user_id = models.AutoField(primary_key=True)
    full_name = models.CharField(max_length=100)
    email = models.CharField(max_length=100, unique=True)
    phone_number = models.CharField(max_length=15, null=True, unique=True)
    national_id = models.CharField(max_length=20, null=True, unique=True)
    password_hash = models.CharField(max_length=255)
    kyc_tier = models.CharField(max_length=6, choices=Tier.choices, default=Tier.TIER_1)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    business = models.ForeignKey(
        "Business",
        null=True,
        db_column="business_id",
        related_name="+",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
    )

    class Meta:
        managed = False
        db_table = "users"

    def __str__(self) -> str:
        return f"customer {self.user_id}"


class Account(models.Model):
    """A row of `accounts`. `balance` is the truth and may be negative or NULL; the rows never explain it fully."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE"
        FROZEN = "FROZEN"
        DISABLED = "DISABLED"
        DORMANT = "DORMANT"

    account_id = models.AutoField(primary_key=True)
    account_number = models.CharField(max_length=20, unique=True)
    balance = models.DecimalField(**MONEY, null=True, default=0)
    currency = models.CharField(max_length=3, default="KES")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    customer = models.ForeignKey(
        BranchCustomer,
        null=True,
        db_column="user_id",
        related_name="accounts",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
    )
    business = models.ForeignKey(
        "Business",
        null=True,
        db_column="business_id",
        related_name="+",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
    )
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "accounts"

    def __str__(self) -> str:
        return self.account_number


class AccountTransaction(models.Model):
    """A row of `transactions`: append-only, amount always positive, direction given by `txn_type`.

    Order by `transaction_id`: `created_at` has a resolution of one second and no index.
    """

    transaction_id = models.AutoField(primary_key=True)
    account = models.ForeignKey(
        Account, db_column="account_id", related_name="transactions", on_delete=models.DO_NOTHING, db_constraint=False
    )
    txn_type = models.CharField(max_length=50)
    amount = models.DecimalField(**MONEY)
    reference_code = models.CharField(max_length=50, unique=True)
    description = models.CharField(max_length=255, null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "transactions"

    def __str__(self) -> str:
        return self.reference_code


class AuthorizationItem(models.Model):
    """A row of `authorization_queue`: one request waiting for, or decided by, a branch supervisor."""

    class Status(models.TextChoices):
        PENDING = "PENDING"
        APPROVED = "APPROVED"
        REJECTED = "REJECTED"

    queue_id = models.CharField(max_length=20, primary_key=True)
    transaction_type = models.CharField(max_length=30)
    reference_id = models.CharField(max_length=20)
    maker_id = models.CharField(max_length=20)
    maker_name = models.CharField(max_length=255, null=True)
    amount = models.DecimalField(**MONEY)
    description = models.TextField(null=True)
    branch_code = models.CharField(max_length=10, null=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    priority = models.CharField(max_length=6, default="MEDIUM")
    operation_data = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=20, null=True)
    approved_at = models.DateTimeField(null=True)
    rejection_reason = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = "authorization_queue"

    def __str__(self) -> str:
        return self.queue_id


class Business(models.Model):
    """A row of `businesses`. Their directors and accounts are not the portal's customers."""

    business_id = models.AutoField(primary_key=True)
    business_name = models.CharField(max_length=150)
    registration_no = models.CharField(max_length=50, unique=True)
    kra_pin = models.CharField(max_length=20, unique=True)
    sector = models.CharField(max_length=100, null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "businesses"

    def __str__(self) -> str:
        return self.business_name


class Branch(models.Model):
    """A row of `branches`."""

    branch_id = models.AutoField(primary_key=True)
    branch_code = models.CharField(max_length=10, unique=True)
    branch_name = models.CharField(max_length=100)
    location = models.CharField(max_length=255, null=True)
    phone_number = models.CharField(max_length=20, null=True)
    email = models.CharField(max_length=100, null=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        managed = False
        db_table = "branches"

    def __str__(self) -> str:
        return self.branch_name


class StaffMember(models.Model):
    """A row of `staff`. The portal reads it to tie its own staff users to a branch code; never its password."""

    staff_id = models.AutoField(primary_key=True)
    staff_code = models.CharField(max_length=20, unique=True)
    full_name = models.CharField(max_length=100)
    email = models.CharField(max_length=100, unique=True)
    role = models.CharField(max_length=20)
    branch = models.ForeignKey(
        Branch, null=True, db_column="branch_id", related_name="+", on_delete=models.DO_NOTHING, db_constraint=False
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        managed = False
        db_table = "staff"

    def __str__(self) -> str:
        return self.staff_code


class CifRecord(models.Model):
    """A row of `customers` (the CIF). Linked to `users` by national_id only, in Python: collations differ."""

    customer_id = models.AutoField(primary_key=True)
    cif_number = models.CharField(max_length=20, unique=True)
    full_name = models.CharField(max_length=100)
    national_id = models.CharField(max_length=20, unique=True)
    date_of_birth = models.DateField(null=True)
    physical_address = models.TextField(null=True)
    postal_address = models.CharField(max_length=100, null=True)
    occupation = models.CharField(max_length=100, null=True)
    employer = models.CharField(max_length=100, null=True)
    monthly_income = models.DecimalField(**MONEY, null=True)

    class Meta:
        managed = False
        db_table = "customers"

    def __str__(self) -> str:
        return self.cif_number


class RiskScore(models.Model):
    """A row of `risk_scores`. Nobody in the branch software writes it."""

    score_id = models.AutoField(primary_key=True)
    customer = models.ForeignKey(
        BranchCustomer, db_column="user_id", related_name="+", on_delete=models.DO_NOTHING, db_constraint=False
    )
    credit_score = models.IntegerField()
    decision = models.CharField(max_length=20)

    class Meta:
        managed = False
        db_table = "risk_scores"

    def __str__(self) -> str:
        return f"score {self.score_id}"
