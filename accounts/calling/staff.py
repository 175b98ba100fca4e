"""The staff's page of calls: open one before dialling, end it after hanging up, see those of before."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.calling import selectors, services
from accounts.calling.forms import OpenCallForm
from accounts.freezing.staff import find_customer
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import roles
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.views_of_customers import record_view

SEE, OPEN = "accounts.view_bankcall", "accounts.open_bankcall"


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """The latest calls, one's own that still run on top, and the form to open one."""
    return _page(request, OpenCallForm(initial={"customer": request.GET.get("customer", "")[:20]}, user=request.user))


def _page(request: HttpRequest, form: OpenCallForm) -> HttpResponse:
    rows, now = selectors.latest(), clock.now()
    for customer_id in sorted({row.customer_id for row in rows}):
        record_view(request, customer_id, "list:calls")
    running = [row for row in rows if row.ended_at is None and row.expires_at > now]
    context: dict[str, Any] = {
        "form": form,
        "mine": [row for row in running if row.staff_id == request.user.pk],
        "running": {row.pk for row in running},
        "rows": rows,
        "may_open": request.user.has_perm(OPEN),
    }
    return portal_admin.page(request, "staff/calls.html", _("Calls to customers"), **context)


@require_POST
def open_call(request: HttpRequest) -> HttpResponse:
    """Before dialling: from now on the customer's page names the caller."""
    form = OpenCallForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, form)
    customer = find_customer(form.cleaned_data["customer"])
    if customer is None:
        form.add_error("customer", _("There is no personal customer with this number."))
        return _page(request, form)
    record_view(request, customer.user_id, "call")
    try:
        call = services.open_call(
            customer,
            staff_id=request.user.pk or 0,
            staff_code=request.user.get_username(),
            department=form.cleaned_data["department"],
            about=form.cleaned_data["about"],
            actor=actor_from(request),
        )
    except PortalError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form)
    words = _("Open. Dial now, and read out the reference: %(reference)s.")
    messages.success(request, words % {"reference": call.reference})
    return redirect("admin:calls")


@require_POST
def end_call(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    """After hanging up."""
    try:
        services.end_call(call_id, staff_id=request.user.pk or 0, actor=actor_from(request))
    except PortalError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Ended. The customer's page says again that nobody is calling."))
    return redirect("admin:calls")


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    add = portal_admin.add_board
    add("calls", "calls/", calls, gettext_lazy("Calls to customers"), SEE)
    add("call_open", "calls/open/", open_call, gettext_lazy("Open a call"), OPEN, is_linked=False)
    add("call_end", "calls/<uuid:call_id>/end/", end_call, gettext_lazy("End the call"), OPEN)
    for role in (roles.SUPPORT, roles.RISK, roles.OPERATIONS):
        roles.grant(role, SEE, OPEN)
    roles.grant(roles.AUDIT, SEE)
