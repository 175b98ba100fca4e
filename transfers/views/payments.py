"""One payment: checking it, confirming it, its receipt."""

import uuid
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import instructions, limits, rules, wording
from accounts.freezing.state import notice_of
from accounts.identity.actors import actor_from
from accounts.identity.middleware import not_a_sign_of_life
from accounts.ledger import PostingKind
from accounts.models import BranchCustomer, Instruction
from accounts.requests import CustomerRequest
from accounts.selectors import AccountSummary, account_for
from transfers import receivers
from transfers.addresses import PAGES, address_like
from transfers.destinations import Kind
from transfers.mailing import mail_receipt
from transfers.models import PaymentFile
from transfers.outside.executing import destination_of
from transfers.outside.instead import WAYS, look_around
from transfers.outside.kinds import KINDS
from transfers.outside.obstacles import Obstacles
from transfers.outside.papers import broker_note
from transfers.outside.reviewing import figures_for_review, outside_words
from transfers.outside.selectors import life, life_of
from transfers.papers import given_out, receipt_pdf, stop_checks
from transfers.payees import newness, pausing
from transfers.selectors import paper_of
from transfers.sharing import share_of
from transfers.views import across
from transfers.views.shared import off_notice, see_other
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.registry import instruction_kinds
from wekeza_portal.staff import switches


def _notice(instruction: Instruction, found: Obstacles | None = None) -> str:
    """Why this payment can't go now: everything is stopped, or what it needs is switched off; empty where it can.

    `found` where it is known already what stands in the way.
    """
    stops = instruction_kinds.get(instruction.kind).stops_with_a_freeze
    if stops and (stopped := notice_of(instruction.customer_id)):
        return stopped
    if instruction.kind == PaymentFile.KIND:  # its rows go many ways, each looked at when it is paid
        return ""
    if instruction.kind not in KINDS:
        return off_notice(switches.INTERNAL_TRANSFERS)
    kind = KINDS[instruction.kind]
    needed = (kind.switch, kind.rail_for(destination_of(instruction)))
    if found is None:
        return off_notice(*needed)
    return next((found.off[code] for code in needed if code in found.off), "")


@require_safe
def payment_review(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Everything once more before anything is sent; what became of it, once something did."""
    instruction = instructions.get(request.customer, instruction_id)
    if instruction.state == Instruction.State.POSTED:
        return redirect("payment_receipt", instruction.id)
    found = look_around() if instruction.kind in WAYS else None
    notice = _notice(instruction, found)
    return _review(request, instruction, refusal=notice, is_off=bool(notice), found=found)


def _review(
    request: CustomerRequest,
    instruction: Instruction,
    refusal: str = "",
    *,
    is_off: bool = False,
    found: Obstacles | None = None,
) -> HttpResponse:
    if instruction.kind not in PAGES:  # a standing order, a file: with a page of its own that says what is wrong
        return redirect(instruction_kinds.get(instruction.kind).review_url(instruction))
    expired = instruction.expires_at <= clock.now()
    if instruction.state == Instruction.State.CANCELLED or expired:
        context = {
            "instruction": instruction,
            "payload": instruction.payload,
            "payee": receivers.in_short(instruction.payload),
            "change_url": address_like(instruction),
        }
        return render(request, "transfers/not_sent.html", context)
    figures = figures_for_review(request.customer)
    context = _review_context(request.customer, instruction, refusal, figures)
    context |= across.from_draft(request.customer, instruction, found=found, figures=figures, is_off=is_off)
    return render(request, "transfers/review.html", context)


def _review_context(
    customer: BranchCustomer, instruction: Instruction, refusal: str, figures: limits.Figures
) -> dict[str, Any]:
    source = _paying_account(customer, instruction)
    room = limits.room(customer, figures=figures)
    total = instruction.amount + instruction.fee
    instruction.customer = customer  # known already: not asked for again
    is_new = instructions.is_new_payee(instruction)
    outside = outside_words(customer, instruction, figures) if instruction.kind in KINDS else {}
    return {
        "instruction": instruction,
        "payload": instruction.payload,
        "source": source,
        "is_own": instruction.kind == PostingKind.TRANSFER_OWN,
        "payee": receivers.in_short(instruction.payload),
        "company": receivers.company_of(instruction.payload),
        "excise": Decimal(instruction.payload.get("excise", "0.00")),
        "total": total,
        "balance_after": source.booked - total if source else None,
        "spendable_after": rules.available(source.booked - total, source.minimum) if source else None,
        "needs_code": instructions.needs_step_up(instruction, room=room, is_new=is_new),
        "room": room,
        "change_url": address_like(instruction),
        "new_room": newness.room(customer, instruction.payee_key, was_paid=False) if is_new and not outside else None,
        "refusal": refusal,
        **outside,
    }


def _paying_account(customer: BranchCustomer, instruction: Instruction) -> AccountSummary | None:
    """The account the money would leave; None when it is the customer's no longer."""
    try:
        return account_for(customer, instruction.payload["from_number"])
    except Http404:
        return None


@require_POST
def payment_confirm(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Do it, once: a second confirm leads to the same receipt."""
    return confirm_now(request, instruction_id)


def confirm_now(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Do it, or lead to what stands before it: a question, a code, or why it can't be done."""
    try:
        instructions.confirm(customer=request.customer, instruction_id=instruction_id, actor=actor_from(request))
    except instructions.StepUpRequired:
        instruction = instructions.get(request.customer, instruction_id)
        if notice := _notice(instruction):  # no code for what can't be done
            return _review(request, instruction, refusal=notice, is_off=True)
        return HttpResponseRedirect(f"{reverse('step_up')}?for={instruction_id}", status=303)
    except instructions.Held as held:
        pausing.note_shown(instructions.get(request.customer, instruction_id))
        return HttpResponseRedirect(held.address, status=303)
    except PortalError as refusal:
        instruction = instructions.get(request.customer, instruction_id)
        words = wording.refusal_for(request.user, refusal)
        if instruction.kind == PaymentFile.KIND:
            messages.error(request, words)
            return see_other("payment_file", instruction.payload["file"])
        return _review(request, instruction, refusal=words, is_off=isinstance(refusal, switches.SwitchedOff))
    return see_other("payment_receipt", instruction_id)


@require_POST
def payment_cancel(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Give up a draft; the review page then says so."""
    instructions.cancel(customer=request.customer, instruction_id=instruction_id, actor=actor_from(request))
    return see_other("payment_review", instruction_id)


@require_safe
def payment_receipt(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """The permanent receipt; a payment that was not sent leads back to its review."""
    instruction = instructions.get(request.customer, instruction_id)
    if instruction.state != Instruction.State.POSTED:
        return redirect("payment_review", instruction.id)
    if instruction.kind not in PAGES:  # a card: with a receipt of its own
        return redirect(instruction_kinds.get(instruction.kind).receipt_url(instruction))
    paper = paper_of(instruction)
    papers = given_out(paper, request.customer)
    context = {
        "instruction": instruction,
        "paper": paper,
        "life": life(paper.payment) if paper.payment else None,
        "is_broker": instruction.kind == Kind.CDSC_TRANSFER,
        "email": wording.masked_email(request.customer.email or ""),
        "can_be_verified": bool(papers),
        "share": share_of(paper, request.customer, papers, get_language() or "en"),
        "again_url": address_like(instruction),
        "across": across.from_returned(request.customer, instruction) if paper.is_returned else None,
        "can_be_kept": bool(instruction.payee_key) and not paper.is_returned,
    }
    return render(request, "transfers/receipt.html", context)


@not_a_sign_of_life
@require_safe
def payment_state(request: CustomerRequest, instruction_id: uuid.UUID) -> JsonResponse:
    """What the receipt asks by itself while a payment is on its way: whether looking again would show anything new."""
    life = life_of(instructions.get(request.customer, instruction_id))
    if life is None:
        raise Http404
    return JsonResponse({"stamp": life.stamp, "is_open": life.is_open})


@require_safe
def payment_receipt_pdf(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """The receipt as a paper, in the language of the page."""
    paper = paper_of(instructions.get(request.customer, instruction_id))
    content = receipt_pdf(paper, customer=request.customer, language=get_language() or "en", actor=actor_from(request))
    return _as_file(content, f"wekeza-receipt-{paper.reference}.pdf")


@require_safe
def payment_broker_note(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """The confirmation note for the broker, in the language of the page; 404 for payments to anybody else."""
    instruction = instructions.get(request.customer, instruction_id)
    paper = paper_of(instruction)
    language, actor = get_language() or "en", actor_from(request)
    content = broker_note(instruction, paper, customer=request.customer, language=language, actor=actor)
    return _as_file(content, f"wekeza-confirmation-{paper.reference}.pdf")


def _as_file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
def payment_receipt_mail(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Send the receipt to the address the bank knows, and to no other."""
    instruction = instructions.get(request.customer, instruction_id)
    paper = paper_of(instruction)
    try:
        address = mail_receipt(paper, customer=request.customer, actor=actor_from(request))
    except PortalError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Sent to %(address)s. It arrives within a few minutes.") % {"address": address})
    return see_other("payment_receipt", instruction_id)


@require_POST
def payment_share(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Give out a paper that can be verified, so that there is something to share; then back to the receipt."""
    paper = paper_of(instructions.get(request.customer, instruction_id))
    receipt_pdf(paper, customer=request.customer, language=get_language() or "en", actor=actor_from(request))
    return HttpResponseRedirect(f"{reverse('payment_receipt', args=[instruction_id])}#share", status=303)


@require_POST
def payment_receipt_stop(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Stop the papers of this payment from being verified by those who hold them."""
    paper = paper_of(instructions.get(request.customer, instruction_id))
    stop_checks(paper, customer=request.customer, actor=actor_from(request))
    messages.success(request, _("Stopped: nobody can verify the papers of this payment any more."))
    return see_other("payment_receipt", instruction_id)
