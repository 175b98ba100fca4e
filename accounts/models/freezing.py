"""A customer's stop on everything that leaves them: when, by whom, and how it ended."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Freeze(models.Model):
    """One stop. While it lasts `open_for` holds the customer's id, so that there is one at a time.

    What the staff stopped, or stopped as well, only two of the staff lift: `by_staff` then names who.
    """

    class By(models.TextChoices):
        INSIDE = "INSIDE", _("The customer, signed in")
        OUTSIDE = "OUTSIDE", _("The customer, from the public page")
        STAFF = "STAFF", _("The bank's staff")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer_id = models.BigIntegerField(db_index=True, help_text="users.user_id of the branch.")
    open_for = models.BigIntegerField(null=True, unique=True, help_text="The customer while it lasts; NULL after it.")
    since = models.DateTimeField()
    begun_by = models.CharField(max_length=8, choices=By.choices)
    by_staff = models.CharField(max_length=60, blank=True, help_text="Staff code: then only two of the staff lift it.")
    reason = models.CharField(max_length=300, blank=True, help_text="The staff's own words; no customer reads them.")
    lift_asked_at = models.DateTimeField(null=True)
    lift_at = models.DateTimeField(null=True, help_text="When it ends by itself, if the customer does not call it off.")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=8, choices=By.choices, blank=True)

    class Meta:
        db_table = "portal_freeze"
        default_permissions = ("view",)
        permissions = [
            ("freeze_customer", "Can stop a customer's payments and sessions"),
            ("propose_unfreeze", "Can propose to let a customer's payments leave again"),
            ("approve_unfreeze", "Can approve letting a customer's payments leave again"),
        ]
        indexes = [models.Index(fields=["lift_at"], name="portal_freeze_to_lift")]

    def __str__(self) -> str:
        return f"{self.customer_id} since {self.since}"

    @property
    def is_the_banks(self) -> bool:
        """Whether the staff stopped it too, so that the customer alone can't lift it."""
        return bool(self.by_staff)
