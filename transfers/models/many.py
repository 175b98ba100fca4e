"""Files with many payments: what was uploaded, what was found wrong, what became of each row."""

import uuid

from django.db import models

from accounts.models.branch import MONEY


class PaymentFile(models.Model):
    """Up to fifty payments that are checked, reviewed and confirmed together, and then done one by one.

    CHECKING   the worker asks for names and prepares a draft for each row
    FAULTY     something is wrong; nothing moves, a corrected file is a new one
    READY      every row can be paid; waits for the customer's confirmation with a code
    CONFIRMED  the worker pays the rows, each once
    DONE       every row is sent or refused
    CANCELLED  given up before it was confirmed

    A file whose owner may not come in any more is given up whatever its state: `problem` says so.
    """

    KIND = "PAYMENT_FILE"
    """The kind of the instruction that is confirmed for all rows."""

    class State(models.TextChoices):
        CHECKING = "CHECKING"
        FAULTY = "FAULTY"
        READY = "READY"
        CONFIRMED = "CONFIRMED"
        DONE = "DONE"
        CANCELLED = "CANCELLED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer_id = models.BigIntegerField()
    fingerprint = models.CharField(max_length=64, help_text="Whose id that was: the branch's scripts reuse ids.")
    name = models.CharField(max_length=80, help_text="Of the uploaded file, as it may be shown.")
    from_number = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64, help_text="Of what the rows say: the same payments, the same digest.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.CHECKING)
    problem = models.TextField(blank=True, help_text="What is wrong with the rows together, for the customer.")
    instruction_id = models.UUIDField(null=True, unique=True, help_text="What is confirmed with a code: all rows.")
    total = models.DecimalField(**MONEY, default=0)
    fees = models.DecimalField(**MONEY, default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="It can be confirmed until then.")
    confirmed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True, help_text="A worker is at it; if it dies, another comes then.")

    class Meta:
        db_table = "portal_payment_file"
        indexes = [
            models.Index(fields=["state", "claimed_until"], name="portal_payment_file_due"),
            models.Index(fields=["customer_id", "created_at"], name="portal_payment_file_recent"),
        ]

    def __str__(self) -> str:
        return f"payment file {self.id}"


class PaymentFileRow(models.Model):
    """One payment of a file, with the draft that pays it. The instruction makes that happen at most once."""

    class State(models.TextChoices):
        NEW = "NEW"
        CHECKED = "CHECKED"
        FAULTY = "FAULTY"
        SENT = "SENT"
        REFUSED = "REFUSED"

    file = models.ForeignKey(PaymentFile, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveSmallIntegerField(help_text="As the spreadsheet counts: the heading is row 1.")
    typed = models.JSONField(help_text="The cells, as texts, by transfers.many.reading.COLUMNS.")
    state = models.CharField(max_length=7, choices=State.choices, default=State.NEW)
    problem = models.TextField(blank=True, help_text="Why it can't be paid or was not, in the customer's language.")
    instruction_id = models.UUIDField(null=True, unique=True)
    content_hash = models.CharField(max_length=64, blank=True, help_text="Of the draft that was reviewed.")
    payee = models.CharField(max_length=140, blank=True, help_text="Name and number as they were confirmed.")
    payee_key = models.CharField(max_length=80, blank=True)
    amount = models.DecimalField(**MONEY, default=0)
    fee = models.DecimalField(**MONEY, default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_payment_file_row"
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="portal_payment_file_row_once")]

    def __str__(self) -> str:
        return f"row {self.number} of {self.file_id}"
