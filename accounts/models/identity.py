"""Who may sign in, with what, and where they are signed in."""

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device

from accounts.models.branch import BranchCustomer
from accounts.models.preferences import Currency, DateFormat, HistoryShown, TextSize, Theme


class Way(models.TextChoices):
    """A way to give the second factor. Codes by SMS and e-mail everybody has; the others a customer adds."""

    SMS = "SMS", _("A code by SMS")
    EMAIL = "EMAIL", _("A code by e-mail")
    APP = "APP", _("A code from your authenticator app")
    PASSKEY = "PASSKEY", _("A passkey")
    BACKUP = "BACKUP", _("A backup code")

    @property
    def is_sent(self) -> bool:
        """Whether the bank sends the code."""
        return self in (Way.SMS, Way.EMAIL)


class UserManager(BaseUserManager["User"]):
    """Users are made by enrolment (customers) or by an administrator (staff), never by registration."""


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing] # the manager is below
    """A portal login. Customers point at their branch row; staff are users without one.

    `fingerprint` is the digest of (user_id, national_id, created_at) when linked: branch scripts drop and reuse ids,
    and a mismatch locks the link. `branch_secret_digest` is the digest of the branch's password_hash we know: a
    different value there means "reset at the bank" and asks for enrolment again.
    """

    username = models.CharField(max_length=60, unique=True, help_text="customer:<user_id> or the staff code.")
    customer = models.OneToOneField(
        BranchCustomer, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="portal_user"
    )
    fingerprint = models.CharField(max_length=64, blank=True)
    branch_secret_digest = models.CharField(max_length=64, blank=True)
    known_phone = models.CharField(max_length=15, blank=True)
    known_phone_since = models.DateTimeField(null=True)
    phone_changed_at = models.DateTimeField(
        null=True, help_text="When we first saw another number than before; null while it is the first one."
    )
    known_email = models.CharField(max_length=254, blank=True, help_text="As last seen at the branch, case folded.")
    preferred_way = models.CharField(max_length=8, choices=Way.choices, default=Way.SMS)
    language = models.CharField(max_length=2, default="en")
    hide_amounts = models.BooleanField(default=False)
    date_format = models.CharField(max_length=7, choices=DateFormat.choices, default=DateFormat.DMY)
    theme = models.CharField(max_length=6, choices=Theme.choices, default=Theme.DEVICE)
    text_size = models.CharField(max_length=6, choices=TextSize.choices, default=TextSize.NORMAL)
    default_account = models.CharField(
        max_length=20, blank=True, help_text="The number of the account that stands first; counts while it is theirs."
    )
    display_currency = models.CharField(max_length=3, choices=Currency.choices, blank=True)
    history_years = models.PositiveSmallIntegerField(choices=HistoryShown.choices, default=HistoryShown.EVERYTHING)
    accepted_terms = models.PositiveSmallIntegerField(
        default=0, help_text="The latest version of the terms that was accepted; 0 for none."
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"

    class Meta:
        db_table = "portal_user"

    def __str__(self) -> str:
        return self.username


class CodeDevice(Device):  # type: ignore[misc] # a library without types
    """The second factor "a code sent to a known address". The codes themselves are OneTimeCode rows.

    A session hangs on this row whichever way the factor was given: without it, none stands.
    """

    sms_used_at = models.DateTimeField(null=True)
    email_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_code_device"
        constraints = [models.UniqueConstraint(fields=["user"], name="portal_code_device_once")]


class OneTimeCode(models.Model):
    """Six digits sent once: five minutes, five tries, one use, and only for what `binding` names."""

    class Purpose(models.TextChoices):
        SIGN_IN = "SIGN_IN"
        ENROL = "ENROL"
        STEP_UP = "STEP_UP"
        FREEZE = "FREEZE"
        CALLING = "CALLING"
        RESET = "RESET"
        CONTACT = "CONTACT"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    customer_id = models.BigIntegerField(db_index=True, help_text="users.user_id of the branch.")
    binding = models.CharField(max_length=110, help_text="The half-login, enrolment or instruction it belongs to.")
    code_hash = models.CharField(max_length=64)
    channel = models.CharField(max_length=8)
    sent_to = models.CharField(max_length=254, help_text="Masked.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_one_time_code"
        indexes = [models.Index(fields=["purpose", "binding"], name="portal_one_time_code_for")]


class SignedInSession(models.Model):
    """One signed-in browser, beside Django's session row: when it began, was last used, and whether it was ended."""

    session_key_digest = models.CharField(max_length=64, unique=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="signed_in_sessions")
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "portal_signed_in_session"
        indexes = [models.Index(fields=["user", "ended_at"], name="portal_session_open")]


class SignInAttempt(models.Model):
    """One try to sign in, good or bad, as the customer sees it in the sign-in history."""

    class Outcome(models.TextChoices):
        SIGNED_IN = "SIGNED_IN"
        WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - an outcome, not a password
        WRONG_CODE = "WRONG_CODE"
        BLOCKED = "BLOCKED"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_attempts")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)
    is_new_device = models.BooleanField(default=False)

    class Meta:
        db_table = "portal_sign_in_attempt"
        indexes = [models.Index(fields=["user", "at"], name="portal_sign_in_recent")]


class KnownDevice(models.Model):
    """A browser this user signed in from before, recognised by a random cookie; a new one raises an alert."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="known_devices")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    token_digest = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True, help_text="Where the internet saw it last.")
    user_agent = models.CharField(max_length=200, blank=True)
    trusted_until = models.DateTimeField(null=True, help_text="Until then no code is asked for at sign-in.")
    trusted_as = models.CharField(max_length=64, blank=True, help_text="Digest of the password and number it was with.")

    class Meta:
        db_table = "portal_known_device"
        constraints = [models.UniqueConstraint(fields=["user", "token_digest"], name="portal_known_device_once")]


class KeptForm(models.Model):
    """What a customer had typed when the session ran out, encrypted, given back after signing in again (24 h)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kept_forms")
    path = models.CharField(max_length=200)
    data = models.TextField(help_text="Encrypted JSON of the typed fields.")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "portal_kept_form"
        constraints = [models.UniqueConstraint(fields=["user", "path"], name="portal_kept_form_once")]
