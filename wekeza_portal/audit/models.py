"""The append-only trail: who did what to what, when, from where."""

from django.db import models


class AuditEvent(models.Model):
    """One event. Written in the transaction of what it records; never changed or deleted.

    Holds plain ids, no foreign keys, so that it survives whatever it speaks of.
    """

    at = models.DateTimeField(db_index=True)
    verb = models.CharField(max_length=60, help_text="Dotted and stable, such as payment.posted.")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=40)
    customer_id = models.BigIntegerField(null=True, db_index=True, help_text="users.user_id of the customer concerned.")
    subject = models.CharField(
        max_length=80, blank=True, help_text="Type and id of the thing, such as instruction:<uuid>."
    )
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=36, blank=True)
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        db_table = "portal_audit_event"
        indexes = [models.Index(fields=["subject"], name="portal_audit_subject")]

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise TypeError("audit events are never deleted")
