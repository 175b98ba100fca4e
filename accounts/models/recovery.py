"""Ways back in: a password on its way, and what proves a customer who has lost one thing or the other."""

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
