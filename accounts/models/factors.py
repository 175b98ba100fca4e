"""Second factors that a customer adds: an authenticator app, backup codes, passkeys. No secret is stored readable."""

from django.db import models

from accounts.models.identity import User


class AuthenticatorApp(models.Model):
    """A customer's authenticator app. It counts once a code of it was given (`is_proven`), within ten minutes.

    `last_step` is the newest time step whose code was used. django-otp's own device keeps the key readable and takes
    one code several times in parallel.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="authenticator_app")
    instruction_id = models.UUIDField(unique=True, help_text="The act, confirmed by another factor, that added it.")
    encrypted_key = models.TextField(help_text="wekeza_portal.crypto over the hex of 20 random bytes.")
    last_step = models.BigIntegerField(default=-1)
    is_proven = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_authenticator_app"
        default_permissions = ()


class BackupCode(models.Model):
    """One of ten codes to be kept on paper, each for one use. Only a keyed digest of it is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="backup_codes")
    instruction_id = models.UUIDField(help_text="The act, confirmed by another factor, that made the ten.")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_backup_code"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="portal_backup_code_once")]
