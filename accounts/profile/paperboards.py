"""The staff's list of papers to look at, and the page that accepts or refuses one."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import CustomerDocument
from accounts.profile import documents
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import roles
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.views_of_customers import record_view

SEE, DECIDE = "accounts.view_customerdocument", "accounts.decide_customerdocument"


class DecisionForm(forms.Form):
    """Accepted until a day, or refused with the reason the customer reads."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("accept", gettext_lazy("Accept")), ("refuse", gettext_lazy("Refuse"))],
    )
    expires_on = forms.DateField(
        label=gettext_lazy("The paper ends on"),
        required=False,
        help_text=gettext_lazy("Leave it empty where the paper has no end."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it is refused, as the customer reads it"), required=False, max_length=200
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("decision") == "refuse" and not typed.get("reason", "").strip() and "reason" not in self.errors:
            self.add_error("reason", _("Say why, in plain words."))
        return typed


@require_safe
def papers(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first."""
    context = {"papers": documents.waiting()}
    return portal_admin.page(request, "staff/papers.html", _("Papers of customers"), **context)


@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, paper_id: uuid.UUID) -> HttpResponse:
    """One paper with its files; those who may, decide it."""
    row = get_object_or_404(CustomerDocument, uuid=paper_id)
    record_view(request, row.customer_id, f"paper:{row.uuid}")
    may_decide = request.user.has_perm(DECIDE) and row.state == CustomerDocument.State.SENT
    form = DecisionForm(request.POST if request.method == "POST" and may_decide else None)
    if form.is_bound and form.is_valid():
        done = _decide(request, row, form)
        if done is not None:
            return done
    context = {"paper": row, "files": documents.files_of(row), "form": form, "may_decide": may_decide}
    return portal_admin.page(request, "staff/paper.html", _("Paper of a customer"), **context)


def _decide(request: HttpRequest, row: CustomerDocument, form: DecisionForm) -> HttpResponse | None:
    typed, by, actor = form.cleaned_data, request.user.get_username(), actor_from(request)
    try:
        if typed["decision"] == "accept":
            documents.verify(row.uuid, typed["expires_on"], by=by, actor=actor)
        else:
            documents.refuse(row.uuid, typed["reason"].strip(), by=by, actor=actor)
    except PortalError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    messages.success(request, _("Written down. The customer is told."))
    return redirect("admin:customer_papers")


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    add = portal_admin.add_board
    add("customer_papers", "papers/", papers, gettext_lazy("Papers of customers"), SEE)
    add("customer_paper", "papers/<uuid:paper_id>/", paper, gettext_lazy("Paper of a customer"), SEE)
    roles.grant_all(SEE)
    for role in (roles.SUPPORT, roles.RISK, roles.OPERATIONS):
        roles.grant(role, DECIDE)
