"""Ways back in: a password on its way, and what proves a customer who has lost one thing or the other."""

import uuid

from django.db import models

from accounts.models.identity import User


class ResetLink(models.Model):
    """A link to a new password, sent by e-mail: fifteen minutes, one use. Only the digest of its token is kept.

    `replaces` as in PendingPassword: a link is void once the password it was asked for is another one.
    """

    token_digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    replaces = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_reset_link"


class PendingPassword(models.Model):
    """The hash of a new password between the form and the code that puts it in force; gone once it is, or in a day.

    `replaces` is the digest of the password's hash it was asked for: whatever is set meanwhile voids it.
    """

    instruction_id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    replaces = models.CharField(max_length=64)
    encoded = models.CharField(max_length=255)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "portal_pending_password"


class ActivationCode(models.Model):
    """What a branch gives a customer who lost phone or codes, printed once: 24 hours, one use. Kept as a digest.

    It stands for two people of the staff who saw the ID, and for the number (`phone`) that the customer has now. Made
    when the second of them approves; the code itself only when it is printed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    phone = models.CharField(max_length=15, help_text="As +254..., of the customer from now on.")
    proposal_id = models.UUIDField(unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    digest = models.CharField(max_length=64, blank=True)
    printed_at = models.DateTimeField(null=True)
    printed_by = models.CharField(max_length=60, blank=True)
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_activation_code"
        default_permissions = ("view",)
        permissions = [
            ("propose_activation", "Can ask for an activation code or an unlocked sign-in, having seen the ID"),
            ("approve_activation", "Can approve an activation code or an unlocked sign-in, having seen the ID"),
        ]
