"""Messages to customers, written in the transaction of their cause.

The outbox holds what leaves the bank, one row for each address, sent by the worker. The inbox holds what stands in the
portal, one row for each cause, whatever ways it also went. They are two tables because they live differently: a
delivery is tried, sent and over; an entry is unread, read, put away. A new way out (web push) is one more `Channel`.
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from wekeza_portal.notifications.events import Event


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
        MUTED = "MUTED"

    class Delivery(models.TextChoices):
        """What became of it after the provider took it. The last two are final."""

        ACCEPTED = "ACCEPTED"
        DELIVERED = "DELIVERED"
        FAILED = "FAILED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cause = models.CharField(max_length=120, unique=True, help_text="What it is about, so that it is written once.")
    customer_id = models.BigIntegerField(null=True, db_index=True)
    event = models.CharField(
        max_length=12, choices=Event.choices, blank=True, help_text="Empty: written before it was kept."
    )
    amount = models.DecimalField(max_digits=15, decimal_places=2, null=True, help_text="KES that it tells of.")
    copy_of = models.UUIDField(null=True, help_text="The message that this is by another channel.")
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


class InboxItem(models.Model):
    """One message as it stands in its reader's inbox, in the reader's language. The text is never changed."""

    class Category(models.TextChoices):
        MONEY = "MONEY", _("Money")
        SECURITY = "SECURITY", _("Security")
        REQUESTS = "REQUESTS", _("Requests")
        NEWS = "NEWS", _("News from the bank")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cause = models.CharField(max_length=120, unique=True, help_text="What it is about, so that it is written once.")
    customer_id = models.BigIntegerField(help_text="users.user_id of its reader.")
    category = models.CharField(max_length=8, choices=Category.choices)
    title = models.CharField(max_length=200)
    text = models.TextField()
    link_name = models.CharField(max_length=60, blank=True, help_text="A name in registry.message_links, or empty.")
    link_kwargs = models.JSONField(default=dict, help_text="What that address needs, as texts.")
    created_at = models.DateTimeField(db_index=True)
    read_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_inbox_item"
        indexes = [
            models.Index(fields=["customer_id", "created_at", "id"], name="portal_inbox_by_time"),
            models.Index(fields=["customer_id", "read_at", "archived_at", "created_at"], name="portal_inbox_unread"),
        ]

    @property
    def is_unread(self) -> bool:
        return self.read_at is None

    @property
    def can_be_archived(self) -> bool:
        """What was said about security stays where its reader will see it, whoever holds the browser."""
        return self.category != self.Category.SECURITY


class DemoMessage(models.Model):
    """What the demo bank's phone received. Written only by the demo channel, only when DEMO is on."""

    to = models.CharField(max_length=254)
    channel = models.CharField(max_length=8)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    sent_at = models.DateTimeField()

    class Meta:
        db_table = "portal_demo_message"
