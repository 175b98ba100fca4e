"""Ask the branch, check what is asked, and see what became of it."""

import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.approvals import details, services
from accounts.approvals.forms import CorrectionForm
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.models import ApprovalRequest
from accounts.requests import CustomerRequest
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import TooMany
from wekeza_portal.registry import approval_executors

State = ApprovalRequest.State


@require_http_methods(["GET", "HEAD", "POST"])
def correct_details(request: CustomerRequest) -> HttpResponse:
    """Fill in what the branch should correct."""
    if request.method == "POST":
        form = CorrectionForm(request.POST, customer=request.customer)
        if form.is_valid():
            typed = form.cleaned_data
            wish = details.draft(request.customer, detail=typed["detail"], value=typed["value"])
            return _see_other(wish.id)
    else:
        kept = restored(request)
        typed = {name: kept.get(name, "") for name in ("detail", "value")} if kept is not None else {}
        form = CorrectionForm(initial=typed, customer=request.customer)
    return render(request, "approvals/correct.html", {"form": form})


@require_safe
def requests(request: CustomerRequest) -> HttpResponse:
    """Everything this customer asked the branch for, and how it stands."""
    lines = [_line(row) for row in services.sent_by(request.customer)]
    return render(request, "approvals/requests.html", {"lines": lines})


@require_safe
def request_page(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """The review while nothing is sent; after that, the state."""
    return _page(request, services.get(request.customer, request_id))


@require_POST
def request_send(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """Send it to the branch, once."""
    wish = services.get(request.customer, request_id)
    try:
        details.send(request.customer, wish, actor_from(request))
    except TooMany:
        raise
    except PortalError as refusal:
        return _page(request, services.get(request.customer, request_id), refusal=str(refusal))
    return _see_other(request_id)


@require_POST
def request_cancel(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """Give up a request that was not sent."""
    services.get(request.customer, request_id)
    services.cancel(customer=request.customer, request_id=request_id)
    return _see_other(request_id)


def _page(request: CustomerRequest, wish: ApprovalRequest, refusal: str = "") -> HttpResponse:
    context = {**_line(wish), "refusal": refusal, "label": details.DETAILS[wish.payload["about"]]}
    if wish.sent_at is None:
        context["is_gone"] = wish.state != State.DRAFT or wish.expires_at <= clock.now()
        return render(request, "approvals/review.html", context)
    return render(request, "approvals/request.html", context)


def _line(wish: ApprovalRequest) -> dict[str, Any]:
    return {"wish": wish, "words": approval_executors.get(wish.kind).describe(wish)}


def _see_other(request_id: uuid.UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("request_page", args=[request_id]), status=303)
