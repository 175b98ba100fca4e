"""Requests under the Data Protection Act, as the customer makes and follows them."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.privacy import figures, requests
from accounts.privacy.forms import RequestForm
from accounts.requests import CustomerRequest
from wekeza_portal.errors import PortalError


@require_safe
def data_requests(request: CustomerRequest) -> HttpResponse:
    """Every request of the customer's, and how long each kind takes at most."""
    days = figures.values()
    kinds = [(kind.label, days[kind]) for kind in requests.Kind if kind in days]
    context = {"rows": requests.of(request.customer), "kinds": kinds}
    return render(request, "privacy/requests.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def data_request_new(request: CustomerRequest) -> HttpResponse:
    """Ask for something."""
    if request.method == "POST":
        form = RequestForm(request.POST)
        if form.is_valid():
            typed = form.cleaned_data
            row = requests.make(request.customer, typed["kind"], typed["details"], actor_from(request))
            return HttpResponseRedirect(reverse("data_request", args=[row.pk]), status=303)
    else:
        kept = restored(request)
        names = RequestForm.base_fields
        wanted = request.GET.get("kind", "")
        form = RequestForm(initial={name: kept.get(name, "") for name in names} if kept else {"kind": wanted})
    return render(request, "privacy/request_new.html", {"form": form})


@require_safe
def data_request(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """One request: its clock, its state, its answer."""
    row = requests.get(request.customer, request_id)
    return render(request, "privacy/request.html", {"row": row, "is_waiting": row.state in requests.OPEN})


@require_POST
def data_request_withdraw(request: CustomerRequest, request_id: uuid.UUID) -> HttpResponse:
    """Take it back."""
    row = requests.get(request.customer, request_id)
    try:
        requests.withdraw(request.customer, row.pk, actor_from(request))
    except PortalError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back."))
    return HttpResponseRedirect(reverse("data_request", args=[row.pk]), status=303)
