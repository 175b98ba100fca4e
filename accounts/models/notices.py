"""Which messages a customer wants outside the portal. No row: the bank's defaults, see accounts/notices/rules.py."""

from django.db import models

from accounts.models.branch import MONEY, BranchCustomer
from wekeza_portal.notifications.events import CHOSEN


class MessageHabits(models.Model):
    """When a customer wants no messages, and from which balance on they want to hear of it.

    `fingerprint` is whose choice it was: the branch's scripts reuse ids, and nobody inherits a silence.
    """

    customer = models.OneToOneField(BranchCustomer, related_name="+", on_delete=models.PROTECT, db_constraint=False)
    fingerprint = models.CharField(max_length=64)
    quiet_from = models.TimeField(null=True, help_text="Nairobi; both or neither.")
    quiet_to = models.TimeField(null=True)
    low_balance = models.DecimalField(**MONEY, null=True, help_text="KES; NULL: does not want to hear of it.")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "portal_message_habits"

    def __str__(self) -> str:
        return f"messages of customer {self.customer_id}"


class MessageChoice(models.Model):
    """What a customer wants of one event by SMS and by e-mail, and from which amount on. All of them or none exist."""

    habits = models.ForeignKey(MessageHabits, related_name="choices", on_delete=models.CASCADE)
    event = models.CharField(max_length=12, choices=[(event.value, event.label) for event in CHOSEN])
    sms = models.BooleanField()
    email = models.BooleanField()
    at_least = models.DecimalField(**MONEY, null=True, help_text="KES; NULL: of every amount.")

    class Meta:
        db_table = "portal_message_choice"
        constraints = [models.UniqueConstraint(fields=["habits", "event"], name="portal_message_choice_once")]

    def __str__(self) -> str:
        return f"{self.event}: {self.sms} {self.email}"


class LowBalanceTold(models.Model):
    """An account whose owner knows that it is below their figure; gone once it is not any more."""

    account_id = models.BigIntegerField(primary_key=True)
    customer_id = models.BigIntegerField(db_index=True)
    told_at = models.DateTimeField()

    class Meta:
        db_table = "portal_low_balance_told"

    def __str__(self) -> str:
        return f"account {self.account_id}"
