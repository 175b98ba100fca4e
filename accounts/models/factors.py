"""Second factors that a customer adds: an authenticator app, backup codes, passkeys. No secret is stored readable."""

import uuid

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


class Passkey(models.Model):
    """A passkey (WebAuthn): the public half of a key that a phone, a computer or a security key keeps to itself."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    instruction_id = models.UUIDField(unique=True, help_text="The act, confirmed by another factor, that added it.")
    name = models.CharField(max_length=40, help_text="What the customer calls it.")
    credential_id = models.TextField(help_text="base64url, as the browser gives it.")
    credential_digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of it, to be found by.")
    public_key = models.TextField(help_text="COSE, base64url.")
    sign_count = models.BigIntegerField(default=0)
    is_synced = models.BooleanField(default=False, help_text="Kept by the maker of the device for all of one's own.")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_passkey"
        default_permissions = ()

    def __str__(self) -> str:
        return f"passkey {self.public_id}"


class PasskeyChallenge(models.Model):
    """What a passkey has to sign: for one half-login, one instruction with its content or one new passkey; once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkey_challenges")
    binding = models.CharField(max_length=110)
    challenge = models.CharField(max_length=90, help_text="64 random bytes, base64url.")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_passkey_challenge"
        default_permissions = ()
        indexes = [models.Index(fields=["user", "binding"], name="portal_passkey_challenge_for")]
