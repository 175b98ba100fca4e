"""The one table of our own beside the branch's: whose the branch tables are."""

from django.db import models


class DemoMarker(models.Model):
    """Present only where the demo bank itself made the branch tables. Without it DEMO refuses to start."""

    created_at = models.DateTimeField()
    made_by = models.CharField(max_length=40)

    class Meta:
        db_table = "portal_demo_marker"

    def __str__(self) -> str:
        return f"{self.made_by} {self.created_at:%Y-%m-%d}"
