"""Ask the branch, check what is asked, and see what became of it."""

import uuid
from contextlib import suppress
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.approvals import details, papers, services
from accounts.approvals.forms import CorrectionForm
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.models import ApprovalRequest
from accounts.requests import CustomerRequest
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import TooMany
from wekeza_portal.registry import approval_executors, request_pages
from wekeza_portal.uploads.errors import TooLate
from wekeza_portal.uploads.fields import PapersForm


@require_http_methods(["GET", "HEAD", "POST"])
def correct_details(request: CustomerRequest) -> HttpResponse:
    """Fill in what the branch should correct; `?draft=` begins with what a draft says, and takes its place."""
    if request.method == "POST":
        form = CorrectionForm(request.POST, customer=request.customer)
        if form.is_valid():
            return _see_other(_drafted(request, form.cleaned_data).id)
    else:
        form = CorrectionForm(initial=_typed_before(request), customer=request.customer)
    return render(request, "approvals/correct.html", {"form": form, "held": details.held(request.customer)})


def _drafted(request: CustomerRequest, typed: dict[str, Any]) -> ApprovalRequest:
    """The draft to review: in the place of the one it changes, a new one where that is gone."""
    detail, value = typed["detail"], typed["value"]
    if typed["draft"] is not None:
        with suppress(services.DraftIsGone):
            return details.redraft(
                request.customer, typed["draft"], detail=detail, value=value, actor=actor_from(request)
            )
    return details.draft(request.customer, detail=detail, value=value)


def _typed_before(request: CustomerRequest) -> dict[str, Any]:
    """What was kept when the session ran out, or else what the draft says that is to be changed."""
    kept = restored(request)
    if kept is not None:
        return {name: kept.get(name, "") for name in ("detail", "value", "draft")}
    if "draft" not in request.GET:
        return {}
    try:
        wish = services.get(request.customer, uuid.UUID(request.GET["draft"]))
    except ValueError:
        raise Http404 from None
    if not services.is_open_draft(wish):
        return {}
    return {"detail": wish.payload["about"], "value": wish.payload["new"], "draft": wish.id}


@require_safe
def requests(request: CustomerRequest) -> HttpResponse:
    """Everything this customer asked the branch for, and how it stands."""
    lines = [_line(row) for row in services.sent_by(request.customer)]
    drafts = [_line(row) for row in services.drafts_of(request.customer)]
    return render(request, "approvals/requests.html", {"lines": lines, "drafts": drafts})


@require_http_methods(["GET", "HEAD", "POST"])
def request_page(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """The review while nothing is sent; after that, the state. POST adds papers to what was not sent."""
    wish = services.get(request.customer, request_id)
    if request.method != "POST":
        return _page(request, wish)
    form = _add_papers(request, wish)
    return _page(request, wish, form=form) if form.errors else _see_other(wish.id)


@require_POST
def request_send(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """Send it to the branch, once, with what was chosen and not added yet. A file that can't be taken stops it."""
    wish = services.get(request.customer, request_id)
    form = _add_papers(request, wish, may_be_none=True)
    if form.errors:
        return _page(request, wish, form=form)
    try:
        request_pages.get(wish.kind).send(request.customer, wish, actor_from(request))
    except TooMany:
        raise
    except PortalError as refusal:
        return _page(request, services.get(request.customer, request_id), refusal=str(refusal))
    return _see_other(request_id)


@require_POST
def request_cancel(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """Give up a request that was not sent."""
    services.get(request.customer, request_id)
    services.cancel(customer=request.customer, request_id=request_id, actor=actor_from(request))
    return _see_other(request_id)


@require_POST
def request_withdraw(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """Take back what the branch has not decided."""
    wish = services.get(request.customer, request_id)
    try:
        services.withdraw(customer=request.customer, request_id=wish.id, actor=actor_from(request))
    except PortalError as refusal:
        return _page(request, services.get(request.customer, request_id), refusal=str(refusal))
    return _see_other(request_id)


@require_POST
def request_paper_remove(request: CustomerRequest, request_id: uuid.UUID, paper_id: uuid.UUID) -> HttpResponse:
    """Take one back."""
    wish = services.get(request.customer, request_id)
    try:
        papers.remove(request.customer, wish, paper_id, actor_from(request))
    except TooLate as refusal:
        return _page(request, services.get(request.customer, request_id), refusal=str(refusal))
    return _see_other(request_id)


def _add_papers(request: CustomerRequest, wish: ApprovalRequest, *, may_be_none: bool = False) -> PapersForm:
    """What can be kept is kept; the form names the rest, each with its reason."""
    form = PapersForm.sent_with(request, may_be_none=may_be_none)
    if form.is_valid():
        for name, refusal in papers.add(wish, form.cleaned_data["files"], actor_from(request)):
            form.refuse(name, refusal)
    return form


def _page(
    request: CustomerRequest, wish: ApprovalRequest, refusal: str = "", form: PapersForm | None = None
) -> HttpResponse:
    pages = request_pages.get(wish.kind)
    context = {**_line(wish), "refusal": refusal, "pages": pages, "facts": pages.facts(wish)}
    context |= {"papers": papers.of(wish), "form": form or PapersForm(), "form_url": pages.form_url(wish)}
    context |= {"can_withdraw": services.can_be_withdrawn(wish), "fee": pages.fee(wish), "more": pages.load(wish)}
    if wish.sent_at is None:
        context["is_gone"] = not services.is_open_draft(wish)
        return render(request, "approvals/review.html", context)
    return render(request, "approvals/request.html", context)


def _line(wish: ApprovalRequest) -> dict[str, Any]:
    return {"wish": wish, "words": approval_executors.get(wish.kind).describe(wish)}


def _see_other(request_id: uuid.UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("request_page", args=[request_id]), status=303)
