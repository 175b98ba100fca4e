"""The customer's page of papers."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.identity.actors import actor_from
from accounts.models import CustomerDocument
from accounts.profile import documents
from accounts.requests import CustomerRequest
from wekeza_portal import clock
from wekeza_portal.uploads.fields import PapersForm

Kind = CustomerDocument.Kind


@require_http_methods(["GET", "HEAD", "POST"])
def profile_papers(request: CustomerRequest) -> HttpResponse:
    """The papers and how they stand; ?what= sends one of a kind."""
    what = request.GET.get("what", "")
    if not what:
        return _list(request)
    if what not in Kind.values:
        raise Http404
    form = PapersForm.sent_with(request) if request.method == "POST" else PapersForm()
    if request.method == "POST" and form.is_valid():
        refused = documents.send(request.customer, what, form.cleaned_data["files"], actor_from(request))
        if not refused:
            messages.success(request, _("Sent. Staff look at it and we tell you."))
            return HttpResponseRedirect(reverse("profile_papers"), status=303)
        for name, refusal in refused:
            form.refuse(name, refusal)
    context = {"form": form, "kind": Kind(what), "action": request.get_full_path()}
    return render(request, "profile/paper_send.html", context)


def _list(request: CustomerRequest) -> HttpResponse:
    newest, today = documents.newest_of(request.customer), clock.today()
    lines: list[dict[str, Any]] = []
    for kind in Kind:
        paper = newest.get(kind)
        ended = paper is not None and paper.expires_on is not None and paper.expires_on < today
        lines.append({"kind": kind, "paper": paper, "is_ended": ended})
    return render(request, "profile/papers.html", {"lines": lines})
