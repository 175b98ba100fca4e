"""Whom a customer pays: those kept under a name, and since when each receiver is known."""

import uuid

from django.db import models

from accounts.models.branch import MONEY


class SavedPayee(models.Model):
    """Somebody a customer keeps to pay again, with the name that was confirmed and when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer_id = models.BigIntegerField()
    kind = models.CharField(max_length=20, help_text="A name in transfers.destinations.KINDS.")
    payee_key = models.CharField(max_length=80)
    guard_key = models.CharField(max_length=80, help_text="transfers.payees.guards: the person behind it.")
    destination = models.JSONField(help_text="transfers.destinations, as strings.")
    nickname = models.CharField(max_length=40, blank=True)
    confirmed_name = models.CharField(max_length=100, blank=True, help_text="As the rail or the branch said it.")
    confirmed_at = models.DateTimeField(null=True)
    renamed_to = models.CharField(
        max_length=100, blank=True, help_text="Whom the rail named at the last payment, where it is not confirmed_name."
    )
    own_limit = models.DecimalField(**MONEY, null=True, help_text="KES of one payment, set by the customer.")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "portal_saved_payee"
        constraints = [models.UniqueConstraint(fields=["customer_id", "payee_key"], name="portal_saved_payee_once")]
        indexes = [models.Index(fields=["customer_id", "guard_key"], name="portal_saved_payee_guard")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.payee_key}"


class KnownPayee(models.Model):
    """Since when a customer pays a person, and how much went there in the first 24 hours; locked with the money.

    One row for all their wallets and accounts: transfers.payees.guards.
    """

    customer_id = models.BigIntegerField()
    guard_key = models.CharField(max_length=80)
    first_at = models.DateTimeField()
    first_day_sum = models.DecimalField(**MONEY, default=0, help_text="KES sent in the 24 hours from first_at.")

    class Meta:
        db_table = "portal_known_payee"
        constraints = [models.UniqueConstraint(fields=["customer_id", "guard_key"], name="portal_known_payee_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.guard_key}"
