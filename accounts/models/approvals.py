"""What customers asked the branch for: our row beside the one in the branch's queue."""

import uuid

from django.db import models

from accounts.models.branch import MONEY, BranchCustomer


class ApprovalRequest(models.Model):
    """One request to the branch, reviewed before it is sent, applied at most once after it is approved.

    The branch's `authorization_queue` knows decisions, not effects: `decision` is the status last seen there, `state`
    what became of the request here. `effect` names what was done; once it is set nothing is ever applied again.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT"
        CANCELLED = "CANCELLED"
        SENT = "SENT"
        APPROVED = "APPROVED"
        DONE = "DONE"
        REFUSED = "REFUSED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(BranchCustomer, related_name="+", on_delete=models.PROTECT, db_constraint=False)
    kind = models.CharField(max_length=30, help_text="The name in the registry of approval executors.")
    transaction_type = models.CharField(max_length=30, help_text="The word in the branch's queue.")
    payload = models.JSONField(help_text="What was asked for; amounts as strings.")
    amount = models.DecimalField(**MONEY, default=0)
    instruction_id = models.UUIDField(null=True, unique=True, help_text="The money to move once approved, if any.")
    reference_id = models.CharField(max_length=20, blank=True)
    queue_id = models.CharField(max_length=20, null=True, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    decision = models.CharField(max_length=10, blank=True, help_text="The branch's status as last seen, or MISSING.")
    decided_by = models.CharField(max_length=20, blank=True)
    decided_at = models.DateTimeField(null=True)
    refusal_reason = models.TextField(blank=True)
    flips = models.PositiveSmallIntegerField(default=0, help_text="Decisions that were changed afterwards.")
    problem = models.CharField(max_length=60, blank=True, help_text="Why an approved request could not be done yet.")
    effect = models.CharField(max_length=200, blank=True, help_text="What was done, or found already done.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="A draft can be sent until then.")
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    look_again_at = models.DateTimeField(null=True, help_text="An approved request is not tried again before.")

    class Meta:
        db_table = "portal_approval_request"
        indexes = [
            models.Index(fields=["state", "sent_at"], name="portal_approval_open"),
            models.Index(fields=["customer", "created_at"], name="portal_approval_recent"),
        ]

    def __str__(self) -> str:
        return f"request {self.id}"
