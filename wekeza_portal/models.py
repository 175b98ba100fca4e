"""Tables of the platform itself."""

from typing import Any

from django.db import models

from wekeza_portal import clock

SEED = "seed"
"""Who made the rows that a migration brings: they alone may begin in the past."""


class BackDatedRow(ValueError):
    """A dated row that would explain anew what was already charged: a mistake in our own code."""


class RateCounter(models.Model):
    """How often something was tried within one window of a policy: see wekeza_portal.ratelimit."""

    policy = models.CharField(max_length=40)
    key = models.CharField(max_length=64, help_text="Keyed digest of who or what is counted; never the value itself.")
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "portal_rate_counter"
        constraints = [models.UniqueConstraint(fields=["policy", "key"], name="portal_rate_counter_once")]
        indexes = [models.Index(fields=["window_start"], name="portal_rate_counter_age")]


class Errand(models.Model):
    """Something a request left for the worker: see wekeza_portal.errands. Gone once it is done."""

    kind = models.CharField(max_length=40)
    data = models.TextField(help_text="Encrypted JSON.")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "portal_errand"
        indexes = [models.Index(fields=["kind", "id"], name="portal_errand_next")]


class DatedRow(models.Model):
    """A figure the bank may change: in force from 00:00 EAT of `effective_from` until the next row supersedes it.

    Rows are added, never edited, once in force: what was posted keeps the id of the row it used.
    """

    effective_from = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=60, default=SEED)

    class Meta:
        abstract = True

    def save(self, *args: Any, force_insert: Any = False, update_fields: Any = None, **kwargs: Any) -> None:
        """Add a row that begins tomorrow or later. BackDatedRow for an earlier one and for any change of one in force.

        The last line behind the staff's pages: whatever else comes to write figures cannot change what today's and
        yesterday's payments were charged by. Seeds begin in the past, because before them there was nothing.
        """
        if self._state.adding:
            self._refuse_unless(self.created_by == SEED or self.effective_from > clock.today())
        else:
            self._refuse_unless(not self._is_in_force() and self.effective_from > clock.today())
        super().save(*args, force_insert=force_insert, update_fields=update_fields, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Take back a row that has not begun. BackDatedRow for one in force: postings name it."""
        self._refuse_unless(not self._is_in_force())
        return super().delete(*args, **kwargs)

    def _is_in_force(self) -> bool:
        """As the database has the row, whatever was set on this object since."""
        return type(self)._default_manager.filter(pk=self.pk, effective_from__lte=clock.today()).exists()

    def _refuse_unless(self, is_allowed: bool) -> None:
        if not is_allowed:
            raise BackDatedRow(f"{self} is in force or would begin in the past: add a row from tomorrow")
