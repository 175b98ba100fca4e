"""The staff's pages of customers who can't get in: who it is, what was proposed, the paper with the code."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.identity import contacts, counter
from accounts.models import Account, ActivationCode, BranchCustomer
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals, roles
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.views_of_customers import record_view

SEE = "accounts.view_activationcode"
MOST_SHOWN = 50


class IdSeenForm(forms.Form):
    """The ID lies on the counter: its number is typed off it."""

    national_id = forms.CharField(
        label=gettext_lazy("Number on the ID in your hand"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)


class ActivationForm(IdSeenForm):
    """Likewise, with the number the customer has now."""

    phone = forms.CharField(
        label=gettext_lazy("The customer's phone from now on"),
        help_text=gettext_lazy("Empty: the number the branch has."),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    field_order = ("national_id", "phone", "reason")


@require_safe
def ways_back(request: HttpRequest) -> HttpResponse:
    """Find a customer; and the codes given out lately."""
    typed = request.GET.get("q", "")[:20]
    found = _found(typed) if typed else None
    if found is not None:
        return redirect("admin:way_back", found.user_id)
    rows = list(ActivationCode.objects.select_related("user__customer").order_by("-created_at")[:MOST_SHOWN])
    for customer_id in sorted({row.user.customer_id for row in rows if row.user.customer_id is not None}):
        record_view(request, customer_id, "list:activation-codes")
    context = {"typed": typed, "rows": rows, "now": clock.now()}
    return portal_admin.page(request, "staff/ways_back.html", _("Customers who can't get in"), **context)


@require_safe
def way_back(request: HttpRequest, customer_id: int) -> HttpResponse:
    """One customer: what is known, and what can be proposed."""
    customer = _customer(customer_id)
    record_view(request, customer_id, f"way-back:{customer_id}")
    return _page(request, customer, ActivationForm(), IdSeenForm())


@require_POST
def propose_activation(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The first of two people, for an activation code."""
    form = ActivationForm(request.POST)
    return _propose(request, customer_id, counter.ACTIVATION, form, activation=form)


@require_POST
def propose_unlock(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The first of two people, for a locked sign-in."""
    form = IdSeenForm(request.POST)
    return _propose(request, customer_id, counter.UNLOCK, form, unlock=form)


@require_POST
def print_code(request: HttpRequest, activation_id: uuid.UUID) -> HttpResponse:
    """The paper, once."""
    try:
        who = request.user.get_username()
        paper = counter.print_once(activation_id, staff_code=who, actor=actor_from(request))
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:ways_back")
    headers = {"Content-Disposition": 'attachment; filename="activation.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(paper, content_type="application/pdf", headers=headers)


def _propose(request: HttpRequest, customer_id: int, kind: str, form: IdSeenForm, **shown: IdSeenForm) -> HttpResponse:
    customer = _customer(customer_id)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            payload = counter.payload_of(customer, national_id=typed["national_id"], phone=typed.get("phone", ""))
            made = proposals.propose(
                kind, payload, reason=typed["reason"], user=request.user, actor=actor_from(request)
            )
        except PortalError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Proposed. Another person has to approve it."))
            return redirect("admin:proposal", made.pk)
    return _page(request, customer, shown.get("activation") or ActivationForm(), shown.get("unlock") or IdSeenForm())


def _page(request: HttpRequest, customer: BranchCustomer, activation: Any, unlock: Any) -> HttpResponse:
    try:
        counter.login_of(customer)
        problem = ""
    except PortalError as refusal:
        problem = str(refusal)
    context = {
        "customer": customer,
        "phone": contacts.phone_of(customer),
        "problem": problem,
        "is_locked": counter.is_locked(customer),
        "activation": activation,
        "unlock": unlock,
        "may_propose": request.user.has_perm(counter.PROPOSE),
    }
    return portal_admin.page(request, "staff/way_back.html", _("A customer who can't get in"), **context)


def _found(typed: str) -> BranchCustomer | None:
    """A personal customer by user_id or account number."""
    text = typed.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return _people().filter(user_id=int(text)).first()
    account = Account.objects.filter(account_number=text.upper(), business__isnull=True).first()
    return _people().filter(user_id=account.customer_id or 0).first() if account is not None else None


def _people() -> QuerySet[BranchCustomer]:
    return BranchCustomer.objects.filter(business_id__isnull=True)


def _customer(customer_id: int) -> BranchCustomer:
    customer: BranchCustomer | None = _people().filter(user_id=customer_id).first()
    if customer is None:
        raise Http404
    return customer


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    add, propose = portal_admin.add_board, counter.PROPOSE
    add("ways_back", "ways-back/", ways_back, gettext_lazy("Customers who can't get in"), SEE)
    add("way_back", "ways-back/<int:customer_id>/", way_back, gettext_lazy("A customer who can't get in"), SEE)
    add("way_back_code", "ways-back/<int:customer_id>/code/", propose_activation, gettext_lazy("Code"), propose)
    add("way_back_unlock", "ways-back/<int:customer_id>/unlock/", propose_unlock, gettext_lazy("Unlock"), propose)
    add("way_back_print", "ways-back/print/<uuid:activation_id>/", print_code, gettext_lazy("Print"), propose)
    counter.register()
    for role in roles.ROLES:
        roles.grant(role, SEE)
    roles.grant(roles.SUPPORT, counter.PROPOSE)
    roles.grant(roles.OPERATIONS, counter.PROPOSE, counter.APPROVE)
    roles.grant(roles.RISK, counter.APPROVE)
