"""The Insure page."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.panels import panel
from insurance import selectors


@require_safe
def insure(request: HttpRequest) -> HttpResponse:
    """The customer's policies and what the bank insures: `/insure/`. Read only."""
    context = {
        "policies": panel("policies", partial(selectors.policies_of, request.customer)),  # type: ignore[attr-defined] # ours, put there by our middleware
        "products": panel("insurance products", selectors.products),
    }
    return render(request, "insurance/insure.html", context)
