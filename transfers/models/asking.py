"""Requests for money between customers, and who will have none of whom."""

import uuid

from django.db import models

from accounts.models.branch import MONEY


class MoneyRequest(models.Model):
    """One customer asks an account number for money. The row is the same whether or not the number exists.

    OPEN       waits for the payer, until `expires_at`
    PAID       the payer's transfer was posted; set in its transaction
    DECLINED   by the payer; the asker is not told, and it goes on looking open to them
    CANCELLED  taken back by the asker
    """

    class State(models.TextChoices):
        OPEN = "OPEN"
        PAID = "PAID"
        DECLINED = "DECLINED"
        CANCELLED = "CANCELLED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asker_id = models.BigIntegerField(help_text="users.user_id of who asks.")
    to_account = models.CharField(max_length=20, help_text="The asker's own account.")
    payer_number = models.CharField(max_length=20, help_text="As it was asked, in capitals.")
    payer_id = models.BigIntegerField(null=True, help_text="Whose it turned out to be; set by the worker, or never.")
    amount = models.DecimalField(**MONEY)
    note = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    open_key = models.CharField(max_length=45, null=True, unique=True, help_text="One open request to one number.")
    instruction_id = models.UUIDField(null=True, unique=True, help_text="The transfer that paid it.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, help_text="When the worker looked whose number it is.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_money_request"
        indexes = [
            models.Index(fields=["asker_id", "created_at"], name="portal_money_request_asked"),
            models.Index(fields=["payer_id", "state"], name="portal_money_request_to_pay"),
            models.Index(fields=["looked_at", "created_at"], name="portal_money_request_new"),
        ]

    def __str__(self) -> str:
        return f"request for money {self.id}"


class BlockedAsker(models.Model):
    """A customer who wants no requests from another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer_id = models.BigIntegerField(help_text="Who is not to be asked.")
    asker_id = models.BigIntegerField(help_text="Who is not to ask.")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "portal_blocked_asker"
        constraints = [models.UniqueConstraint(fields=["customer_id", "asker_id"], name="portal_blocked_asker_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} is not asked by {self.asker_id}"
