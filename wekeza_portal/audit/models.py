"""The append-only trail: who did what to what, when, from where; and the chain that seals it."""

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


class AuditSeal(models.Model):
    """One event's place in the chain. Beside the event, so that the event's row is never touched again.

    Ids commit out of order, so the order of the chain is `number`, which has no gaps, and not the event's id.
    """

    number = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    digest = models.CharField(max_length=64, help_text="HMAC over number, the digest before and the whole event.")
    key_id = models.CharField(max_length=12, help_text="Which of FIELD_KEYS signed it.")

    class Meta:
        db_table = "portal_audit_seal"

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise TypeError("seals are never deleted")


class AuditHead(models.Model):
    """The one row that says where the chain ends. Sealers take turns by locking it."""

    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    key_id = models.CharField(max_length=12, blank=True)
    proof = models.CharField(max_length=64, blank=True, help_text="HMAC over number and digest.")
    settled_id = models.BigIntegerField(default=0, help_text="Events up to this id are looked at once a day only.")
    watched_id = models.BigIntegerField(default=0, help_text="Becomes settled_id when transactions of its time ended.")
    watched_at = models.DateTimeField(null=True)
    noted_on = models.DateField(null=True, help_text="The Nairobi date on which the head was last written out.")

    class Meta:
        db_table = "portal_audit_head"
