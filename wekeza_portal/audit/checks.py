"""What the portal warns of when the database would let posted or audited rows be changed."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register

from wekeza_portal.audit import tables


@register(Tags.database)
def nothing_posted_can_be_changed(
    app_configs: Any = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Triggers or missing privileges must keep rows of the journal and the trail as they were written."""
    open_to = tables.unguarded() if databases else []
    if not open_to:
        return []
    return [
        Warning(
            f"The database would allow: {', '.join(open_to)}.",
            hint="Run guardtables (DATABASE_OWNER_URL names a user who may), and see printgrants.",
            id="portal.W014",
        )
    ]
