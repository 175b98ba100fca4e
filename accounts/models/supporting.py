"""Looks at a customer's own pages that the bank's staff ask for, the customer agrees to, and anybody can end."""

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.calling import BankCall


class SupportView(models.Model):
    """One look: asked for by one member of staff, open once the customer agreed with a code, until it is ended.

    Runs from `approved_at` to `ends_at`, whoever writes `ended_at` before that.
    """

    class EndedBy(models.TextChoices):
        REFUSED = "REFUSED", _("The customer refused")
        UNANSWERED = "UNANSWERED", _("Nobody answered in time")
        CUSTOMER = "CUSTOMER", _("The customer ended it")
        STAFF = "STAFF", _("The bank ended it")
        SIGNED_OUT = "SIGNED_OUT", _("All browsers were signed out")
        TIME = "TIME", _("The time was over")
        LEFT = "LEFT", _("The member of staff left this post")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer_id = models.BigIntegerField(help_text="users.user_id of the branch.")
    open_for = models.BigIntegerField(null=True, unique=True, help_text="The customer until it is ended; NULL after.")
    reference = models.CharField(max_length=8, help_text="Two groups of three digits, to compare on the phone.")
    staff_id = models.BigIntegerField(help_text="portal_user of who asks.")
    staff_code = models.CharField(max_length=60)
    helper = models.CharField(max_length=100, help_text="Their name as the branch's staff table has it.")
    department = models.CharField(max_length=10, choices=BankCall.Department.choices)
    why = models.CharField(max_length=200, help_text="The customer reads it.")
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField(help_text="Until when the customer can agree.")
    approved_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True, help_text="When it ends by itself; NULL while it was not agreed to.")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=10, choices=EndedBy.choices, blank=True)

    class Meta:
        db_table = "portal_support_view"
        default_permissions = ("view",)
        permissions = [("open_supportview", "Can ask a customer for a look at their pages")]
        indexes = [models.Index(fields=["customer_id", "asked_at"], name="portal_support_view_recent")]

    def __str__(self) -> str:
        return f"{self.reference} {self.staff_code}"

    def waits(self, now: datetime) -> bool:
        """Whether the customer can still agree."""
        return self.ended_at is None and self.approved_at is None and now < self.answer_by

    def runs(self, now: datetime) -> bool:
        """Whether pages may be looked at."""
        return self.ended_at is None and self.ends_at is not None and now < self.ends_at


class SupportLook(models.Model):
    """One page that was looked at. Rows are only added."""

    view = models.ForeignKey(SupportView, related_name="looks", on_delete=models.PROTECT)
    at = models.DateTimeField()
    page = models.CharField(max_length=40, help_text="A name in wekeza_portal.registry.support_pages.")
    address = models.CharField(max_length=200)

    class Meta:
        db_table = "portal_support_look"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.page} {self.at}"
