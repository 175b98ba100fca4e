"""Money that comes in from a phone: prompts that customers asked for, and what M-Pesa says was paid to the bank."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.branch import MONEY


class Deposit(models.Model):
    """A customer's wish to bring money in from M-Pesa. The row is the truth; whoever works on it moves its state.

    ASKED     confirmed; the phone is to be asked for the PIN
    SENDING   a worker is handing it to M-Pesa; if the worker dies here, the prompt may have been sent
    PROMPTED  M-Pesa took it: the phone shows the prompt
    UNKNOWN   nobody knows: M-Pesa is asked; never prompted blindly again
    RECEIVED  paid, and on the account: final
    HELD      paid, but not as asked for: the money is at the bank, and people look
    REFUSED   M-Pesa says that nothing was paid: final, unless it says later that it was
    """

    class State(models.TextChoices):
        ASKED = "ASKED", _("Received")
        SENDING = "SENDING", _("Being sent")
        PROMPTED = "PROMPTED", _("On your phone")
        UNKNOWN = "UNKNOWN", _("Being checked")
        RECEIVED = "RECEIVED", _("Paid in")
        HELD = "HELD", _("Being checked")
        REFUSED = "REFUSED", _("Not paid")

    OPEN = (State.ASKED, State.SENDING, State.PROMPTED, State.UNKNOWN)

    id = models.UUIDField(primary_key=True, help_text="The instruction's id.")
    customer_id = models.BigIntegerField()
    account_id = models.BigIntegerField()
    account_number = models.CharField(max_length=20)
    reference = models.CharField(max_length=14, unique=True, help_text="What the phone shows as the account.")
    msisdn = models.CharField(max_length=12, help_text="The phone that pays: 254 and nine digits.")
    is_own_phone = models.BooleanField(help_text="Whether it is the number that the branch has of the customer.")
    amount = models.DecimalField(**MONEY)
    fee = models.DecimalField(**MONEY, default=0)
    excise = models.DecimalField(**MONEY, default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="When to send or ask next; while claimed, the claim's end.")
    enquiries = models.PositiveSmallIntegerField(default=0)
    with_staff_since = models.DateTimeField(null=True, help_text="Since when people have to look at it.")
    contradicted_at = models.DateTimeField(null=True, help_text="Since when M-Pesa says that it was not paid.")
    checkout = models.CharField(max_length=60, null=True, unique=True, help_text="M-Pesa's id of the prompt.")
    reason_code = models.CharField(max_length=30, blank=True, help_text="M-Pesa's own code when it was not paid.")
    reason = models.CharField(max_length=30, blank=True, help_text="A key of transfers.collecting.reasons.")

    class Meta:
        db_table = "portal_deposit"
        permissions = [("enquire_deposit", "Can ask M-Pesa about a deposit")]
        indexes = [
            models.Index(fields=["state", "due_at"], name="portal_deposit_due"),
            models.Index(fields=["customer_id", "asked_at"], name="portal_deposit_recent"),
            models.Index(fields=["msisdn", "asked_at"], name="portal_deposit_phone"),
        ]

    def __str__(self) -> str:
        return f"deposit {self.reference} {self.state}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be known what became of it."""
        return self.state in self.OPEN

    @property
    def phone_shown(self) -> str:
        """The phone as people read it."""
        local = f"0{self.msisdn[3:]}"
        return f"{local[:4]} {local[4:7]} {local[7:]}"


class Incoming(models.Model):
    """One piece of money that M-Pesa says the bank was paid, once for each of its receipts.

    CREDITED  on a customer's account: final
    SUSPENSE  the bank has it, and nobody knows whose it is or it can't be credited: people look
    SENDING   two people decided to give it back: M-Pesa is asked to, and has not said yet that it did
    MATCHED   two people found whose it is, and it is on that account: final
    RETURNED  M-Pesa has given it back to who paid: final
    """

    class State(models.TextChoices):
        CREDITED = "CREDITED", _("Paid in")
        SUSPENSE = "SUSPENSE", _("Nobody's yet")
        SENDING = "SENDING", _("Being given back")
        MATCHED = "MATCHED", _("Matched to a customer")
        RETURNED = "RETURNED", _("Given back")

    class Way(models.TextChoices):
        PROMPT = "PROMPT", _("Prompt on the phone")
        PAYBILL = "PAYBILL", _("Paybill")

    WAITING = (State.SUSPENSE, State.SENDING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    way = models.CharField(max_length=7, choices=Way.choices)
    receipt = models.CharField(
        max_length=20, null=True, unique=True, help_text="M-Pesa's receipt; none where only a question was answered."
    )
    deposit = models.ForeignKey(Deposit, null=True, on_delete=models.PROTECT, related_name="incoming")
    customer_id = models.BigIntegerField(null=True, help_text="Whose account it is on.")
    account_number = models.CharField(max_length=20, blank=True, help_text="Where it is credited.")
    typed = models.CharField(max_length=20, blank=True, help_text="The account as the payer typed it.")
    amount = models.DecimalField(**MONEY)
    fee = models.DecimalField(**MONEY, default=0)
    excise = models.DecimalField(**MONEY, default=0)
    payer = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=64, blank=True, help_text="As M-Pesa gives it: masked for a paybill.")
    paid_at = models.DateTimeField(null=True, help_text="As M-Pesa says.")
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices)
    why = models.CharField(max_length=20, blank=True, help_text="Why it is nobody's: a key of collecting.reasons.WHY.")
    reference = models.CharField(max_length=14, unique=True, help_text="Of the posting that took it in.")
    instruction_id = models.UUIDField(null=True, unique=True, help_text="Of the posting that credited a customer.")
    ended_reference = models.CharField(max_length=14, blank=True, help_text="Of the posting that took it out again.")
    finished_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="When M-Pesa is asked next to give it back.")
    tries = models.PositiveSmallIntegerField(default=0)
    rounds = models.PositiveSmallIntegerField(default=0, help_text="How often people decided to give it back.")
    was_unclear = models.BooleanField(
        default=False, help_text="M-Pesa was once asked in vain: no refusal is believed any more."
    )
    reason_code = models.CharField(max_length=30, blank=True, help_text="M-Pesa's own code about giving it back.")
    contradicted_at = models.DateTimeField(
        null=True, help_text="Since when M-Pesa says that it gave back what is on an account."
    )

    class Meta:
        db_table = "portal_incoming"
        permissions = [
            ("propose_incoming", "Can propose whose money is, or to give it back"),
            ("approve_incoming", "Can approve whose money is, or to give it back"),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="portal_incoming_due"),
            models.Index(fields=["customer_id", "received_at"], name="portal_incoming_recent"),
            models.Index(fields=["contradicted_at"], name="portal_incoming_contradicted"),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.receipt or self.reference} {self.state}"
