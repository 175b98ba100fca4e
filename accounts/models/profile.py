"""What the portal itself knows of a customer, beside the branch's row."""

import uuid

from django.db import models


class ContactChange(models.Model):
    """A new e-mail address or phone number: asked for with a code to the old one, in force once the new one proves it.

    Begun by an instruction of the same id. `undo_digest` is the digest of the secret in the link sent to the old
    address; it works once, until `undo_until`.
    """

    class Detail(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone_number"

    class State(models.TextChoices):
        WAITING = "WAITING"
        IN_FORCE = "IN_FORCE"
        UNDONE = "UNDONE"
        GIVEN_UP = "GIVEN_UP"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer_id = models.BigIntegerField(help_text="users.user_id of the branch.")
    detail = models.CharField(max_length=12, choices=Detail.choices, help_text="The column of `users`.")
    old = models.CharField(max_length=100, blank=True, help_text="As the branch had it.")
    new = models.CharField(max_length=100)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    prove_until = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True)
    undo_digest = models.CharField(max_length=64, blank=True)
    undo_until = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_contact_change"
        indexes = [
            models.Index(fields=["customer_id", "detail", "state"], name="portal_contact_change_of"),
            models.Index(fields=["undo_digest"], name="portal_contact_change_undo"),
        ]

    def __str__(self) -> str:
        return f"contact change {self.id}"
