"""Consents: one button for each purpose, the same to give as to take back, and the history."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.identity.actors import actor_from
from accounts.privacy import consents
from accounts.privacy.forms import ConsentForm
from accounts.requests import CustomerRequest
from wekeza_portal import ratelimit
from wekeza_portal.errors import PortalError

CHANGES = ratelimit.Policy("consents", 60, timedelta(hours=1))
"""Giving only: taking back is never counted."""


@require_http_methods(["GET", "HEAD", "POST"])
def consents_page(request: CustomerRequest) -> HttpResponse:
    """Every purpose as it stands, and every change there was."""
    if request.method == "POST":
        _change(request, ConsentForm(request.POST))
        return HttpResponseRedirect(reverse("consents"), status=303)
    context = {"lines": consents.standings(request.customer), "history": consents.history(request.customer)}
    return render(request, "privacy/consents.html", context)


def _change(request: CustomerRequest, form: ConsentForm) -> None:
    if not form.is_valid():
        messages.error(request, _("Nothing was changed. Please use the buttons below."))
        return
    give, typed = form.cleaned_data["give"] == "1", form.cleaned_data
    if give:
        ratelimit.consume(CHANGES, str(request.customer.user_id))
    try:
        consents.change(
            request.customer, typed["purpose"], give=give, version=typed["version"], actor=actor_from(request)
        )
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return
    messages.success(request, _("Noted: yes, from now on.") if give else _("Taken back. It holds from now on."))
