"""Calls that the bank's staff make to customers, each open for as long as it lasts and no longer than its minutes."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class BankCall(models.Model):
    """One call. It is open until the caller ends it or `expires_at` has passed, whichever is first."""

    class Department(models.TextChoices):
        FRAUD = "FRAUD", _("Fraud and security")
        SUPPORT = "SUPPORT", _("Customer support")
        LENDING = "LENDING", _("Loans")
        OPERATIONS = "OPERATIONS", _("Payments")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer_id = models.BigIntegerField(help_text="users.user_id of the branch.")
    open_for = models.BigIntegerField(null=True, unique=True, help_text="The customer until it is ended; NULL after.")
    reference = models.CharField(max_length=8, help_text="Read out on the phone: two groups of three digits.")
    staff_id = models.BigIntegerField(help_text="portal_user of the caller.")
    staff_code = models.CharField(max_length=60)
    caller = models.CharField(max_length=100, help_text="The caller's name as the branch's staff table has it.")
    department = models.CharField(max_length=10, choices=Department.choices)
    about = models.CharField(max_length=120, help_text="What it is about; the customer reads it.")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_bank_call"
        default_permissions = ("view",)
        permissions = [("open_bankcall", "Can open and end a call to a customer")]
        indexes = [models.Index(fields=["customer_id", "opened_at"], name="portal_bank_call_recent")]

    def __str__(self) -> str:
        return f"{self.reference} {self.staff_code}"
