"""The code before money goes to someone new, or much of it."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import instructions, wording
from accounts.identity import codes, stepup
from accounts.identity.forms import CodeForm
from accounts.identity.views.refusals import refuse
from accounts.identity.views.sign_in import sent_notice, wanted_channel
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from wekeza_portal.errors import PortalError
from wekeza_portal.registry import instruction_kinds


@require_http_methods(["GET", "HEAD", "POST"])
def step_up(request: CustomerRequest) -> HttpResponse:
    """Send the code for one instruction, once; the right code does it in that POST and leads to the receipt."""
    instruction = _instruction(request)
    if instruction.state != Instruction.State.DRAFT:
        return redirect(_address_of(instruction))
    try:
        instructions.refuse_while_held(instruction)
    except instructions.Held as held:
        return HttpResponseRedirect(held.address, status=303)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            stepup.prove_code(instruction, request.customer, form.cleaned_data["code"])
        except PortalError as error:
            return refuse(request, "identity/step_up.html", form, error, **_context(instruction))
        return _perform(request, instruction)
    try:
        stepup.sent_code(instruction, request.customer, request.user.language)
    except PortalError as error:
        messages.error(request, wording.refusal_for(request.user, error))
        return redirect(_address_of(instruction))
    return render(request, "identity/step_up.html", {"form": form, **_context(instruction)})


@require_POST
def step_up_resend(request: CustomerRequest) -> HttpResponse:
    """Another code for the same instruction, by SMS or e-mail; the one before is void."""
    instruction = _instruction(request)
    try:
        instructions.refuse_while_held(instruction)
        codes.refuse_if_too_soon(stepup.STEP_UP, stepup.binding(instruction))
        sent = stepup.send_code(
            instruction,
            request.customer,
            request.user.language,
            wanted_channel(request),
        )
        messages.success(request, sent_notice(sent))
    except instructions.Held as held:
        return HttpResponseRedirect(held.address, status=303)
    except PortalError as error:
        messages.error(request, wording.refusal_for(request.user, error))
    return redirect(f"{reverse('step_up')}?for={instruction.id}")


def _perform(request: CustomerRequest, instruction: Instruction) -> HttpResponse:
    kind = instruction_kinds.get(instruction.kind)
    try:
        stepup.perform(request, instruction, request.customer)
    except instructions.Held as held:
        return HttpResponseRedirect(held.address, status=303)
    except PortalError as error:
        messages.error(request, wording.refusal_for(request.user, error))
        return HttpResponseRedirect(kind.review_url(instruction), status=303)
    kind.afterwards(request, instruction)
    return HttpResponseRedirect(kind.receipt_url(instruction), status=303)


def _instruction(request: CustomerRequest) -> Instruction:
    try:
        wanted = uuid.UUID(request.GET.get("for", ""))
    except ValueError:
        raise Http404 from None
    instruction = instructions.get_any(request.customer, wanted)
    instruction.customer = request.customer  # known already: not asked for again
    return instruction


def _address_of(instruction: Instruction) -> str:
    """The receipt of what is done, the review page of what is not."""
    kind = instruction_kinds.get(instruction.kind)
    is_done = instruction.state in (Instruction.State.POSTED, Instruction.State.DONE)
    return kind.receipt_url(instruction) if is_done else kind.review_url(instruction)


def _context(instruction: Instruction) -> dict[str, object]:
    return {
        "here": f"{reverse('step_up')}?for={instruction.id}",
        "resend": f"{reverse('step_up_resend')}?for={instruction.id}",
        "about": stepup.describe(instruction),
        "is_act": instruction_kinds.get(instruction.kind).is_act,
        "review": instruction_kinds.get(instruction.kind).review_url(instruction),
        **codes.standing(codes.latest(stepup.STEP_UP, stepup.binding(instruction))),
        "closed": codes.closed_ways(),
    }
