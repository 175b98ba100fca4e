"""Standing orders: what a customer wants paid again and again, or once on a later day, and what came of each date."""

import hashlib
import json

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.branch import MONEY
from wekeza_portal.money import exact
from wekeza_portal.recurrence import Frequency, OnHoliday, Rule


class Rhythm(models.TextChoices):
    """How often, as people say it."""

    ONCE = "ONCE", _("Once")
    DAILY = "DAILY", _("Every day")
    WEEKLY = "WEEKLY", _("Every week")
    FORTNIGHTLY = "FORTNIGHTLY", _("Every two weeks")
    MONTHLY = "MONTHLY", _("Every month")
    QUARTERLY = "QUARTERLY", _("Every three months")
    YEARLY = "YEARLY", _("Every year")


STEPS: dict[str, tuple[Frequency, int]] = {
    Rhythm.ONCE: (Frequency.DAILY, 1),
    Rhythm.DAILY: (Frequency.DAILY, 1),
    Rhythm.WEEKLY: (Frequency.WEEKLY, 1),
    Rhythm.FORTNIGHTLY: (Frequency.WEEKLY, 2),
    Rhythm.MONTHLY: (Frequency.MONTHLY, 1),
    Rhythm.QUARTERLY: (Frequency.MONTHLY, 3),
    Rhythm.YEARLY: (Frequency.YEARLY, 1),
}


class StandingOrder(models.Model):
    """One order. Nothing of it is reserved: at each date the payment is made from what is there, or fails.

    `kind`, `payload`, `payee_key` and `amount` say what is paid, as in accounts.Instruction. `next_nominal` names the
    next date and `next_due` is the day it is done, both empty once the order has ended.
    """

    KIND = "STANDING_ORDER"
    """The kind of the instruction that sets an order up or changes one."""

    class Mode(models.TextChoices):
        PAY = "PAY", _("Pay for me")
        REMIND = "REMIND", _("Only remind me")

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", pgettext_lazy("standing order", "Active")
        PAUSED = "PAUSED", pgettext_lazy("standing order", "Paused")
        ENDED = "ENDED", pgettext_lazy("standing order", "Ended")

    class NotWorking(models.TextChoices):
        SAME = OnHoliday.SAME.value, _("Pay on that day")
        NEXT = OnHoliday.NEXT.value, _("Pay on the next working day")
        PREVIOUS = OnHoliday.PREVIOUS.value, _("Pay on the working day before")

    public_id = models.UUIDField(unique=True, help_text="The id of the instruction that set it up.")
    customer_id = models.BigIntegerField()
    fingerprint = models.CharField(max_length=64, help_text="Whose id that was: the branch's scripts reuse ids.")
    kind = models.CharField(max_length=30)
    payload = models.JSONField(help_text="What is paid, as in the instruction of such a payment.")
    payee_key = models.CharField(max_length=80, blank=True)
    receiver = models.CharField(max_length=100, help_text="Who is paid, as pages and messages name them.")
    from_number = models.CharField(max_length=20)
    amount = models.DecimalField(**MONEY)
    rhythm = models.CharField(max_length=12, choices=Rhythm.choices)
    begins = models.DateField(help_text="The first date; all others are counted from it.")
    until = models.DateField(null=True, help_text="The last date that still counts.")
    times = models.PositiveSmallIntegerField(null=True, help_text="How many dates in all, skipped ones included.")
    on_holiday = models.CharField(max_length=8, choices=NotWorking.choices, default=NotWorking.SAME)
    mode = models.CharField(max_length=6, choices=Mode.choices)
    state = models.CharField(max_length=6, choices=State.choices, default=State.ACTIVE)
    content_hash = models.CharField(max_length=64, help_text="Of what the customer confirmed; asked at each payment.")
    authorized_at = models.DateTimeField(help_text="When the customer last confirmed it.")
    next_nominal = models.DateField(null=True)
    next_due = models.DateField(null=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Dates in a row that could not be paid.")
    was_stopped = models.BooleanField(default=False, help_text="Paused by us, after too many failures.")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_standing_order"
        verbose_name = _("standing order")
        verbose_name_plural = _("standing orders")
        indexes = [
            models.Index(fields=["state", "next_due"], name="portal_standing_due"),
            models.Index(fields=["customer_id", "state"], name="portal_standing_customer"),
        ]

    def __str__(self) -> str:
        return f"standing order {self.public_id}"

    @property
    def rule(self) -> Rule:
        """Its dates. What was skipped is not in it: the next date has moved past it."""
        frequency, interval = STEPS[self.rhythm]
        times = 1 if self.rhythm == Rhythm.ONCE else self.times
        return Rule(frequency, self.begins, interval, self.until, times, on_holiday=OnHoliday(self.on_holiday))

    @property
    def pays(self) -> bool:
        return self.mode == self.Mode.PAY

    def digest(self) -> str:
        """SHA-256 over everything the customer confirmed."""
        content = {
            "id": str(self.public_id),
            "customer": [self.customer_id, self.fingerprint],
            "what": [self.kind, self.payload, self.payee_key, self.from_number, str(exact(self.amount))],
            "when": [self.rhythm, str(self.begins), str(self.until), self.times, self.on_holiday, self.mode],
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class StandingRun(models.Model):
    """What came of one date of an order, once for each: the order and the nominal date together are unique.

    WAITING could not be paid and is tried again from `again_from` on; PAID has an instruction, FAILED never will.
    """

    class State(models.TextChoices):
        PAID = "PAID", _("Paid")
        WAITING = "WAITING", _("Will be tried again")
        FAILED = "FAILED", _("Not paid")
        SKIPPED = "SKIPPED", _("Skipped")
        REMINDED = "REMINDED", _("Reminded")

    order = models.ForeignKey(StandingOrder, related_name="runs", on_delete=models.PROTECT)
    nominal = models.DateField()
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices)
    instruction_id = models.UUIDField(null=True, unique=True, help_text="Of the payment it made.")
    reason = models.CharField(max_length=12, blank=True, help_text="A key of transfers.standing.reasons.WORDS.")
    notice = models.JSONField(default=dict, help_text="What the bank said of a service switched off, by language.")
    again_from = models.DateTimeField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "portal_standing_run"
        verbose_name = _("date of a standing order")
        verbose_name_plural = _("dates of standing orders")
        constraints = [models.UniqueConstraint(fields=["order", "nominal"], name="portal_standing_run_once")]
        indexes = [models.Index(fields=["state", "again_from"], name="portal_standing_run_again")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.nominal} {self.state}"
