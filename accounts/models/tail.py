"""How far the portal has read the branch's `transactions`."""

from django.db import models


class TailPosition(models.Model):
    """One row. Rows up to `floor_id` are settled for good; above it a TailSeen row tells which were counted."""

    name = models.CharField(max_length=20, primary_key=True)
    floor_id = models.BigIntegerField()
    started_at = models.DateTimeField()

    class Meta:
        db_table = "portal_tail_position"

    def __str__(self) -> str:
        return f"{self.name} from {self.floor_id}"


class TailSeen(models.Model):
    """The marker that makes a branch row count once. Written in the transaction of everything the row causes."""

    transaction_id = models.BigIntegerField(primary_key=True)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "portal_tail_seen"

    def __str__(self) -> str:
        return str(self.transaction_id)
