"""Bringing money in from M-Pesa: the form, its review, what becomes of it, and the receipt."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from accounts import instructions, wording
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.identity.middleware import not_a_sign_of_life
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from accounts.selectors import account_for, accounts_of
from transfers.collecting import selectors
from transfers.collecting.forms import MINE, OTHER, DepositForm
from transfers.collecting.papers import received_pdf
from transfers.collecting.preparing import Wish, bounds, own_msisdn, prepare_deposit, require_on
from transfers.models import Deposit
from transfers.pricing import deposit_quote
from transfers.views.shared import DRAFTS, refuse, require_get_or_post, see_other, uuid_or_none
from wekeza_portal import clock, ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.money import ZERO
from wekeza_portal.rails import paybill


@require_get_or_post
def deposit_mpesa(request: CustomerRequest) -> HttpResponse:
    """Fill in a deposit from M-Pesa: `/save/deposit/mpesa/`."""
    try:
        require_on()
    except PortalError as refusal:
        return render(request, "transfers/collecting/off.html", {"notice": str(refusal)})
    accounts, own = accounts_of(request.customer), own_msisdn(request.customer)
    if request.method == "POST":
        form = DepositForm(request.POST, accounts=accounts, own=own)
        instruction = _prepare(request, form)
        if instruction is not None:
            return see_other("deposit_review", instruction.id)
    else:
        form = DepositForm(initial=_typed_before(request, own), accounts=accounts, own=own)
    context = {
        "form": form,
        "accounts": accounts,
        "allowed": bounds(request.customer),
        "fee": deposit_quote(ZERO, clock.today()).fee,
        "paybill": paybill.number(),
    }
    return render(request, "transfers/collecting/form.html", context)


def _prepare(request: CustomerRequest, form: DepositForm) -> Instruction | None:
    """The draft, or None with each refusal beside the field it is about."""
    ratelimit.consume(DRAFTS, str(request.customer.user_id))
    if not form.is_valid():
        return None
    typed = form.cleaned_data
    try:
        wish = Wish(typed["to_account"], typed["msisdn"], typed["amount"])
        return prepare_deposit(request.customer, wish, actor=actor_from(request))
    except PortalError as refusal:
        refuse(request, form, refusal)
        return None


def _typed_before(request: CustomerRequest, own: str) -> dict[str, Any]:
    """What the form starts with: kept from an ended session, or an earlier deposit (?like=)."""
    kept = restored(request)
    if kept is not None:
        return {name: kept.get(name, "") for name in DepositForm.base_fields}
    like = uuid_or_none(request.GET.get("like", ""))
    if like is None:
        return {}
    instruction = selectors.draft_of(request.customer, like)
    is_mine = instruction.payload["msisdn"] == own
    return {
        "to_account": instruction.payload["to_account"],
        "amount": f"{instruction.amount:,.0f}",
        "whose": MINE if is_mine else OTHER,
        "phone": "" if is_mine else instruction.payload["to_number"],
    }


@require_safe
def deposit_review(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Everything once more before a phone is asked."""
    instruction = selectors.draft_of(request.customer, instruction_id)
    if instruction.state == Instruction.State.DONE:
        return redirect("deposit_page", instruction.id)
    try:
        require_on()
    except PortalError as refusal:
        return _review(request, instruction, str(refusal))
    return _review(request, instruction)


def _review(request: CustomerRequest, instruction: Instruction, refusal: str = "") -> HttpResponse:
    is_over = instruction.state == Instruction.State.CANCELLED or instruction.expires_at <= clock.now()
    try:
        account = account_for(request.customer, instruction.payload["to_account"])
    except Http404:
        account = None
    arrives = instruction.amount - instruction.fee
    context = {
        "instruction": instruction,
        "payload": instruction.payload,
        "account": account,
        "arrives": arrives,
        "balance_after": account.booked + arrives if account and account.has_balance else None,
        "refusal": refusal,
        "change_url": f"{reverse('deposit_mpesa')}?like={instruction.id}",
    }
    return render(request, f"transfers/collecting/{'over' if is_over else 'review'}.html", context)


@require_POST
def deposit_confirm(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Have the phone asked, once: a second confirm leads to the same page."""
    instruction = selectors.draft_of(request.customer, instruction_id)
    if instruction.state != Instruction.State.DONE:
        try:
            instructions.confirm(customer=request.customer, instruction_id=instruction_id, actor=actor_from(request))
        except instructions.StepUpRequired:
            return HttpResponseRedirect(f"{reverse('step_up')}?for={instruction_id}", status=303)
        except PortalError as refusal:
            instruction.refresh_from_db()
            return _review(request, instruction, wording.refusal_for(request.user, refusal))
    return see_other("deposit_page", instruction_id)


@require_safe
def deposit_page(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """What becomes of a deposit; the receipt once it is on the account."""
    deposit = Deposit.objects.filter(pk=instruction_id, customer_id=request.customer.user_id).first()
    if deposit is None:
        return redirect("deposit_review", selectors.draft_of(request.customer, instruction_id).id)
    stage = selectors.stage_of(deposit)
    if stage.received is not None:
        return redirect("received", stage.received.pk)
    return render(request, "transfers/collecting/deposit.html", {"stage": stage, "deposit": deposit})


@not_a_sign_of_life
@require_safe
def deposit_state(request: CustomerRequest, instruction_id: uuid.UUID) -> JsonResponse:
    """What the page asks by itself: whether looking again would show anything new."""
    stage = selectors.stage_of(selectors.deposit_of(request.customer, instruction_id))
    return JsonResponse({"stamp": stage.name, "is_open": stage.is_open})


@require_safe
def received(request: CustomerRequest, incoming_id: uuid.UUID) -> HttpResponse:
    """The permanent receipt of money that came in from M-Pesa."""
    row = selectors.received_of(request.customer, incoming_id)
    context = {"row": row, "paper": selectors.paper_of(row)}
    return render(request, "transfers/collecting/received.html", context)


@require_safe
def received_receipt_pdf(request: CustomerRequest, incoming_id: uuid.UUID) -> HttpResponse:
    """The receipt as a paper, in the language of the page."""
    paper = selectors.paper_of(selectors.received_of(request.customer, incoming_id))
    language, actor = get_language() or "en", actor_from(request)
    content = received_pdf(paper, customer=request.customer, language=language, actor=actor)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="wekeza-deposit-{paper.reference}.pdf"'
    return response
