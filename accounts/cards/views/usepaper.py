"""What was done with a card, as a paper."""

import uuid
from datetime import timedelta

from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.cards import selectors, usepaper
from accounts.identity.actors import actor_from
from accounts.preferences.chosen import shown_since
from accounts.requests import CustomerRequest
from wekeza_portal import clock, ratelimit

PAPERS = ratelimit.Policy("card-papers", 30, timedelta(hours=1))


@require_safe
def card_uses_pdf(request: CustomerRequest, card_id: uuid.UUID) -> HttpResponse:
    """The uses of a month, `?period=2026-11`, or of the last 90 days, in the language of the page."""
    card = selectors.card_for(request.customer, card_id).card
    try:
        first, last = usepaper.days_of(request.GET.get("period", usepaper.LATELY), clock.today())
    except ValueError as nonsense:
        raise Http404 from nonsense
    ratelimit.consume(PAPERS, str(request.customer.user_id))
    paper = usepaper.paper_of(card, first, last, shown_since(request.customer))
    language, actor = get_language() or "en", actor_from(request)
    content = usepaper.uses_pdf(paper, customer=request.customer, language=language, actor=actor)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="wekeza-card-{card.last_four}-{first:%Y-%m-%d}.pdf"'
    return response
