"""Tables that staff may look at and never touch; every look at a customer's row leaves its trace.

Lists count nothing and skip nothing: a page is the next rows below a key, found by index.
"""

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path

from wekeza_portal.staff.views_of_customers import record_view

if TYPE_CHECKING:
    _ModelAdmin = ModelAdmin[Any]
else:
    _ModelAdmin = ModelAdmin

BEFORE = "before"


class KeysetList(ChangeList):
    """Newest first by primary key; `?before=<key>` shows what is older. No COUNT, no OFFSET."""

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        kept: dict[str, Any] = super().get_filters_params(params)
        kept.pop(BEFORE, None)
        return kept

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        rows = self.queryset
        before = request.GET.get(BEFORE, "")
        if before.isascii() and before.isdigit() and len(before) < 19:
            rows = rows.filter(pk__lt=int(before))
        page = list(rows[: self.list_per_page + 1])
        self.result_list = page[: self.list_per_page]
        self.result_count = len(self.result_list)
        self.full_result_count = None
        self.show_full_result_count = False
        self.can_show_all = self.multi_page = self.show_all = False
        self.paginator = self.model_admin.get_paginator(request, self.result_list, self.list_per_page)
        is_more = len(page) > self.list_per_page
        self.older = self.get_query_string({BEFORE: page[self.list_per_page - 1].pk}) if is_more else ""
        self.newest = self.get_query_string(remove=[BEFORE]) if before else ""


class ReadOnlyAdmin(_ModelAdmin):
    """Look, search, never change. Searching is exact: `text_search`, `number_search`, `uuid_search` name columns.

    `needs_search`: tables whose keys say nothing about age list only what was asked for.
    """

    actions = None
    list_per_page = 25
    show_full_result_count = False
    text_search: tuple[str, ...] = ()
    number_search: tuple[str, ...] = ()
    uuid_search: tuple[str, ...] = ()
    needs_search = False
    change_form_template = "staff/row.html"
    change_list_template = "staff/rows.html"

    def customer_id_of(self, row: Any) -> int | None:
        """users.user_id of the customer a row speaks of; None for rows that are nobody's."""
        return getattr(row, "customer_id", None)

    def customers_on(self, rows: list[Any]) -> set[int]:
        """Whose data a page of the list shows."""
        found = {self.customer_id_of(row) for row in rows}
        return {customer_id for customer_id in found if customer_id is not None}

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        info = self.opts.app_label, self.opts.model_name
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name="{}_{}_changelist".format(*info)),
            path("<path:object_id>/", wrap(self.change_view), name="{}_{}_change".format(*info)),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetList

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.text_search, *self.number_search, *self.uuid_search)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().replace("\0", "")[:100]
        if not term:
            return (queryset.none() if self.needs_search else queryset), False
        return queryset.filter(self.condition_for(term)), False

    def condition_for(self, term: str) -> Q:
        """What rows a search is about."""
        found = Q(pk__in=[])
        for name in self.text_search:
            found |= Q(**{name: term})
        if term.isascii() and term.isdigit() and len(term) < 10:
            for name in self.number_search:
                found |= Q(**{name: int(term)})
        try:
            as_uuid = uuid.UUID(term)
        except ValueError:
            return found
        for name in self.uuid_search:
            found |= Q(**{name: as_uuid})
        return found

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, {"title": self.opts.verbose_name_plural, **(extra_context or {})})
        context = getattr(response, "context_data", None) or {}
        if "cl" in context:
            for customer_id in sorted(self.customers_on(context["cl"].result_list)):
                record_view(request, customer_id, f"list:{self.opts.label_lower}")
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is not None and self.has_view_permission(request, row):
            customer_id = self.customer_id_of(row)
            if customer_id is not None:
                record_view(request, customer_id, f"{self.opts.label_lower}:{row.pk}")
        return super().change_view(request, object_id, form_url, extra_context)
