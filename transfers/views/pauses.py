"""The question before a large payment to somebody new."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts import instructions, wording
from accounts.identity.actors import actor_from
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from transfers import receivers
from transfers.models import PaymentFile, ScamPause, StandingOrder
from transfers.payees import pausing
from transfers.payees.forms import ScamAnswerForm
from transfers.views.payments import confirm_now
from transfers.views.shared import require_get_or_post, see_other
from transfers.views.standing import standing_confirm
from wekeza_portal import clock
from wekeza_portal.errors import PortalError

PAYMENT_PAGES = {"review": "payment_review", "confirm": "payment_confirm", "cancel": "payment_cancel"}
ORDER_PAGES = {"review": "standing_review", "confirm": "standing_confirm", "cancel": "standing_cancel"}
"""What is said there about a refusal is about an order."""


@require_get_or_post
def payment_pause(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """One question, or how long the payment waits and why; a payment that needs neither leads to its review."""
    instruction = instructions.get(request.customer, instruction_id)
    if request.method == "POST":
        return _answer(request, instruction)
    if instruction.state != Instruction.State.DRAFT or instruction.expires_at <= clock.now():
        return redirect("payment_review", instruction.id)
    instruction.customer = request.customer
    standing = pausing.standing_of(instruction)
    if standing.until is None and not standing.was_asked_for and not standing.asked_about:
        return redirect("payment_review", instruction.id)
    asked_about = [] if standing.until or standing.was_asked_for else standing.asked_about
    context = {
        "instruction": instruction,
        "until": standing.until,
        "asks": bool(asked_about),
        "payee": _name(instruction),
        "pages": ORDER_PAGES if instruction.kind == StandingOrder.KIND else PAYMENT_PAGES,
        "rows": [(_name(row), row) for row in asked_about] if instruction.kind == PaymentFile.KIND else [],
    }
    return render(request, "transfers/payees/pause.html", context)


def _name(instruction: Instruction) -> str:
    if instruction.kind in (StandingOrder.KIND, PaymentFile.KIND):
        return str(instruction.payload["to_name"] or instruction.payload["to_at"])
    return receivers.in_short(instruction.payload)


def _answer(request: CustomerRequest, instruction: Instruction) -> HttpResponse:
    form = ScamAnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, wording.refusal_for(request.user, pausing.ChooseAnAnswer()))
        return see_other("payment_pause", instruction.id)
    try:
        row = pausing.answer(request.customer, instruction.id, form.cleaned_data["answer"], actor_from(request))
    except PortalError as refusal:
        messages.error(request, wording.refusal_for(request.user, refusal))
        return see_other("payment_review", instruction.id)
    if row.answer == ScamPause.Answer.ASKED:
        return see_other("payment_pause", instruction.id)
    if instruction.kind == StandingOrder.KIND:
        return standing_confirm(request, instruction.id)
    return confirm_now(request, instruction.id)
