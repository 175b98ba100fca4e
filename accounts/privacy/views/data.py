"""A copy of the customer's data, and who looked at them."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from accounts.identity.actors import actor_from
from accounts.models import Instruction
from accounts.privacy import datapaper, looks, mydata
from accounts.requests import CustomerRequest
from wekeza_portal.errors import PortalError


@require_http_methods(["GET", "HEAD", "POST"])
def data(request: CustomerRequest) -> HttpResponse:
    """What a copy holds; a POST leads to the code that opens one."""
    if request.method != "POST":
        return render(request, "privacy/data.html", {"parts": datapaper.PARTS.values()})
    try:
        act = mydata.prepare(request.customer)
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("data"), status=303)
    return HttpResponseRedirect(f"{reverse('step_up')}?for={act.id}", status=303)


@require_safe
def data_copy(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """The copy while it is open; before that the way to the code, afterwards the way to another."""
    act = mydata.get(request.customer, instruction_id)
    until = act.posted_at + mydata.OPEN_FOR if act.posted_at is not None else None
    context = {
        "act": act,
        "is_open": mydata.is_open(act),
        "is_to_be_confirmed": mydata.is_to_be_confirmed(act),
        "until": until,
    }
    return render(request, "privacy/data_copy.html", context)


@require_safe
def data_json(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Everything as data."""
    act = mydata.get(request.customer, instruction_id)
    if not mydata.is_open(act):
        return redirect("data_copy", act.id)
    text = mydata.as_json(request.customer, act, actor_from(request))
    return _file(text.encode(), "application/json", "wekeza-my-data.json")


@require_safe
def data_pdf(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """The readable copy as a paper, in the language of the page."""
    act: Instruction = mydata.get(request.customer, instruction_id)
    if not mydata.is_open(act):
        return redirect("data_copy", act.id)
    language, actor = get_language() or "en", actor_from(request)
    content = datapaper.pdf(request.customer, request.user, act, language=language, actor=actor)
    return _file(content, "application/pdf", "wekeza-my-data.pdf")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_safe
def data_looks(request: CustomerRequest) -> HttpResponse:
    """Who of the bank looked at the customer's data; `?before=` goes on below one look."""
    page = looks.page(request.customer, request.GET.get("before", ""))
    return render(request, "privacy/looks.html", {"page": page})
