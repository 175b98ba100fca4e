"""The question before a large payment to somebody new, and what became of it."""

from django.db import models


class ScamPause(models.Model):
    """Asked once for one payment: did somebody ask you to make it? Kept for the staff's figures."""

    class Answer(models.TextChoices):
        OWN_IDEA = "OWN_IDEA"
        ASKED = "ASKED"

    class Outcome(models.TextChoices):
        PAID = "PAID"
        CANCELLED = "CANCELLED"

    instruction_id = models.UUIDField(primary_key=True)
    customer_id = models.BigIntegerField()
    kind = models.CharField(max_length=30, help_text="Of what is paid.")
    payee_key = models.CharField(max_length=80)
    guard_key = models.CharField(max_length=80, help_text="transfers.payees.guards: the person behind it.")
    asked_with = models.UUIDField(null=True, help_text="The instruction that was answered for, where that was another.")
    shown_at = models.DateTimeField()
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True, help_text="Until then nothing goes to this person.")
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)

    class Meta:
        db_table = "portal_scam_pause"
        indexes = [
            models.Index(fields=["customer_id", "guard_key"], name="portal_scam_pause_guard"),
            models.Index(fields=["shown_at"], name="portal_scam_pause_shown"),
        ]

    def __str__(self) -> str:
        return f"pause of {self.instruction_id}"
