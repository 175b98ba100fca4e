"""The trail as staff see it."""

from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.staff import roles
from wekeza_portal.staff.site import ReadOnlyAdmin, portal_admin


class AuditEventAdmin(ReadOnlyAdmin):
    """Newest first: by customer, subject or what happened."""

    list_display = ("at", "verb", "actor_kind", "actor_id", "customer_id", "subject")
    fields = ("at", "verb", "actor_kind", "actor_id", "customer_id", "subject", "data", "request_id", "ip")
    text_search = ("subject", "verb")
    number_search = ("customer_id",)

    def customer_id_of(self, row: AuditEvent) -> int | None:
        """Looking at a look is not looked at again, or the list would grow by being read."""
        return None if row.verb == "staff.viewed" else row.customer_id


portal_admin.register(AuditEvent, AuditEventAdmin)
roles.grant(roles.AUDIT, "audit.view_auditevent")
roles.grant(roles.RISK, "audit.view_auditevent")
