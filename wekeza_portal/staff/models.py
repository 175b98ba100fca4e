"""The staff's second factor and post, what one person proposed and another decided, and the switches."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device


class StaffTotp(Device):  # type: ignore[misc] # a library without types
    """An authenticator app. The key is stored encrypted; `last_step` is the newest step whose code was used.

    django-otp's own device keeps the key in clear and accepts one code several times in parallel.
    """

    encrypted_key = models.TextField(help_text="wekeza_portal.crypto over the hex of 20 random bytes.")
    last_step = models.BigIntegerField(default=-1)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "portal_staff_totp"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user"], name="portal_staff_totp_once")]


class StaffPost(models.Model):
    """The row of the branch's staff table that a login was made for: whose, at which branch, in which role.

    Once the branch has another person, branch or role under the code, the login opens nothing until it is set up anew.
    A login without a row opens nothing either.
    """

    user_id = models.BigIntegerField(primary_key=True, help_text="portal_user.")
    member_id = models.BigIntegerField(help_text="staff.staff_id of the branch.")
    branch_id = models.BigIntegerField(null=True, help_text="branches.branch_id of the branch.")
    role = models.CharField(max_length=20, help_text="As the branch has it: TELLER, SUPERVISOR, ...")
    person = models.CharField(
        max_length=64, db_default="", help_text="Keyed digest of name and e-mail; empty fits nobody."
    )
    since = models.DateTimeField()

    class Meta:
        db_table = "portal_staff_post"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id} {self.member_id}"


class Proposal(models.Model):
    """A change that one member of staff proposes and another one approves; both are kept.

    Holds plain ids and codes of people, no foreign keys, so that it survives them.
    """

    class State(models.TextChoices):
        PENDING = "PENDING", _("Waiting for a second person")
        APPROVED = "APPROVED", _("Approved and done")
        REFUSED = "REFUSED", _("Refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40, help_text="A name in wekeza_portal.staff.proposals.kinds.")
    payload = models.JSONField(help_text="What is to change; amounts as strings.")
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    made_by = models.BigIntegerField(help_text="portal_user of the maker.")
    made_by_code = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True, help_text="portal_user of the checker.")
    decided_by_code = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_proposal"
        default_permissions = ("view",)
        permissions = [
            ("propose_figure", "Can propose a fee, limit or other dated figure"),
            ("approve_figure", "Can approve a fee, limit or other dated figure"),
            ("propose_switch", "Can propose to switch a service on or off"),
            ("approve_switch", "Can approve switching a service on or off"),
            ("view_roles", "Can see who may do what"),
            ("view_figures", "Can see fees, limits and other dated figures"),
            ("view_health", "Can see the state of the portal"),
        ]
        indexes = [models.Index(fields=["state", "made_at"], name="portal_proposal_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class PortalSwitch(models.Model):
    """Whether one service is on. No row means on. Changed by proposal and approval only."""

    code = models.CharField(max_length=30, unique=True)
    is_on = models.BooleanField(default=True)
    notice_en = models.CharField(max_length=300, blank=True, help_text="What customers read while it is off.")
    notice_sw = models.CharField(max_length=300, blank=True)
    since = models.DateField(help_text="The date of the notice, in Nairobi.")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "portal_switch"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.code


class KeptCheck(models.Model):
    """What one of the bank's own examinations last found: the audit chain, the ledger. One row per examination."""

    name = models.CharField(max_length=30, primary_key=True)
    ran_at = models.DateTimeField()
    faults = models.PositiveIntegerField(default=0)
    reached = models.BigIntegerField(default=0, help_text="How far it is proved, or how many rows were looked at.")
    words = models.CharField(max_length=300, blank=True, help_text="The first thing found wrong.")
    state = models.JSONField(default=dict, help_text="Where the examination goes on.")

    class Meta:
        db_table = "portal_kept_check"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
