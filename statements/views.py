"""View: every movement whoever wrote it, one by one, and how the balance went."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import balances, movements
from accounts.movements import MovementPage, Wanted
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of, booked_together
from statements.disputes.asking import about as disputes_about
from statements.forms import AccountForm, HistoryForm
from statements.selectors import by_day, origin_of
from statements.tracing import on_their_way
from transfers.payees.waiting import waiting_of
from wekeza_portal import clock


@require_safe
def history(request: CustomerRequest) -> HttpResponse:
    """The history: newest first, by day, narrowed by the filter, a page at a time."""
    accounts = accounts_of(request.customer)
    form = HistoryForm(request.GET, accounts=accounts, customer=request.customer)
    wanted = form.wanted()
    page, query = _page(request, wanted), form.query()
    totals = movements.sums(wanted) if query and page.movements else None
    context = {
        "form": form,
        "accounts": accounts,
        "has_several": len(accounts) > 1,
        "page": page,
        "days": by_day(page.movements),
        "today": clock.today(),
        "query": query,
        "waiting": waiting_of(request.customer),
        "on_their_way": on_their_way(request.customer),
        "totals": totals,
        "is_too_much": bool(query and page.movements) and totals is None,
    }
    return render(request, "statements/history.html", context)


def _page(request: CustomerRequest, wanted: Wanted) -> MovementPage:
    before, after = request.GET.get("before"), request.GET.get("after")
    if before and after:
        raise Http404
    return movements.page(wanted, before=before, after=after)


@require_safe
def movement(request: CustomerRequest, reference: str) -> HttpResponse:
    """One movement on its own page. Somebody else's is as unknown as none."""
    found = movements.movement_for(accounts_of(request.customer), reference)
    origin = origin_of(request.customer, found)
    context = {
        "movement": found,
        "origin": origin,
        "disputes": disputes_about(request.customer, found),
        "payment_reference": origin.reference if origin else found.reference,
    }
    return render(request, "statements/movement.html", context)


@require_safe
def balance(request: CustomerRequest) -> HttpResponse:
    """The booked balance at the end of each of the last 90 days, as the rows explain it: chart and table."""
    form = AccountForm(request.GET, accounts=accounts_of(request.customer))
    chosen, today = form.chosen(), clock.today()
    rows = movements.entries(Wanted(chosen, period=balances.last_days(today))) if chosen else []
    days = balances.by_day(booked_together(chosen), rows, today) if chosen else []
    context = {
        "form": form,
        "days": days[::-1],
        "points": balances.points(days),
        "unknown_words": balances.unexplained_words(rows),
        "number": chosen[0].number if len(chosen) == 1 else "",
    }
    return render(request, "statements/balance.html", context)
