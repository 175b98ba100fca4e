"""Settings, Preferences: the page, and the way back to the whole history."""

from dataclasses import asdict
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.identity.actors import actor_from
from accounts.models import HistoryShown
from accounts.preferences import changing
from accounts.preferences.forms import PreferencesForm, page_to_return_to
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of
from wekeza_portal import looks, ratelimit
from wekeza_portal.looks import Look

SEE_OTHER = 303
CHANGES = ratelimit.Policy("preferences", 60, timedelta(hours=1))
"""Far more changes than anybody needs, far fewer than would fill a disk."""


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: CustomerRequest) -> HttpResponse:
    """How the portal shows itself to this customer, all on one page."""
    accounts = accounts_of(request.customer)
    if request.method == "POST":
        ratelimit.consume(CHANGES, str(request.customer.user_id))
        form = PreferencesForm(request.POST, accounts=accounts)
        if form.is_valid():
            return _saved(request, form.wanted())
    else:
        form = PreferencesForm(initial=asdict(changing.of(request.user)), accounts=accounts)
    return render(request, "preferences/preferences.html", {"form": form})


@require_POST
def show_all_history(request: CustomerRequest) -> HttpResponse:
    """Show the whole history again, from the page that said that some is hidden."""
    ratelimit.consume(CHANGES, str(request.customer.user_id))
    changing.change(request.user, {"history_years": HistoryShown.EVERYTHING.value}, actor=actor_from(request))
    return HttpResponseRedirect(page_to_return_to(request, resolve_url("view")), status=SEE_OTHER)


def _saved(request: CustomerRequest, wanted: changing.Preferences) -> HttpResponse:
    changing.change(request.user, asdict(wanted), actor=actor_from(request))
    messages.success(request, _("Saved."))
    response = HttpResponseRedirect(reverse("preferences"), status=SEE_OTHER)
    looks.remember(response, Look(wanted.theme, wanted.text_size))
    return response
