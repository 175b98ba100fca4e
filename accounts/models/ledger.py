"""Instructions, postings and legs: the portal's double-entry journal beside the branch's one-sided rows."""

import uuid

from django.db import models

from accounts.models.branch import MONEY, Account, BranchCustomer


class Instruction(models.Model):
    """Something a customer asked for, stored as a draft before it is confirmed, done at most once.

    `content_hash` is the digest of kind, payload and amounts: what was reviewed is what is posted.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT"
        POSTED = "POSTED"
        DONE = "DONE"
        """Done, and it moved no money: a standing order was set up."""
        CANCELLED = "CANCELLED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(
        BranchCustomer, related_name="instructions", on_delete=models.PROTECT, db_constraint=False
    )
    kind = models.CharField(max_length=30)
    payload = models.JSONField(help_text="What was asked for; amounts as strings.")
    payee_key = models.CharField(max_length=80, blank=True, help_text="Who receives it, to know a new payee.")
    amount = models.DecimalField(**MONEY)
    fee = models.DecimalField(**MONEY, default=0)
    fee_row_id = models.BigIntegerField(null=True, help_text="The portal_fee row that set the fee.")
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    stepped_up_at = models.DateTimeField(null=True, help_text="When the right code was given for this very content.")
    posted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_instruction"
        indexes = [
            models.Index(fields=["customer", "state", "payee_key"], name="portal_instruction_payee"),
            models.Index(fields=["customer", "created_at"], name="portal_instruction_recent"),
        ]

    def __str__(self) -> str:
        return f"instruction {self.id}"


class Posting(models.Model):
    """One balanced movement of money, written once and never changed. Undo is another posting that names it."""

    instruction_id = models.UUIDField(unique=True)
    reference = models.CharField(max_length=14, unique=True)
    kind = models.CharField(max_length=30)
    content_hash = models.CharField(max_length=64)
    posted_at = models.DateTimeField(db_index=True)
    business_date = models.DateField(help_text="The Nairobi date it belongs to.")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=40)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")

    class Meta:
        db_table = "portal_posting"

    def __str__(self) -> str:
        return self.reference


class PostingLeg(models.Model):
    """One side of a posting: a signed amount on a customer account or an internal one, never both.

    Credits are positive, debits negative; the legs of a posting sum to zero.
    """

    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="legs")
    position = models.PositiveSmallIntegerField()
    account = models.ForeignKey(Account, null=True, related_name="+", on_delete=models.PROTECT, db_constraint=False)
    internal_account = models.CharField(max_length=40, blank=True)
    amount = models.DecimalField(**MONEY)
    balance_after = models.DecimalField(
        **MONEY, null=True, help_text="Of the customer account; NULL for internal ones."
    )
    transaction_id = models.IntegerField(null=True, unique=True, help_text="The branch's transactions row.")

    class Meta:
        db_table = "portal_posting_leg"
        constraints = [models.UniqueConstraint(fields=["posting", "position"], name="portal_posting_leg_order")]
        indexes = [models.Index(fields=["internal_account", "posting"], name="portal_posting_leg_internal")]

    def __str__(self) -> str:
        return f"{self.posting_id}-{self.position}"


class LimitUsage(models.Model):
    """How much of a limit a customer has used in one period; locked with the money."""

    customer = models.ForeignKey(BranchCustomer, related_name="+", on_delete=models.PROTECT, db_constraint=False)
    code = models.CharField(max_length=20)
    period = models.CharField(max_length=10, help_text="2026-11-23 for a day, 2026-11 for a month, in Nairobi.")
    used = models.DecimalField(**MONEY, default=0)
    ends_at = models.DateTimeField(null=True, help_text="When a cap of 24 hours is over; NULL for days and months.")

    class Meta:
        db_table = "portal_limit_usage"
        constraints = [models.UniqueConstraint(fields=["customer", "code", "period"], name="portal_limit_usage_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.code} {self.period}: {self.used}"
