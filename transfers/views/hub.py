"""Where money can go from here."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import limits
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of, payers_among
from transfers.outside.selectors import bill_shelves
from transfers.payees.waiting import waiting_of
from transfers.recent import recent_payees
from transfers.views.shared import off_notice
from transfers.ways import notices, ways
from wekeza_portal.staff import switches


@require_safe
def move(request: CustomerRequest) -> HttpResponse:
    """Where money can go from here."""
    accounts = accounts_of(request.customer)
    found = ways(has_two=len(accounts) > 1)
    context = {
        "accounts": accounts,
        "can_pay": bool(payers_among(accounts)),
        "payees": recent_payees(request.customer),
        "room": limits.room(request.customer),
        "ways": found,
        "notices": notices(found),
        "waiting": waiting_of(request.customer),
    }
    return render(request, "transfers/move.html", context)


@require_safe
def move_bills(request: CustomerRequest) -> HttpResponse:
    """Whose bills can be paid, by kind."""
    notice = off_notice(switches.BILLS)
    if notice:
        return render(request, "transfers/off.html", {"notice": notice})
    return render(request, "transfers/outside/bills.html", {"shelves": bill_shelves()})
