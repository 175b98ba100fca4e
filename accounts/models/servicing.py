"""Letters that the portal makes by itself, and what staff handed over of what a branch agreed to."""

import uuid

from django.db import models

from accounts.models.approvals import ApprovalRequest
from accounts.models.branch import MONEY


class BankLetter(models.Model):
    """One letter about one account, with all that it says, as it stood when it was made. Never changed.

    Where it cost something, `id` is that of the instruction that paid for it and `reference` that of its posting.
    """

    class Kind(models.TextChoices):
        ACCOUNT = "ACCOUNT"
        BALANCE = "BALANCE"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer_id = models.BigIntegerField(help_text="users.user_id of the branch.")
    fingerprint = models.CharField(max_length=64, help_text="Whose id that was: the branch's scripts reuse ids.")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    account_number = models.CharField(max_length=20)
    account_kind = models.CharField(max_length=8)
    account_status = models.CharField(max_length=8)
    opened_on = models.DateField(null=True)
    holder = models.CharField(max_length=100)
    national_id = models.CharField(max_length=20, blank=True)
    addressee = models.CharField(max_length=100, blank=True, help_text="Empty: to whom it may concern.")
    balance = models.DecimalField(**MONEY, null=True, help_text="KES booked when it was made; NULL where not said.")
    fee = models.DecimalField(**MONEY, help_text="KES paid for it, excise duty inside.")
    excise = models.DecimalField(**MONEY)
    reference = models.CharField(max_length=14, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "portal_bank_letter"
        default_permissions = ()
        indexes = [models.Index(fields=["customer_id", "made_at"], name="portal_bank_letter_of")]

    def __str__(self) -> str:
        return f"letter {self.id}"


class ServiceDone(models.Model):
    """A member of staff saw to it by hand: the cheque book is in its owner's hands, the mandate signed."""

    request = models.OneToOneField(ApprovalRequest, on_delete=models.PROTECT, primary_key=True, related_name="+")
    staff = models.CharField(max_length=60, help_text="Staff code.")
    at = models.DateTimeField()

    class Meta:
        db_table = "portal_service_done"
        default_permissions = ()
        permissions = [
            ("view_services", "Can see what customers asked a branch for"),
            ("finish_service", "Can say that a service was given"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} by {self.staff}"
