"""The pages of Move: choose, fill in, check, confirm, receipt."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import instructions, limits, rules, wording
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.ledger import PostingKind
from accounts.models import BranchCustomer, Instruction
from accounts.requests import CustomerRequest
from accounts.selectors import AccountSummary, account_for, accounts_of, payers_among
from transfers import services
from transfers.forms import OwnTransferForm, WekezaTransferForm
from transfers.papers import can_be_verified, receipt_pdf, stop_checks
from transfers.selectors import paper_of, recent_payees
from wekeza_portal import clock, ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import switches

DRAFTS = ratelimit.Policy("transfer-drafts", 60, timedelta(hours=1))
"""Payments a customer may prepare: far more than anybody needs, far fewer than would fill a disk."""

require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def move(request: CustomerRequest) -> HttpResponse:
    """Where money can go from here."""
    accounts = accounts_of(request.customer)
    context = {
        "accounts": accounts,
        "can_pay": bool(payers_among(accounts)),
        "payees": recent_payees(request.customer),
        "room": limits.room(request.customer),
        "notice": _notice(),
    }
    return render(request, "transfers/move.html", context)


def _notice() -> str:
    """What the bank says while transfers are switched off; empty while they are on."""
    row = switches.off_row(switches.INTERNAL_TRANSFERS)
    return switches.notice_of(row) if row is not None else ""


@require_get_or_post
def move_wekeza(request: CustomerRequest) -> HttpResponse:
    """Fill in a transfer to any Wekeza customer."""
    return _fill_in(request, WekezaTransferForm, "transfers/wekeza.html")


@require_get_or_post
def move_own(request: CustomerRequest) -> HttpResponse:
    """Fill in a transfer between the customer's own accounts."""
    return _fill_in(request, OwnTransferForm, "transfers/own.html")


def _fill_in(request: CustomerRequest, form_class: type[WekezaTransferForm], template: str) -> HttpResponse:
    notice = _notice()
    if notice:
        return render(request, "transfers/off.html", {"notice": notice})
    accounts = accounts_of(request.customer)
    hide_amounts = request.user.hide_amounts
    if request.method == "POST":
        form = form_class(request.POST, accounts=accounts, hide_amounts=hide_amounts)
        instruction = _prepare(request, form)
        if instruction is not None:
            return _see_other("payment_review", instruction.id)
    else:
        form = form_class(initial=_typed_before(request), accounts=accounts, hide_amounts=hide_amounts)
    context = {
        "form": form,
        "accounts": accounts,
        "can_pay": bool(payers_among(accounts)),
        "room": limits.room(request.customer),
    }
    return render(request, template, context)


def _prepare(request: CustomerRequest, form: WekezaTransferForm) -> Instruction | None:
    """The draft, or None with the refusal beside the field it is about."""
    if not form.is_valid():
        return None
    typed = form.cleaned_data
    ratelimit.consume(DRAFTS, str(request.customer.user_id))
    try:
        return services.prepare_transfer(
            request.customer,
            from_number=typed["from_account"],
            to_number=typed["to_account"],
            amount=typed["amount"],
            note=typed["note"],
            actor=actor_from(request),
        )
    except PortalError as refusal:
        words = wording.refusal_for(request.user, refusal)
        form.add_error(refusal.field if refusal.field in form.fields else None, words)
        return None


def _typed_before(request: CustomerRequest) -> dict[str, Any]:
    """What the form starts with: kept from an ended session, an earlier payment (?like=), or a number (?to=)."""
    kept = restored(request)
    if kept is not None:
        return {name: kept.get(name, "") for name in ("from_account", "to_account", "amount", "note")}
    like = _uuid_or_none(request.GET.get("like", ""))
    if like is not None:
        instruction = instructions.get(request.customer, like)
        payload = instruction.payload
        return {
            "from_account": payload["from_number"],
            "to_account": payload["to_number"],
            "amount": f"{instruction.amount:,.2f}",
            "note": payload["note"],
        }
    return {"to_account": request.GET["to"][:20]} if "to" in request.GET else {}


def _uuid_or_none(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@require_safe
def payment_review(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Everything once more before anything is sent; what became of it, once something did."""
    instruction = instructions.get(request.customer, instruction_id)
    if instruction.state == Instruction.State.POSTED:
        return redirect("payment_receipt", instruction.id)
    return _review(request, instruction, refusal=_notice())


def _review(request: CustomerRequest, instruction: Instruction, refusal: str = "") -> HttpResponse:
    expired = instruction.expires_at <= clock.now()
    if instruction.state == Instruction.State.CANCELLED or expired:
        context = {"instruction": instruction, "payload": instruction.payload, "change_url": _change_url(instruction)}
        return render(request, "transfers/not_sent.html", context)
    return render(request, "transfers/review.html", _review_context(request.customer, instruction, refusal))


def _review_context(customer: BranchCustomer, instruction: Instruction, refusal: str) -> dict[str, Any]:
    source = _paying_account(customer, instruction)
    total = instruction.amount + instruction.fee
    instruction.customer = customer  # known already: not asked for again
    return {
        "instruction": instruction,
        "payload": instruction.payload,
        "source": source,
        "is_own": instruction.kind == PostingKind.TRANSFER_OWN,
        "total": total,
        "balance_after": source.booked - total if source else None,
        "spendable_after": rules.available(source.booked - total, source.minimum) if source else None,
        "needs_code": instructions.needs_step_up(instruction),
        "change_url": _change_url(instruction),
        "refusal": refusal,
    }


def _paying_account(customer: BranchCustomer, instruction: Instruction) -> AccountSummary | None:
    """The account the money would leave; None when it is the customer's no longer."""
    try:
        return account_for(customer, instruction.payload["from_number"])
    except Http404:
        return None


def _change_url(instruction: Instruction) -> str:
    name = "move_own" if instruction.kind == PostingKind.TRANSFER_OWN else "move_wekeza"
    return f"{reverse(name)}?like={instruction.id}"


@require_POST
def payment_confirm(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Do it, once: a second confirm leads to the same receipt."""
    try:
        instructions.confirm(customer=request.customer, instruction_id=instruction_id, actor=actor_from(request))
    except instructions.StepUpRequired:
        if notice := _notice():  # no code for what can't be done
            return _review(request, instructions.get(request.customer, instruction_id), refusal=notice)
        return HttpResponseRedirect(f"{reverse('step_up')}?for={instruction_id}", status=303)
    except PortalError as refusal:
        instruction = instructions.get(request.customer, instruction_id)
        return _review(request, instruction, refusal=wording.refusal_for(request.user, refusal))
    return _see_other("payment_receipt", instruction_id)


@require_POST
def payment_cancel(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Give up a draft; the review page then says so."""
    instructions.cancel(customer=request.customer, instruction_id=instruction_id, actor=actor_from(request))
    return _see_other("payment_review", instruction_id)


@require_safe
def payment_receipt(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """The permanent receipt; a payment that was not sent leads back to its review."""
    instruction = instructions.get(request.customer, instruction_id)
    if instruction.state != Instruction.State.POSTED:
        return redirect("payment_review", instruction.id)
    paper = paper_of(instruction)
    context = {
        "instruction": instruction,
        "paper": paper,
        "can_be_verified": can_be_verified(paper, request.customer),
        "again_url": _change_url(instruction),
    }
    return render(request, "transfers/receipt.html", context)


@require_safe
def payment_receipt_pdf(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """The receipt as a paper, in the language of the page."""
    paper = paper_of(instructions.get(request.customer, instruction_id))
    content = receipt_pdf(paper, customer=request.customer, language=get_language() or "en", actor=actor_from(request))
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="wekeza-receipt-{paper.reference}.pdf"'
    return response


@require_POST
def payment_receipt_stop(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Stop the papers of this payment from being verified by those who hold them."""
    paper = paper_of(instructions.get(request.customer, instruction_id))
    stop_checks(paper, customer=request.customer, actor=actor_from(request))
    messages.success(request, _("Stopped: nobody can verify the papers of this payment any more."))
    return _see_other("payment_receipt", instruction_id)


def _see_other(name: str, instruction_id: uuid.UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(name, args=[instruction_id]), status=303)
