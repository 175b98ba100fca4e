"""The customer's side of a look: who asks and why, agreeing with a code, refusing or ending it, what was looked at."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.identity.actors import actor_from
from accounts.identity.middleware import before_the_terms
from accounts.requests import CustomerRequest
from accounts.supporting import selectors, services
from accounts.supporting.pages import words_of
from wekeza_portal import clock
from wekeza_portal.errors import PortalError


@require_safe
def support_views(request: CustomerRequest) -> HttpResponse:
    """Every look at this customer's pages, newest first."""
    context = {"views": selectors.views_of(request.customer), "now": clock.now()}
    return render(request, "supporting/views.html", context)


@require_safe
def support_view(request: CustomerRequest, view_id: uuid.UUID) -> HttpResponse:
    """One look: the question, or how long it still runs, or what was looked at."""
    view, now = selectors.get(request.customer, view_id), clock.now()
    context = {
        "view": view,
        "waits": view.waits(now),
        "runs": view.runs(now),
        "looks": [(look.at, words_of(look)) for look in selectors.looks_of(view)],
    }
    return render(request, "supporting/view.html", context)


@require_POST
def support_view_agree(request: CustomerRequest, view_id: uuid.UUID) -> HttpResponse:
    """Agreeing begins with a code."""
    view = selectors.get(request.customer, view_id)
    try:
        draft = services.prepare(request.customer, view)
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return redirect("support_view", view_id)
    return HttpResponseRedirect(f"{reverse('step_up')}?for={draft.id}", status=303)


@before_the_terms
@require_POST
def support_view_end(request: CustomerRequest, view_id: uuid.UUID) -> HttpResponse:
    """Refuse it, or end it while it runs: at once, without a code."""
    services.refuse(request.customer, view_id, actor_from(request))
    messages.success(request, _("Nobody of the bank sees your pages by this request."))
    return redirect("support_view", view_id)
