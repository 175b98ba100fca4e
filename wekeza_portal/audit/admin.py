"""The trail as staff see it."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff import kept, roles
from wekeza_portal.staff.models import KeptCheck
from wekeza_portal.staff.site import ReadOnlyAdmin, portal_admin

LATE = timedelta(minutes=10)
"""A worker that has not looked for so long does not run."""


class AuditEventAdmin(ReadOnlyAdmin):
    """Newest first: by customer, subject or what happened."""

    list_display = ("at", "verb", "actor_kind", "actor_id", "customer_id", "subject")
    fields = ("at", "verb", "actor_kind", "actor_id", "customer_id", "subject", "data", "request_id", "ip")
    text_search = ("subject", "verb")
    number_search = ("customer_id",)

    def customer_id_of(self, row: AuditEvent) -> int | None:
        """Looking at a look is not looked at again, or the list would grow by being read."""
        return None if row.verb == "staff.viewed" else row.customer_id


def chain_lines() -> list[tuple[Any, Any, bool]]:
    """Whether the chain is whole, as the worker and `verifyaudit` last found it, or the first number that is not."""
    row = kept.latest(kept.AUDIT_CHAIN)
    if row is None:
        return [(_("Not checked yet"), _("The worker checks it within a minute."), True)]
    proof = kept.latest(kept.AUDIT_PROOF)
    return [
        _line(_("Audit chain"), row, is_late=clock.now() - row.ran_at > LATE),
        *([_line(_("Last run of verifyaudit"), proof)] if proof else []),
    ]


def _line(title: str, row: KeptCheck, *, is_late: bool = False) -> tuple[Any, Any, bool]:
    values = {"number": row.reached, "at": f"{row.ran_at.astimezone(clock.NAIROBI):%d/%m/%Y %H:%M}", "fault": row.words}
    if row.faults:
        return title, _("broken after #%(number)s: %(fault)s (checked %(at)s)") % values, True
    return title, _("intact to #%(number)s (checked %(at)s)") % values, is_late


portal_admin.add_panel(4, gettext_lazy("Audit trail"), "staff.view_health", chain_lines)
portal_admin.register(AuditEvent, AuditEventAdmin)
roles.grant(roles.AUDIT, "audit.view_auditevent")
roles.grant(roles.RISK, "audit.view_auditevent")
