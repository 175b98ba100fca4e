"""What was asked of cards and waits to be confirmed, and the receipt of what was paid."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from accounts import instructions, wording
from accounts.cards import kinds, papers
from accounts.cards.views.shared import off_notice, see_other
from accounts.identity.actors import actor_from
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from accounts.selectors import account_for
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.registry import instruction_kinds

State = Instruction.State


@require_safe
def card_review(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Everything once more before it is done; what became of it, once something did."""
    draft = _own(request, instruction_id)
    if draft.state in (State.POSTED, State.DONE):
        return redirect(instruction_kinds.get(draft.kind).receipt_url(draft))
    return _review(request, draft, refusal=off_notice())


def _own(request: CustomerRequest, instruction_id: uuid.UUID) -> Instruction:
    """The customer's own, and about cards; Http404 alike for all others."""
    draft = instructions.get_any(request.customer, instruction_id)
    if draft.kind not in kinds.OURS:
        raise Http404
    draft.customer = request.customer  # known already: not asked for again
    return draft


def _review(request: CustomerRequest, draft: Instruction, refusal: str) -> HttpResponse:
    is_over = draft.state == State.CANCELLED or draft.expires_at <= clock.now()
    context: dict[str, Any] = {
        "draft": draft,
        "about": instruction_kinds.get(draft.kind).describe(draft),
        "facts": kinds.facts_of(draft),
        "is_payment": draft.kind in kinds.PAYMENTS,
        "is_loosening": "after" in draft.payload,
        "is_over": is_over,
        "refusal": "" if is_over else refusal,
    }
    if context["is_payment"]:
        context |= _money(request, draft)
    return render(request, "cards/review.html", context)


def _money(request: CustomerRequest, draft: Instruction) -> dict[str, Any]:
    """What is left on the account afterwards; nothing where the account is the customer's no longer."""
    try:
        source = account_for(request.customer, draft.payload["from_number"])
    except Http404:
        return {}
    return {"balance_after": source.booked - draft.amount}


@require_POST
def card_confirm(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Do it, once, or lead to the code that it needs."""
    draft = _own(request, instruction_id)
    is_act = draft.kind not in kinds.PAYMENTS
    do = instructions.carry_out if is_act else instructions.confirm
    try:
        do(customer=request.customer, instruction_id=draft.id, actor=actor_from(request))
    except instructions.StepUpRequired:
        if notice := off_notice():  # no code for what can't be done
            return _review(request, draft, refusal=notice)
        return HttpResponseRedirect(f"{reverse('step_up')}?for={draft.id}", status=303)
    except PortalError as refusal:
        draft = _own(request, instruction_id)
        return _review(request, draft, refusal=wording.refusal_for(request.user, refusal))
    return HttpResponseRedirect(instruction_kinds.get(draft.kind).receipt_url(draft), status=303)


@require_POST
def card_cancel(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Give up a draft; the review page then says so."""
    draft = _own(request, instruction_id)
    instructions.cancel(customer=request.customer, instruction_id=draft.id, actor=actor_from(request))
    return see_other("card_review", draft.id)


@require_safe
def card_receipt(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """The permanent receipt; what was not paid leads back to its review."""
    draft = _payment(request, instruction_id)
    if draft.state != State.POSTED:
        return redirect("card_review", draft.id)
    return render(request, "cards/receipt.html", {"draft": draft, "paper": papers.paper_of(draft)})


@require_safe
def card_receipt_pdf(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """The receipt as a paper, in the language of the page."""
    paper = papers.paper_of(_payment(request, instruction_id))
    language, actor = get_language() or "en", actor_from(request)
    content = papers.receipt_pdf(paper, customer=request.customer, language=language, actor=actor)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="wekeza-card-{paper.reference}.pdf"'
    return response


def _payment(request: CustomerRequest, instruction_id: uuid.UUID) -> Instruction:
    draft = _own(request, instruction_id)
    if draft.kind not in kinds.PAYMENTS:
        raise Http404
    return draft
