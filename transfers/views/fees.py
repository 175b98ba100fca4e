"""What moving money costs, open to everybody."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import OpenRequest
from transfers.tariff import tariff
from wekeza_portal import clock


@login_not_required
@require_safe
def move_fees(request: OpenRequest) -> HttpResponse:
    """The price list of today and the changes that are known."""
    skeleton = "section.html" if request.customer is not None else "public.html"
    context = {"skeleton": skeleton, "tariff": tariff(clock.today()), "today": clock.today()}
    return render(request, "transfers/fees.html", context)
