"""Payments that leave the bank: one row beside the instruction that ordered each, with what became of it outside."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.branch import MONEY


class Payment(models.Model):
    """The life of one payment over a rail. The row is the truth; whoever works on it moves its state under a lock.

    RECEIVED  posted: the money left the customer and waits in the rail's internal account; with `held_at` it is held
              back, never due, until its payer sends it after all or takes it back
    SENDING   a worker is handing it to the rail; if the worker dies here, nobody knows whether the rail has it
    SENT      the rail took it and owes us the result
    UNKNOWN   nobody knows: it is enquired about, never sent blindly again and never given back on a time-out
    SETTLED   the rail says it arrived: final
    RETURNED  the rail says it did not, and amount and fee are back on the account: final
    """

    class State(models.TextChoices):
        RECEIVED = "RECEIVED", _("Received")
        SENDING = "SENDING", _("Being sent")
        SENT = "SENT", _("Sent")
        UNKNOWN = "UNKNOWN", _("Being checked")
        SETTLED = "SETTLED", _("Confirmed")
        RETURNED = "RETURNED", _("Returned")

    OPEN = (State.RECEIVED, State.SENDING, State.SENT, State.UNKNOWN)
    FINAL = (State.SETTLED, State.RETURNED)

    id = models.UUIDField(primary_key=True, help_text="The instruction's id, and the one the rail knows it by.")
    customer_id = models.BigIntegerField()
    rail = models.CharField(max_length=20, help_text="A name in wekeza_portal.rails.base.rails, in capitals.")
    reference = models.CharField(max_length=14, unique=True, help_text="Of the posting that took the money.")
    amount = models.DecimalField(**MONEY)
    fee = models.DecimalField(**MONEY)
    destination = models.JSONField(help_text="What the rail needs to know of the receiver, as strings.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    received_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="When to send or ask next; while claimed, the claim's end.")
    held_at = models.DateTimeField(
        null=True, help_text="Since when it is held back because its payer stopped everything; NULL once released."
    )
    sends = models.PositiveSmallIntegerField(default=0)
    enquiries = models.PositiveSmallIntegerField(default=0)
    with_staff_since = models.DateTimeField(null=True, help_text="Since when people have to look at it.")
    contradicted_at = models.DateTimeField(
        null=True, help_text="Since when the rail says what can't be: another amount, or the opposite of what was done."
    )
    rail_ids = models.JSONField(default=dict, help_text="The rail's own ids of the order, by its own names.")
    receipt = models.CharField(max_length=64, blank=True, help_text="The rail's receipt, as the receiver sees it.")
    receiver_name = models.CharField(max_length=100, blank=True, help_text="As the rail confirmed it.")
    token = models.TextField(blank=True, help_text="Encrypted: what a prepaid biller gave for the money.")
    reason_code = models.CharField(max_length=30, blank=True, help_text="The rail's own code when it refused.")
    reason = models.CharField(max_length=30, blank=True, help_text="A key of rails.base.CUSTOMER_REASONS.")

    class Meta:
        db_table = "portal_payment"
        permissions = [
            ("enquire_payment", "Can ask a rail about a payment"),
            ("propose_payment_end", "Can propose how a payment of which nobody knows ended"),
            ("approve_payment_end", "Can approve how a payment of which nobody knows ended"),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="portal_payment_due"),
            models.Index(fields=["customer_id", "received_at"], name="portal_payment_recent"),
            models.Index(fields=["rail", "finished_at"], name="portal_payment_ended"),
            models.Index(fields=["contradicted_at"], name="portal_payment_contradicted"),
            models.Index(fields=["held_at"], name="portal_payment_held"),
        ]

    def __str__(self) -> str:
        return f"{self.rail} {self.reference} {self.state}"

    @property
    def is_held(self) -> bool:
        """Whether it is held back: with us, not sent, and not due."""
        return self.state == self.State.RECEIVED and self.held_at is not None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be known what became of it."""
        return self.state in self.OPEN


class RailId(models.Model):
    """An id by which a rail knows a payment, so that it leads there: a conversation, a receipt, a transaction."""

    payment_id = models.UUIDField()
    value = models.CharField(max_length=64)

    class Meta:
        db_table = "portal_payment_rail_id"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["value", "payment_id"], name="portal_payment_rail_id_once")]

    def __str__(self) -> str:
        return self.value
