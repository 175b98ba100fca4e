"""The terms: read by anybody, accepted after signing in, looked up in the settings."""

import uuid

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from accounts.identity import sessions
from accounts.identity.actors import actor_from
from accounts.identity.middleware import before_the_terms
from accounts.identity.redirects import safe_path
from accounts.models import LegalText
from accounts.privacy import terms, texts
from accounts.privacy.views.shared import skeleton
from accounts.requests import CustomerRequest, OpenRequest
from wekeza_portal import clock
from wekeza_portal.errors import PortalError

LARGEST_VERSION = 32767


class AcceptForm(forms.Form):
    """Which version was on the page."""

    version = forms.IntegerField(min_value=1, max_value=LARGEST_VERSION)


@login_not_required
@require_safe
def terms_public(request: OpenRequest) -> HttpResponse:
    """The terms in force, and those that begin later."""
    row, today = texts.required(texts.Kind.TERMS), clock.today()
    to_come = [later for later in texts.versions(texts.Kind.TERMS) if later.effective_from > today]
    context = {"skeleton": skeleton(request), **_shown(row), "to_come": [_shown(one) for one in to_come]}
    return render(request, "privacy/terms.html", context)


def _shown(row: LegalText) -> dict[str, object]:
    return {
        "row": row,
        "changes": texts.blocks(texts.changes(row)),
        "blocks": texts.blocks(texts.words(row)),
    }


@before_the_terms
@require_http_methods(["GET", "HEAD", "POST"])
def terms_accept(request: CustomerRequest) -> HttpResponse:
    """What has to be accepted before anything else; on to where the customer was heading."""
    next_url = safe_path(request.POST.get("next") or request.GET.get("next"))
    refusal = ""
    if request.method == "POST":
        refusal = _accept(request)
    needed = texts.due(request.user, request.signed_in_session.started_at)
    if not needed:
        return redirect(next_url or "home")
    row = LegalText.objects.get(kind=texts.Kind.TERMS, version=needed)
    context = {**_shown(row), "next": next_url, "refusal": refusal, "is_first": not request.user.accepted_terms}
    return render(request, "privacy/accept.html", context)


def _accept(request: CustomerRequest) -> str:
    """Why it was not accepted; "" where it was."""
    form = AcceptForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else 0
    try:
        terms.accept(
            request.user,
            version,
            signed_in_at=request.signed_in_session.started_at,
            language=get_language() or request.user.language,
            actor=actor_from(request),
            user_agent=sessions.user_agent(request),
        )
    except PortalError as refusal:
        return str(refusal)
    request.user.accepted_terms = max(version, request.user.accepted_terms)
    return ""


@require_safe
def terms_mine(request: CustomerRequest) -> HttpResponse:
    """What this customer accepted, and when."""
    return render(request, "privacy/accepted.html", {"rows": terms.accepted_by(request.user)})


@require_safe
def terms_one(request: CustomerRequest, acceptance_id: uuid.UUID) -> HttpResponse:
    """One version as it was accepted."""
    row = terms.get(request.user, acceptance_id)
    return render(request, "privacy/accepted_one.html", {"row": row, "blocks": texts.blocks(texts.words(row.text))})


@require_safe
def terms_pdf(request: CustomerRequest, acceptance_id: uuid.UUID) -> HttpResponse:
    """The same as a paper."""
    row = terms.get(request.user, acceptance_id)
    language, actor = get_language() or request.user.language, actor_from(request)
    content = terms.pdf(row, request.customer, language=language, actor=actor)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="terms-{row.text.version}.pdf"'},
    )
