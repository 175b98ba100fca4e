"""The staff's board of services: what waits, what is late, and the button that says it was handed over."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.servicing import saying, staff
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import roles
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.views_of_customers import record_view

SEE, FINISH = "accounts.view_services", "accounts.finish_service"


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first; what ended lately below, with what was decided and why."""
    waiting, ended = staff.waiting(), staff.ended()
    for customer_id in sorted({row.customer_id for row in (*(line.request for line in waiting), *ended)}):
        record_view(request, customer_id, "list:services")
    context = {
        "waiting": waiting,
        "ended": [(row, saying.describe(row)) for row in ended],
        "may_finish": request.user.has_perm(FINISH),
    }
    return portal_admin.page(request, "staff/services.html", _("Services asked for"), **context)


@require_POST
def finish(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """It was handed over or signed."""
    try:
        staff.finish(request_id, by=request.user.get_username(), actor=actor_from(request))
    except PortalError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Written down. The customer is told."))
    return redirect("admin:services")


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    portal_admin.add_board("services", "services/", services, gettext_lazy("Services asked for"), SEE)
    path = "services/<uuid:request_id>/given/"
    portal_admin.add_board("service_given", path, finish, gettext_lazy("Handed over"), FINISH)
    roles.grant_all(SEE)
    for role in (roles.SUPPORT, roles.OPERATIONS):
        roles.grant(role, FINISH)
