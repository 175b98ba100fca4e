"""The outbox: messages to customers, written in the transaction of their cause, sent by the worker."""

import uuid

from django.db import models


class Channel(models.TextChoices):
    SMS = "SMS"
    EMAIL = "EMAIL"


class OutboxMessage(models.Model):
    """One message to one address. The row is the truth; whoever sends it only moves its state."""

    class State(models.TextChoices):
        QUEUED = "QUEUED"
        SENDING = "SENDING"
        SENT = "SENT"
        FAILED = "FAILED"
        EXPIRED = "EXPIRED"

    class Delivery(models.TextChoices):
        """What became of it after the provider took it. The last two are final."""

        ACCEPTED = "ACCEPTED"
        DELIVERED = "DELIVERED"
        FAILED = "FAILED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cause = models.CharField(max_length=120, unique=True, help_text="What it is about, so that it is written once.")
    customer_id = models.BigIntegerField(null=True, db_index=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(help_text="Encrypted while queued if secret, blanked when sent.")
    is_secret = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="Not before this; pushed back after a failed attempt or while claimed.")
    expires_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=80, blank=True, db_index=True, help_text="The provider's own id.")
    delivery = models.CharField(max_length=9, choices=Delivery.choices, blank=True, help_text="Empty: never reported.")
    delivery_reason = models.CharField(max_length=80, blank=True, help_text="Why it did not arrive, in their word.")
    delivered_at = models.DateTimeField(null=True, help_text="When the final report came.")

    class Meta:
        db_table = "portal_outbox_message"
        indexes = [models.Index(fields=["state", "due_at"], name="portal_outbox_due")]


class DemoMessage(models.Model):
    """What the demo bank's phone received. Written only by the demo channel, only when DEMO is on."""

    to = models.CharField(max_length=254)
    channel = models.CharField(max_length=8)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    sent_at = models.DateTimeField()

    class Meta:
        db_table = "portal_demo_message"
