"""Callbacks as staff see them: what came, from where, how often, and what became of it."""

from django.utils.translation import gettext_lazy as _

from wekeza_portal.rails.models import RailCallback, RailCircuit
from wekeza_portal.staff import roles
from wekeza_portal.staff.site import ReadOnlyAdmin, portal_admin


class RailCallbackAdmin(ReadOnlyAdmin):
    """By rail, state or digest. The body is shown as it came; it is never run, and never changed."""

    list_display = ("received_at", "rail", "state", "reason", "times", "ip")
    fields = (
        "company",
        "state",
        "reason",
        "received_at",
        "last_at",
        "times",
        "ip",
        "headers",
        "text",
        "attempts",
        "due_at",
        "handled_at",
        "digest",
    )
    readonly_fields = ("company", "text")
    text_search = ("rail", "state", "digest")

    @staticmethod
    def company(row: RailCallback) -> str:
        return row.rail

    @staticmethod
    def text(row: RailCallback) -> str:
        return bytes(row.body).decode("utf-8", "replace")


class RailCircuitAdmin(ReadOnlyAdmin):
    """Which companies answer; a date means that nothing is sent to this one before it answers a probe."""

    list_display = ("rail", "failures", "opened_at")


RailCallbackAdmin.company.short_description = _("Company")  # type: ignore[attr-defined] # Django's way to name a column
RailCallbackAdmin.text.short_description = _("As it came")  # type: ignore[attr-defined] # Django's way to name a column
portal_admin.register(RailCallback, RailCallbackAdmin)
portal_admin.register(RailCircuit, RailCircuitAdmin)
roles.grant_all("rails.view_railcallback", "rails.view_railcircuit")
