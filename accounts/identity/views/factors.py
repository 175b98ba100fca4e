"""Settings of the second factor: which ways there are, and which is asked first."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.identity.actors import actor_from
from accounts.identity.factors import choosing, listing
from accounts.identity.factors.ways import Ways, ways_of
from accounts.identity.forms import FirstWayForm
from accounts.requests import CustomerRequest


@require_safe
def security_settings(request: CustomerRequest) -> HttpResponse:
    """Every way the customer can confirm that it is them."""
    ways = ways_of(request.user, request.customer)
    return _page(request, ways, FirstWayForm(ways=ways.may_come_first, first=ways.first))


@require_POST
def first_way(request: CustomerRequest) -> HttpResponse:
    """Which way is asked first from now on."""
    ways = ways_of(request.user, request.customer)
    form = FirstWayForm(request.POST, ways=ways.may_come_first, first=ways.first)
    if not form.is_valid():
        return _page(request, ways, form)
    way = form.cleaned_data["way"]
    choosing.begin_with(request.user, way, ways, actor_from(request))
    messages.success(request, _("From now on we ask for this first: %(way)s.") % {"way": way.label})
    return redirect("security_settings")


def _page(request: CustomerRequest, ways: Ways, form: FirstWayForm) -> HttpResponse:
    lines = listing.lines(request.user, request.customer, ways)
    return render(request, "identity/security.html", {"lines": lines, "form": form})
