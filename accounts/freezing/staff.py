"""The staff's pages of stops: who is stopped, one customer's, stopping one at once, lifting one by two people."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.freezing import lifting, stopping
from accounts.freezing.errors import NotFrozen, moment
from accounts.freezing.forms import StaffReasonForm
from accounts.freezing.state import freeze_of
from accounts.models import Account, BranchCustomer, Freeze
from wekeza_portal.actors import Actor
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals, roles
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.views_of_customers import record_view

SEE, FREEZE = "accounts.view_freeze", "accounts.freeze_customer"
PROPOSE, APPROVE = "accounts.propose_unfreeze", "accounts.approve_unfreeze"
LIFT = "unfreeze"
MOST_SHOWN = 100


@require_safe
def all_freezes(request: HttpRequest) -> HttpResponse:
    """Who has stopped everything, or was stopped, newest first; what ended lately below."""
    rows = list(Freeze.objects.filter(open_for__isnull=False).order_by("-since")[:MOST_SHOWN])
    ended = list(Freeze.objects.filter(open_for__isnull=True).order_by("-ended_at")[:MOST_SHOWN])
    for customer_id in sorted({row.customer_id for row in (*rows, *ended)}):
        record_view(request, customer_id, "list:freezes")
    typed = request.GET.get("q", "")[:20]
    found = find_customer(typed) if typed else None
    if found is not None:
        return redirect("admin:freeze", found.user_id)
    context = {"rows": rows, "ended": ended, "typed": typed}
    return portal_admin.page(request, "staff/freezes.html", _("Stopped customers"), **context)


@require_safe
def one_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Whether this customer is stopped, and every stop of before."""
    customer = _customer(customer_id)
    record_view(request, customer_id, f"freeze:{customer_id}")
    context: dict[str, Any] = {
        "customer": customer,
        "freeze": freeze_of(customer_id),
        "rows": list(Freeze.objects.filter(customer_id=customer_id).order_by("-since")[:MOST_SHOWN]),
        "form": StaffReasonForm(),
        "may_freeze": request.user.has_perm(FREEZE),
        "may_propose": request.user.has_perm(PROPOSE),
    }
    return portal_admin.page(request, "staff/freeze.html", _("Stop a customer's payments"), **context)


@require_POST
def freeze_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """At once: tightening waits for nobody."""
    _customer(customer_id)
    form = StaffReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write down why."))
        return redirect("admin:freeze", customer_id)
    stopping.stop(
        customer_id,
        by=Freeze.By.STAFF,
        actor=actor_from(request),
        staff_code=request.user.get_username(),
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, _("Stopped. The customer is being told. Only two of the staff can lift it."))
    return redirect("admin:freeze", customer_id)


@require_POST
def propose_unfreeze(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The first of two people."""
    freeze, form = freeze_of(customer_id), StaffReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write down why."))
        return redirect("admin:freeze", customer_id)
    try:
        if freeze is None:
            raise NotFrozen()
        payload = {"freeze": str(freeze.id), "customer": customer_id}
        reason = form.cleaned_data["reason"]
        made = proposals.propose(LIFT, payload, reason=reason, user=request.user, actor=actor_from(request))
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:freeze", customer_id)
    return redirect("admin:proposal", made.pk)


def find_customer(typed: str) -> BranchCustomer | None:
    """A personal customer by user_id or account number."""
    people = BranchCustomer.objects.filter(business_id__isnull=True)
    text = typed.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return people.filter(user_id=int(text)).first()
    account = Account.objects.filter(account_number=text.upper(), business__isnull=True).first()
    if account is None or account.customer_id is None:
        return None
    return people.filter(user_id=account.customer_id).first()


def link_for(customer: BranchCustomer) -> str:
    """For the customer's page in admin: since when it is stopped, with the way to the page about it."""
    freeze = freeze_of(customer.user_id)
    words = _("Stopped since %(since)s") % {"since": moment(freeze)} if freeze else _("Not stopped")
    return format_html('<a href="{}">{}</a>', reverse("admin:freeze", args=[customer.user_id]), words)


def _customer(customer_id: int) -> BranchCustomer:
    customer = BranchCustomer.objects.filter(user_id=customer_id, business_id__isnull=True).first()
    if customer is None:
        raise Http404
    return customer


def _refuse_if_wrong(payload: Payload) -> None:
    if not Freeze.objects.filter(pk=payload["freeze"], open_for__isnull=False).exists():
        raise NotFrozen()


def _describe(payload: Payload) -> str:
    customer = BranchCustomer.objects.filter(user_id=payload["customer"]).first()
    values = {"name": customer.full_name if customer else "", "id": payload["customer"]}
    return _("%(name)s (%(id)s): payments can leave again, at once") % values


def _apply(proposal: Proposal) -> None:
    checker = Actor(kind="staff", id=str(proposal.decided_by))
    lifting.lift_by_staff(proposal.payload["freeze"], checker)


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    add = portal_admin.add_board
    add("freezes", "freezes/", all_freezes, gettext_lazy("Stopped customers"), SEE)
    add("freeze", "freezes/<int:customer_id>/", one_customer, gettext_lazy("Stopped customer"), SEE)
    add("freeze_now", "freezes/<int:customer_id>/stop/", freeze_customer, gettext_lazy("Stop"), FREEZE)
    add("freeze_lift", "freezes/<int:customer_id>/lift/", propose_unfreeze, gettext_lazy("Lift"), PROPOSE)
    proposals.kinds.register(
        LIFT,
        ProposalKind(
            title=gettext_lazy("Let a customer's payments leave again"),
            make_permission=PROPOSE,
            check_permission=APPROVE,
            describe=_describe,
            refuse_if_wrong=_refuse_if_wrong,
            apply=_apply,
        ),
    )
    for role in (roles.SUPPORT, roles.RISK, roles.OPERATIONS):
        roles.grant(role, SEE, FREEZE)
    roles.grant(roles.RISK, PROPOSE, APPROVE)
    roles.grant(roles.SUPPORT, PROPOSE)
    roles.grant(roles.AUDIT, SEE)
