"""Tables of the platform itself."""

from django.db import models


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
    created_by = models.CharField(max_length=60, default="seed")

    class Meta:
        abstract = True
