"""What other companies told us, whether they answer, and the tokens they gave us."""

from django.db import models

from wekeza_portal import clock


class RailCallback(models.Model):
    """One message from outside, stored as it came before anybody read it; the same bytes again only count."""

    class State(models.TextChoices):
        NEW = "NEW"
        DONE = "DONE"
        IGNORED = "IGNORED"
        FAILED = "FAILED"

    rail = models.CharField(max_length=40, help_text="Name in registry.callback_handlers: 'sms', 'mpesa.result'.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body.")
    body = models.BinaryField()
    headers = models.JSONField(default=dict, help_text="Content type, user agent and signatures, if any.")
    ip = models.CharField(max_length=45, blank=True)
    received_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1, help_text="How often these very bytes came.")
    last_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    reason = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="Not worked on before this; pushed back after a failed attempt.")
    handled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_rail_callback"
        constraints = [models.UniqueConstraint(fields=["rail", "digest"], name="portal_rail_callback_once")]
        indexes = [
            models.Index(fields=["state", "due_at"], name="portal_rail_callback_due"),
            models.Index(fields=["received_at"], name="portal_rail_callback_age"),
        ]

    def __str__(self) -> str:
        return f"{self.rail} {self.received_at.astimezone(clock.NAIROBI):%d/%m/%Y %H:%M:%S}"


class RailCircuit(models.Model):
    """How often in a row a company gave no answer: see wekeza_portal.rails.circuit."""

    rail = models.CharField(max_length=40, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, help_text="Closed when empty; the last failed probe while open.")

    class Meta:
        db_table = "portal_rail_circuit"

    def __str__(self) -> str:
        return self.rail


class RailToken(models.Model):
    """A company's access token, shared by all processes because a new one ends the former."""

    rail = models.CharField(max_length=40, primary_key=True)
    token = models.TextField(blank=True, help_text="Encrypted.")
    refresh_at = models.DateTimeField(null=True, help_text="Ten minutes before it expires.")
    claimed_until = models.DateTimeField(null=True, help_text="Somebody is fetching a new one until then.")

    class Meta:
        db_table = "portal_rail_token"
