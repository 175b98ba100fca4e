"""The privacy notice, open to everybody, and the customer's front page of privacy."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.privacy import keeping, texts
from accounts.privacy.views.shared import skeleton
from accounts.requests import CustomerRequest, OpenRequest


@login_not_required
@require_safe
def privacy_notice(request: OpenRequest) -> HttpResponse:
    """What the bank uses data for, by purpose, and what it keeps, how long and why."""
    row = texts.required(texts.Kind.NOTICE)
    context = {"skeleton": skeleton(request), "row": row, "blocks": texts.blocks(texts.words(row))}
    return render(request, "privacy/notice.html", {**context, "kept": keeping.lines()})


@require_safe
def privacy(request: CustomerRequest) -> HttpResponse:
    """Where everything about the customer's data is."""
    return render(request, "privacy/home.html")
