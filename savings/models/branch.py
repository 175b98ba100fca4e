"""The branch's savings table, mapped by hand: `managed = False`, no foreign key in the database."""

from django.db import models

from accounts.models.branch import MONEY, Account


class FixedDeposit(models.Model):
    """A row of `fixed_deposits`. Rate in percent a year, simple interest; nothing in the branch matures or accrues it.

    Left out: updated_at, which the database keeps. Its text columns sort by another collation than the other tables',
    so they are never joined in SQL.
    """

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE"
        MATURED = "MATURED"
        CLOSED = "CLOSED"
        RENEWED = "RENEWED"

    fd_id = models.AutoField(primary_key=True)
    fd_number = models.CharField(max_length=50, unique=True)
    account = models.ForeignKey(
        Account, db_column="account_id", related_name="fixed_deposits", on_delete=models.DO_NOTHING, db_constraint=False
    )
    principal_amount = models.DecimalField(**MONEY)
    interest_rate = models.DecimalField(max_digits=5, decimal_places=2)
    term_months = models.IntegerField()
    start_date = models.DateField()
    maturity_date = models.DateField()
    maturity_amount = models.DecimalField(**MONEY)
    auto_renew = models.BooleanField(default=False)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.ACTIVE)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "fixed_deposits"

    def __str__(self) -> str:
        return self.fd_number
