"""Papers as staff see them: only what was handed in; whoever opens one leaves a trace, also for the customer."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from wekeza_portal.staff import roles
from wekeza_portal.staff.site import ReadOnlyAdmin, portal_admin
from wekeza_portal.staff.views_of_customers import record_view
from wekeza_portal.uploads import answers, services
from wekeza_portal.uploads.models import Upload

OPEN = "uploads.open_upload"


class UploadAdmin(ReadOnlyAdmin):
    """By customer, by the paper's id or by that of the request it belongs to, as the branch's queue names it."""

    list_display = ("received_at", "customer_id", "purpose", "about", "name", "kind", "looked_at")
    fields = (
        "name", "file", "customer_id", "purpose", "about", "kind", "size", "width", "height", "pages", "sha256",
        "received_at", "keep_until", "looked_at", "looked_by",
    )  # fmt: skip
    readonly_fields = ("file",)
    number_search = ("customer_id",)
    uuid_search = ("uuid", "about")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upload]:
        rows: QuerySet[Upload] = super().get_queryset(request).filter(state=Upload.State.HANDED_IN)
        return rows

    @staticmethod
    def file(row: Upload) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:upload", args=[row.uuid]), gettext("Save the file"))


@require_safe
def open_paper(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """One paper, to be saved; written down before the bytes are read."""
    upload = Upload.objects.filter(uuid=upload_id, state=Upload.State.HANDED_IN).first()
    if upload is None:
        raise Http404
    record_view(request, upload.customer_id, f"upload:{upload.uuid}")
    response = answers.attachment(upload)
    services.note_looked_at(upload, _code_of(request.user))
    return response


def _code_of(user: Any) -> str:
    return str(user.get_username())


portal_admin.register(Upload, UploadAdmin)
portal_admin.add_board("upload", "uploads/<uuid:upload_id>/", open_paper, gettext_lazy("Customer's paper"), OPEN)
roles.grant_all("uploads.view_upload")
for _role in (roles.SUPPORT, roles.RISK, roles.OPERATIONS):
    roles.grant(_role, OPEN)
