"""Cards and what was done with them: a processor's token and the last four digits, never a card number or a PIN."""

import uuid
from decimal import Decimal

from django.db import models

from accounts.models.branch import MONEY, Account, BranchCustomer


class Card(models.Model):
    """One card on one account. It may pay when `state` is ACTIVE and neither frozen, blocked nor expired.

    `frozen_at` is the customer's own (or a freeze of everything), `blocked_at` the bank's; LOST is for good. `wishes`
    are controls that were asked to be loosened and are not yet: {"abroad": {"to": "1", "from": an ISO instant}}.
    """

    class Kind(models.TextChoices):
        PHYSICAL = "PHYSICAL"
        VIRTUAL = "VIRTUAL"

    class State(models.TextChoices):
        ORDERED = "ORDERED"
        """The processor has not taken it yet."""
        MAKING = "MAKING"
        SENT = "SENT"
        ARRIVED = "ARRIVED"
        """At the branch, or delivered; it works once its owner has it and has activated it."""
        ACTIVE = "ACTIVE"
        LOST = "LOST"
        REFUSED = "REFUSED"
        """The processor would not make it; what was paid for it went back."""

    class Loss(models.TextChoices):
        LOST = "LOST"
        STOLEN = "STOLEN"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(BranchCustomer, related_name="+", on_delete=models.PROTECT, db_constraint=False)
    account = models.ForeignKey(Account, related_name="+", on_delete=models.PROTECT, db_constraint=False)
    account_number = models.CharField(max_length=20, help_text="The branch's scripts give ids out again.")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ORDERED)
    token = models.CharField(max_length=64, null=True, unique=True, help_text="The processor's name for the card.")
    last_four = models.CharField(max_length=4, blank=True)
    expires_on = models.DateField(null=True, help_text="The last day it works.")
    name_on_card = models.CharField(max_length=26)
    branch_code = models.CharField(max_length=10, blank=True, help_text="Where it is collected.")
    delivered_to = models.CharField(
        max_length=170, blank=True, help_text="The home address, as ordered, where a courier brings it."
    )
    promised_on = models.DateField(null=True, help_text="When it is there at the latest.")
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    instruction_id = models.UUIDField(null=True, help_text="The payment for it, where there was one.")
    ordered_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, help_text="When the processor took the order.")
    sent_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)
    blocked_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    loss = models.CharField(max_length=6, choices=Loss.choices, blank=True)
    lost_reference = models.CharField(max_length=14, blank=True)
    told_at = models.DateTimeField(null=True, help_text="When the processor was told that it is lost.")
    due_at = models.DateTimeField(null=True, help_text="The processor is to be called then.")
    atm_daily = models.DecimalField(**MONEY, help_text="KES a Nairobi day at cash machines, the owner's own limit.")
    online = models.BooleanField(default=True)
    contactless = models.BooleanField(default=True)
    abroad = models.BooleanField(default=False)
    gambling = models.BooleanField(default=False)
    wishes = models.JSONField(default=dict)

    class Meta:
        db_table = "portal_card"
        indexes = [
            models.Index(fields=["customer", "ordered_at"], name="portal_card_of"),
            models.Index(fields=["due_at"], name="portal_card_due"),
        ]
        permissions = [
            ("block_card", "Can block a customer's card"),
            ("propose_card_unblock", "Can propose to unblock a card"),
            ("approve_card_unblock", "Can approve that a card is unblocked"),
        ]

    def __str__(self) -> str:
        return f"card ...{self.last_four}"


class CardUse(models.Model):
    """One time that a card was used: what the processor asked, and what it was answered, for good.

    `amount` is KES. An approved one was posted under the instruction `public_id`; a second question with the same
    `processor_id` gets the same answer.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    processor_id = models.CharField(max_length=40, unique=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was asked.")
    card = models.ForeignKey(Card, related_name="uses", on_delete=models.PROTECT)
    customer_id = models.BigIntegerField()
    channel = models.CharField(max_length=11)
    amount = models.DecimalField(**MONEY)
    original_amount = models.DecimalField(**MONEY, null=True)
    original_currency = models.CharField(max_length=3, blank=True)
    merchant = models.CharField(max_length=40)
    city = models.CharField(max_length=30, blank=True)
    country = models.CharField(max_length=2)
    category = models.CharField(max_length=4, blank=True, help_text="ISO 18245.")
    code = models.CharField(max_length=2, help_text="What was answered, as in ISO 8583: 00 is yes.")
    why = models.CharField(max_length=20, blank=True, help_text="Why not; empty where it was approved.")
    reference = models.CharField(max_length=14, blank=True)
    business_date = models.DateField()
    at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_card_use"
        indexes = [
            models.Index(fields=["card", "id"], name="portal_card_use_of"),
            models.Index(fields=["customer_id", "business_date"], name="portal_card_use_day"),
        ]

    def __str__(self) -> str:
        return f"{self.processor_id}: {self.code}"

    @property
    def is_approved(self) -> bool:
        return self.code == "00"

    @property
    def counts(self) -> Decimal:
        """KES it takes from a day's limit: nothing once it was refused or taken back."""
        return self.amount if self.is_approved and self.reversed_at is None else Decimal("0.00")


class CardSight(models.Model):
    """One look at a secret of a card (its PIN, a virtual card's number), allowed by a code, on the processor's page.

    `id` is the act's instruction. It holds no secret: only that one may be looked at, until when, and that it was.
    """

    class What(models.TextChoices):
        PIN = "PIN"
        NUMBER = "NUMBER"

    id = models.UUIDField(primary_key=True, editable=False)
    card = models.ForeignKey(Card, related_name="+", on_delete=models.PROTECT)
    what = models.CharField(max_length=6, choices=What.choices)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_card_sight"

    def __str__(self) -> str:
        return f"{self.what} of {self.card_id}"
