"""The staff's side of a look: asking, the customer's pages while it runs, ending it, what was looked at."""

import logging
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.freezing.staff import find_customer
from accounts.models import BranchCustomer
from accounts.supporting import rendering, selectors, services
from accounts.supporting.forms import AskForm
from accounts.supporting.pages import page_at, words_of
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import roles
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.views_of_customers import record_view

logger = logging.getLogger(__name__)
SEE, OPEN = "accounts.view_supportview", "accounts.open_supportview"


@require_safe
def all_views(request: HttpRequest) -> HttpResponse:
    """The latest looks, and the form to ask for one (?customer=)."""
    return _page(request, AskForm(initial={"customer": request.GET.get("customer", "")[:20]}, user=request.user))


def _page(request: HttpRequest, form: AskForm) -> HttpResponse:
    rows, now = selectors.latest(), clock.now()
    for customer_id in sorted({row.customer_id for row in rows}):
        record_view(request, customer_id, "list:support-views")
    context: dict[str, Any] = {
        "form": form,
        "rows": [(row, row.waits(now), row.runs(now)) for row in rows],
        "may_open": request.user.has_perm(OPEN),
    }
    return portal_admin.page(request, "staff/support_views.html", _("Looks at customers' pages"), **context)


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask the customer. Nothing is shown before they agree."""
    form = AskForm(request.POST, user=request.user)
    customer = find_customer(form.cleaned_data["customer"]) if form.is_valid() else None
    if form.is_valid() and customer is None:
        form.add_error("customer", _("There is no personal customer with this number."))
    if customer is None:
        return _page(request, form)
    record_view(request, customer.user_id, "support-view")
    try:
        view = services.ask(
            customer,
            staff_id=request.user.pk or 0,
            staff_code=request.user.get_username(),
            department=form.cleaned_data["department"],
            why=form.cleaned_data["why"],
            actor=actor_from(request),
        )
    except PortalError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _page(request, form)
    messages.success(request, _("Asked. The customer sees it on every page and by SMS."))
    return redirect("admin:support_view", view.pk)


@require_safe
def one_view(request: HttpRequest, view_id: uuid.UUID) -> HttpResponse:
    """One look: whether the customer has agreed, the way in while it runs, what was looked at."""
    view, now = selectors.of_staff(view_id), clock.now()
    record_view(request, view.customer_id, f"support-view:{view.reference}")
    is_mine = view.staff_id == request.user.pk
    context: dict[str, Any] = {
        "view": view,
        "customer": BranchCustomer.objects.filter(user_id=view.customer_id).first(),
        "waits": view.waits(now),
        "runs": view.runs(now),
        "may_look": is_mine and view.runs(now),
        "may_end": request.user.has_perm(OPEN) and view.ended_at is None,
        "looks": [(look, words_of(look)) for look in selectors.looks_of(view)],
    }
    return portal_admin.page(request, "staff/support_view.html", _("Look at a customer's pages"), **context)


@require_safe
def page(request: HttpRequest, view_id: uuid.UUID, address: str = "") -> HttpResponse:
    """One of the customer's pages, read only, as long as the look runs; each is written down, for the customer too.

    Drawn first and noted then: under the lock of the look, so that nothing is shown that was ended meanwhile.
    """
    view = selectors.of_staff(view_id)
    user = services.customer_of(view, request.user.pk or 0)
    if user is None:
        return redirect("admin:support_view", view_id)
    path = f"/{address}"
    match = page_at(path)
    if match is None or match.url_name is None:
        raise Http404
    try:
        drawn = rendering.draw(request, view, user, path, match)
    except rendering.WroteWhileLooking as refused:
        logger.error("a page that staff looked at would have written: %s %s", match.url_name, refused)
        raise Http404 from None
    if drawn.status_code == 200:
        record_view(request, view.customer_id, f"support-view:{view.reference} {path}")
        if not services.note(view.id, match.url_name, path):
            return redirect("admin:support_view", view_id)
    return drawn


@require_POST
def end(request: HttpRequest, view_id: uuid.UUID) -> HttpResponse:
    """Seen enough."""
    services.end_by_staff(view_id, actor_from(request))
    messages.success(request, _("Ended. The customer can read which pages were looked at."))
    return redirect("admin:support_view", view_id)


def link_for(customer: BranchCustomer) -> str:
    """For the customer's page in admin: ask for a look."""
    address = f"{reverse('admin:support_views')}?customer={customer.user_id}"
    return format_html('<a href="{}">{}</a>', address, _("Ask the customer for a look at their pages"))


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    add, title = portal_admin.add_board, gettext_lazy("Look at a customer's pages")
    add("support_views", "support-views/", all_views, gettext_lazy("Looks at customers' pages"), SEE)
    add("support_ask", "support-views/ask/", ask, title, OPEN, is_linked=False)
    add("support_view", "support-views/<uuid:view_id>/", one_view, title, SEE)
    add("support_end", "support-views/<uuid:view_id>/end/", end, title, OPEN)
    add("support_home", "support-views/<uuid:view_id>/at/", page, title, OPEN)
    add("support_page", "support-views/<uuid:view_id>/at/<path:address>", page, title, OPEN)
    roles.grant_all(SEE)
    roles.grant(roles.SUPPORT, OPEN)
