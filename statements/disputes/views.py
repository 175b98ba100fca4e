"""Say what is wrong with a movement. Checking, papers, sending and the answer are pages of every request."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import movements
from accounts.identity.keptforms import restored
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of
from statements.disputes import asking
from statements.disputes.forms import DisputeForm


@require_http_methods(["GET", "HEAD", "POST"])
def dispute(request: CustomerRequest, reference: str) -> HttpResponse:
    """Fill in what is wrong with one of the customer's movements. Somebody else's is as unknown as none."""
    movement = movements.movement_for(accounts_of(request.customer), reference)
    if request.method == "POST":
        form = DisputeForm(request.POST)
        if form.is_valid():
            wish = asking.draft(request.customer, movement, **form.cleaned_data)
            return HttpResponseRedirect(reverse("request_page", args=[wish.id]), status=303)
    else:
        kept: Mapping[str, Any] = restored(request) or {}
        form = DisputeForm(initial={name: kept.get(name, "") for name in ("why", "text")})
    return render(request, "statements/dispute.html", {"form": form, "movement": movement})
