"""The staff's queue of requests about data, by the legal clock, and the page that takes and answers one."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import DataRequest
from accounts.privacy import erasing, requests
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import roles
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.views_of_customers import record_view

SEE, ANSWER = "accounts.view_datarequest", erasing.ANSWER
Kind, State = DataRequest.Kind, DataRequest.State


class AnswerForm(forms.Form):
    """Done or refused, in words that the customer reads."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("", "---"), ("grant", gettext_lazy("Done")), ("refuse", gettext_lazy("Refused"))],
    )
    words = forms.CharField(
        label=gettext_lazy("The answer, as the customer reads it"),
        min_length=20,
        max_length=2000,
        help_text=gettext_lazy("What was done, or why not and by which law. The right to complain is added by itself."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )


@require_safe
def data_requests(request: HttpRequest) -> HttpResponse:
    """What waits, the overdue first; then what was ended last."""
    waiting, ended, today = requests.queue(), requests.answered(), clock.today()
    for customer_id in sorted({row.customer_id for row in (*waiting, *ended)}):
        record_view(request, customer_id, "list:data-requests")
    context = {
        "waiting": [(row, requests.is_overdue(row, today), (row.due_on - today).days) for row in waiting],
        "ended": ended,
    }
    return portal_admin.page(request, "staff/data_requests.html", _("Requests about data"), **context)


@require_http_methods(["GET", "HEAD", "POST"])
def data_request(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """One request; those who may, take it, give it back and answer it."""
    row = get_object_or_404(DataRequest, pk=request_id)
    record_view(request, row.customer_id, f"data-request:{row.pk}")
    is_answering = request.method == "POST" and "answer" in request.POST
    form = AnswerForm(request.POST if is_answering else None)
    if request.method == "POST":
        if not request.user.has_perm(ANSWER):
            raise PermissionDenied
        if not is_answering or form.is_valid():
            done = _act(request, row, form)
            if done is not None:
                return done
            row.refresh_from_db()
    context = {"row": row, "form": form, **_standing(request, row)}
    return portal_admin.page(request, "staff/data_request.html", _("Request about data"), **context)


def _standing(request: HttpRequest, row: DataRequest) -> dict[str, Any]:
    may = request.user.has_perm(ANSWER)
    is_mine = row.state == State.CLAIMED and row.claimed_by == request.user.get_username()
    return {
        "is_overdue": requests.is_overdue(row, clock.today()),
        "may_take": may and row.state == State.OPEN,
        "may_take_over": may and not is_mine and requests.may_be_taken_over(row),
        "may_answer": may and is_mine,
        "proposed": erasing.waiting(row) if row.state == State.CLAIMED and row.kind == Kind.ERASURE else None,
        "erases": row.kind == Kind.ERASURE,
        "objects": row.kind == Kind.OBJECTION,
    }


def _act(request: HttpRequest, row: DataRequest, form: AnswerForm) -> HttpResponse | None:
    """Do what the button says; None where it was refused, with the reason on the form."""
    try:
        if "answer" in request.POST:
            messages.success(request, _answer(request, row, **form.cleaned_data))
            return redirect("admin:data_requests")
        do = requests.release if "release" in request.POST else requests.claim
        do(row.pk, by=request.user.get_username(), actor=actor_from(request))
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return None if "answer" in request.POST else redirect("admin:data_request", row.pk)
    return redirect("admin:data_request", row.pk)


def _answer(request: HttpRequest, row: DataRequest, *, decision: str, words: str) -> str:
    """Answer it, or propose to where that takes two; what was done, in words."""
    actor, is_granted = actor_from(request), decision == "grant"
    if is_granted and row.kind == Kind.ERASURE:
        erasing.propose(row, words=words, user=request.user, actor=actor)
        return _("Proposed. Nothing is erased before a colleague approves it.")
    requests.answer(row.pk, is_granted=is_granted, words=words, by=request.user.get_username(), actor=actor)
    return _("Written down. The customer is told.")


def overdue() -> list[tuple[Any, Any, bool]]:
    """For the front page: how many wait, how many are late."""
    rows, today = requests.queue(), clock.today()
    late = sum(requests.is_overdue(row, today) for row in rows)
    return [(_("Waiting"), len(rows), False), (_("Later than the law allows"), late, late > 0)]


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    erasing.register_kind()
    add = portal_admin.add_board
    add("data_requests", "data-requests/", data_requests, gettext_lazy("Requests about data"), SEE)
    add("data_request", "data-requests/<uuid:request_id>/", data_request, gettext_lazy("Request about data"), SEE)
    portal_admin.add_panel(60, gettext_lazy("Requests about data"), SEE, overdue)
    roles.grant_all(SEE)
    for role in (roles.SUPPORT, roles.RISK, roles.OPERATIONS):
        roles.grant(role, ANSWER)
