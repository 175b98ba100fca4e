"""The Borrow page."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.panels import panel
from lending import selectors


@require_safe
def borrow(request: HttpRequest) -> HttpResponse:
    """The customer's loans and what the bank lends: `/borrow/`. Read only."""
    context = {
        "loans": panel("loans", partial(selectors.loans_of, request.customer)),  # type: ignore[attr-defined] # ours, put there by our middleware
        "products": panel("loan products", selectors.products),
    }
    return render(request, "lending/borrow.html", context)
