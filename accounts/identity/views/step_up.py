"""The code before money goes to someone new, or much of it."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import instructions, wording
from accounts.identity import codes, stepup
from accounts.identity.factors import passkeys
from accounts.identity.factors.ways import ways_of
from accounts.identity.views.asking import Asking, asked_way
from accounts.identity.views.refusals import refuse
from accounts.identity.views.sign_in import sent_notice, wanted_channel
from accounts.models import Instruction, Way
from accounts.requests import CustomerRequest
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications.models import Channel
from wekeza_portal.registry import instruction_kinds

PAGE = "identity/step_up.html"


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
    asked = _asking(request, instruction)
    form = asked.form(request)
    if request.method == "POST" and form.is_valid():
        try:
            stepup.prove_code(instruction, request.customer, form.cleaned_data["code"], asked.way)
        except PortalError as error:
            return refuse(request, PAGE, form, error, **_context(instruction, asked))
        return _perform(request, instruction, asked.way)
    try:
        if not asked.way.is_sent:
            instructions.refuse_if_stopped(instruction)
        asked.ask_now()
        if asked.way.is_sent:
            stepup.sent_code(instruction, request.customer, request.user.language, Channel(asked.way.value))
    except PortalError as error:
        messages.error(request, wording.refusal_for(request.user, error))
        return redirect(_address_of(instruction))
    return render(request, PAGE, {"form": form, **_context(instruction, asked)})


@require_POST
def step_up_resend(request: CustomerRequest) -> HttpResponse:
    """Another code for the same instruction, by SMS or e-mail; the one before is void."""
    instruction = _instruction(request)
    wanted = wanted_channel(request)
    try:
        instructions.refuse_while_held(instruction)
        codes.refuse_if_too_soon(stepup.STEP_UP, stepup.binding(instruction))
        sent = stepup.send_code(instruction, request.customer, request.user.language, wanted)
        messages.success(request, sent_notice(sent))
    except instructions.Held as held:
        return HttpResponseRedirect(held.address, status=303)
    except PortalError as error:
        messages.error(request, wording.refusal_for(request.user, error))
    return redirect(_asking(request, instruction).page_of_sent(Way(wanted.value)))


@require_POST
def step_up_passkey(request: CustomerRequest) -> HttpResponse:
    """Ask for the passkey for the same instruction, with a new challenge."""
    instruction = _instruction(request)
    try:
        instructions.refuse_while_held(instruction)
        passkeys.ask(request.user, stepup.binding(instruction))
    except instructions.Held as held:
        return HttpResponseRedirect(held.address, status=303)
    except PortalError as error:
        messages.error(request, wording.refusal_for(request.user, error))
    return redirect(_asking(request, instruction).address(Way.PASSKEY))


def _perform(request: CustomerRequest, instruction: Instruction, way: Way) -> HttpResponse:
    kind = instruction_kinds.get(instruction.kind)
    try:
        stepup.perform(request, instruction, request.customer, way)
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


def _asking(request: CustomerRequest, instruction: Instruction) -> Asking:
    ways = ways_of(request.user, request.customer, confirms=True)
    page, resend, passkey = (
        f"{reverse(name)}?for={instruction.id}" for name in ("step_up", "step_up_resend", "step_up_passkey")
    )
    way = asked_way(request, ways)
    return Asking(ways, way, page, resend, passkey, request.user, stepup.binding(instruction))


def _context(instruction: Instruction, asked: Asking) -> dict[str, object]:
    kind = instruction_kinds.get(instruction.kind)
    return {
        "about": stepup.describe(instruction),
        "is_act": kind.is_act,
        "pays_later": kind.pays_later,
        "review": kind.review_url(instruction),
        **asked.context(codes.latest(stepup.STEP_UP, stepup.binding(instruction))),
    }
