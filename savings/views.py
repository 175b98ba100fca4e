"""The Save page."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.panels import panel
from savings import selectors
from wekeza_portal.rails import paybill


@require_safe
def save(request: HttpRequest) -> HttpResponse:
    """Savings accounts, fixed deposits and how to pay in: `/save/`. Read only."""
    context = {
        "accounts": panel("savings accounts", partial(selectors.savings_accounts_of, request.customer)),  # type: ignore[attr-defined] # ours, put there by our middleware
        "deposits": panel("fixed deposits", partial(selectors.deposits_of, request.customer)),  # type: ignore[attr-defined] # ours, put there by our middleware
        "paybill": paybill.number(),
    }
    return render(request, "savings/save.html", context)
