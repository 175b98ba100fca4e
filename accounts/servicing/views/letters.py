"""Letters: asked for, paid for where they cost something, and read."""

import uuid
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import instructions, wording
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from accounts.selectors import account_for, accounts_of, payers_among
from accounts.servicing import kinds, letters, papers
from accounts.servicing.forms import LetterForm
from accounts.servicing.pricing import Price
from accounts.servicing.views.shared import off_notice
from accounts.servicing.words import LETTERS
from wekeza_portal import clock, ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import TooMany

DRAFTS = ratelimit.Policy("letter-drafts", 60, timedelta(hours=1))
State = Instruction.State


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: CustomerRequest, kind: str) -> HttpResponse:
    """About which account and for whom. A free letter is made by it; one that costs something is reviewed first."""
    if notice := off_notice():
        return render(request, "servicing/off.html", {"notice": notice})
    context: dict[str, Any] = {"title": LETTERS[kind], "kind": kind, "address": request.path}
    try:
        price = letters.price(kind)
    except PortalError as refusal:
        return render(request, "servicing/letter_new.html", context | {"refusal": str(refusal)})
    form = _form(request, price)
    if request.method == "POST" and form.is_valid():
        where = _asked(request, kind, form, price)
        if where is not None:
            return HttpResponseRedirect(where, status=303)
    has_payer = price.is_free or bool(form.fields["pay_from"].choices)  # type: ignore[attr-defined] # a choice field
    can_ask = bool(form.fields["account"].choices) and has_payer  # type: ignore[attr-defined] # a choice field
    return render(request, "servicing/letter_new.html", context | {"form": form, "price": price, "can_ask": can_ask})


def _form(request: CustomerRequest, price: Price) -> LetterForm:
    accounts = accounts_of(request.customer)
    options: dict[str, Any] = {"accounts": accounts, "payers": payers_among(accounts), "is_free": price.is_free}
    if request.method == "POST":
        return LetterForm(request.POST, **options)
    kept = restored(request) or request.GET
    return LetterForm(initial={name: kept.get(name, "")[:200] for name in LetterForm.base_fields}, **options)


def _asked(request: CustomerRequest, kind: str, form: LetterForm, price: Price) -> str | None:
    """Where to go on; None with the refusal in the form."""
    customer, typed = request.customer, form.cleaned_data
    ratelimit.consume(DRAFTS, str(customer.user_id))
    try:
        if price.is_free:
            actor = actor_from(request)
            return reverse("letter", args=[letters.write_free(customer, kind, **typed, actor=actor).pk])
        return reverse("letter_review", args=[letters.prepare(customer, kind, **typed).id])
    except TooMany:
        raise
    except PortalError as refusal:
        words = wording.refusal_for(request.user, refusal)
        form.add_error(refusal.field if refusal.field in form.fields else None, words)
        return None


@require_safe
def review(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Everything once more before it is paid; the letter itself, once it is."""
    draft = _own(request, instruction_id)
    if draft.state == State.POSTED:
        return redirect("letter", draft.id)
    return _review(request, draft, refusal=off_notice())


def _own(request: CustomerRequest, instruction_id: uuid.UUID) -> Instruction:
    """The customer's own, and about a letter; Http404 alike for all others."""
    draft = instructions.get(request.customer, instruction_id)
    if draft.kind != letters.KIND:
        raise Http404
    return draft


def _review(request: CustomerRequest, draft: Instruction, refusal: str) -> HttpResponse:
    is_over = draft.state == State.CANCELLED or draft.expires_at <= clock.now()
    context: dict[str, Any] = {"draft": draft, "facts": kinds.facts_of(draft), "is_over": is_over}
    context["refusal"] = "" if is_over else refusal
    try:
        source = account_for(request.customer, draft.payload["from_number"])
        context["balance_after"] = source.booked - draft.amount
    except Http404:  # the account is the customer's no longer: confirming says so
        context["balance_after"] = None
    return render(request, "servicing/letter_review.html", context)


@require_POST
def confirm(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Pay and make the letter, once."""
    draft = _own(request, instruction_id)
    try:
        instructions.confirm(customer=request.customer, instruction_id=draft.id, actor=actor_from(request))
    except PortalError as refusal:
        return _review(request, _own(request, instruction_id), refusal=wording.refusal_for(request.user, refusal))
    return HttpResponseRedirect(reverse("letter", args=[draft.id]), status=303)


@require_POST
def cancel(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Give up a draft; the review page then says so."""
    draft = _own(request, instruction_id)
    instructions.cancel(customer=request.customer, instruction_id=draft.id, actor=actor_from(request))
    return HttpResponseRedirect(reverse("letter_review", args=[draft.id]), status=303)


@require_safe
def letter(request: CustomerRequest, letter_id: uuid.UUID) -> HttpResponse:
    """What the letter says, and the receipt of what was paid for it."""
    row = letters.letter_for(request.customer, letter_id)
    context: dict[str, Any] = {
        "letter": row,
        "title": LETTERS[row.kind],
        "kind_words": wording.KINDS.get(row.account_kind, row.account_kind),
    }
    if row.reference:
        paid = instructions.get(request.customer, row.pk)
        context |= {"balance_after": papers.balance_after(paid), "is_returned": papers.is_returned(row.reference)}
        context["paid_from"] = paid.payload["from_number"]
    return render(request, "servicing/letter.html", context)


@require_safe
def letter_pdf(request: CustomerRequest, letter_id: uuid.UUID) -> HttpResponse:
    """The letter as a paper, in the language of the page."""
    row = letters.letter_for(request.customer, letter_id)
    content = papers.letter_pdf(row, language=get_language() or "en", actor=actor_from(request))
    return _paper(content, f"wekeza-letter-{row.made_at.astimezone(clock.NAIROBI):%Y-%m-%d}.pdf")


@require_safe
def receipt_pdf(request: CustomerRequest, letter_id: uuid.UUID) -> HttpResponse:
    """The receipt as a paper; a free letter has none."""
    row = letters.letter_for(request.customer, letter_id)
    if not row.reference:
        raise Http404
    language, actor = get_language() or "en", actor_from(request)
    content = papers.receipt_pdf(row, customer=request.customer, language=language, actor=actor)
    return _paper(content, f"wekeza-letter-receipt-{row.reference}.pdf")


def _paper(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
