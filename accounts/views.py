"""The home page."""

from datetime import datetime
from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import wording
from accounts.dashboard import board_for
from accounts.identity import browsers
from accounts.identity.selectors import last_sign_in
from accounts.models import User
from accounts.panels import panel
from accounts.requests import CustomerRequest
from wekeza_portal import clock


@require_safe
def home(request: CustomerRequest) -> HttpResponse:
    """Accounts, latest movements, sums and the course of the balance: `/`."""
    context = {
        "greeting": wording.greeting(clock.now()),
        "first_name": wording.first_name(request.customer.full_name),
        "last_sign_in": panel("last sign-in", partial(_last_time, request.user)),
        "board": board_for(request.customer),
        "today": clock.today(),
    }
    return render(request, "accounts/home.html", context)


def _last_time(user: User) -> tuple[datetime, str] | None:
    """When the user signed in before this time, and with what; None on the first visit."""
    attempt = last_sign_in(user)
    return (attempt.at.astimezone(clock.NAIROBI), browsers.in_words(attempt.user_agent)) if attempt else None
