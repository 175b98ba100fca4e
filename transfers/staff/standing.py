"""Standing orders as the bank's staff see them: looked at, searched, never touched; each look leaves its trace."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import TabularInline
from django.db.models import QuerySet
from django.http import HttpRequest

from transfers.models import StandingOrder, StandingRun
from wekeza_portal.staff import roles
from wekeza_portal.staff.site import ReadOnlyAdmin, portal_admin

if TYPE_CHECKING:
    _TabularInline = TabularInline[StandingRun, StandingOrder]
else:
    _TabularInline = TabularInline


class RunsInline(_TabularInline):
    model = StandingRun
    fields = readonly_fields = ("nominal", "due_on", "state", "reason", "instruction_id", "again_from", "made_at")
    ordering = ("-nominal",)
    extra = 0
    can_delete = False
    max_num = 0


class StandingOrderAdmin(ReadOnlyAdmin):
    """By customer, by the order's id, by the paying account."""

    list_display = ("public_id", "customer_id", "receiver", "amount", "rhythm", "next_due", "mode", "state", "failures")
    fields = (
        "public_id", "customer_id", "kind", "receiver", "payee_key", "from_number", "amount", "rhythm", "begins",
        "until", "times", "on_holiday", "mode", "state", "next_nominal", "next_due", "failures", "was_stopped",
        "authorized_at", "created_at", "ended_at",
    )  # fmt: skip
    text_search = ("from_number",)
    number_search = ("customer_id",)
    uuid_search = ("public_id",)
    inlines = (RunsInline,)


class StandingRunAdmin(ReadOnlyAdmin):
    """What came of each date, newest first; by the payment it made."""

    list_display = ("made_at", "order", "nominal", "due_on", "state", "reason", "instruction_id")
    list_select_related = ("order",)
    fields = ("order", "nominal", "due_on", "state", "reason", "notice", "instruction_id", "again_from", "made_at")
    number_search = ("order__customer_id",)
    uuid_search = ("instruction_id", "order__public_id")

    def customer_id_of(self, row: Any) -> int | None:
        customer_id: int = row.order.customer_id
        return customer_id

    def get_queryset(self, request: HttpRequest) -> QuerySet[StandingRun]:
        rows: QuerySet[StandingRun] = super().get_queryset(request).select_related("order")
        return rows


def register() -> None:
    """Once, when the staff's pages are put together."""
    portal_admin.register(StandingOrder, StandingOrderAdmin)
    portal_admin.register(StandingRun, StandingRunAdmin)
    roles.grant_all("transfers.view_standingorder", "transfers.view_standingrun")
