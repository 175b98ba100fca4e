"""The customer's payees: the list, keeping one, its page."""

import uuid
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import instructions, wording
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from transfers.destinations import Kind
from transfers.models import Biller
from transfers.outside.forms import OutsideForm
from transfers.outside.kinds import KINDS
from transfers.outside.selectors import bill_shelves
from transfers.payees import keeping, selectors
from transfers.payees.forms import FORMS, HEADINGS, ExtrasForm
from transfers.payees.waiting import waiting_of
from transfers.views.shared import DRAFTS, off_notice, require_get_or_post, see_other
from wekeza_portal import clock, ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import switches


@require_safe
def payees(request: CustomerRequest) -> HttpResponse:
    """Everybody the customer keeps, by kind; ?text= looks for some of them."""
    text = request.GET.get("text", "")[:60]
    shelves = selectors.kept_by(request.customer, text)
    context = {"shelves": shelves, "text": text, "waiting": waiting_of(request.customer)}
    return render(request, "transfers/payees/list.html", context)


@require_get_or_post
def payee_new(request: CustomerRequest) -> HttpResponse:
    """Keep somebody by hand: ?kind= says what kind, and ?biller= which company."""
    kind = request.GET.get("kind", "")
    if kind not in FORMS:
        return render(request, "transfers/payees/kinds.html", {"kinds": HEADINGS})
    notice = off_notice(KINDS[kind].switch if kind in KINDS else switches.INTERNAL_TRANSFERS)
    if notice:
        return render(request, "transfers/off.html", {"notice": notice})
    biller = Biller.objects.filter(code=request.GET.get("biller", "")[:30]).first()
    if kind == Kind.BILL_PAYMENT and (biller is None or not biller.can_be_paid):
        return render(request, "transfers/payees/billers.html", {"shelves": bill_shelves()})
    options: dict[str, Any] = {"biller": biller} if kind == Kind.BILL_PAYMENT else {}
    if request.method == "POST":
        form = FORMS[kind](request.POST, **options)
        instruction = _prepare(request, form)
        if instruction is not None:
            return see_other("payee_review", instruction.id)
    else:
        form = FORMS[kind](initial=_typed_before(request, kind, options.get("biller")), **options)
    heading = biller.name if biller and options else HEADINGS[kind]
    context = {"form": form, "kind": kind, "heading": heading, "action": request.get_full_path()}
    return render(request, "transfers/payees/new.html", context)


def _typed_before(request: CustomerRequest, kind: str, biller: Biller | None) -> dict[str, str]:
    """What was typed when the session ran out, if it was typed for this kind and this biller: all have one address,
    and a meter's number must not come back where a bank account's is asked for."""
    kept = restored(request)
    if kept is None or (kept.get("kind"), kept.get("biller", "")) != (kind, biller.code if biller else ""):
        return {}
    return {name: kept.get(name, "") for name in FORMS[kind].base_fields}


def _prepare(request: CustomerRequest, form: ExtrasForm) -> Instruction | None:
    """The draft, or None with the refusal beside the field it is about."""
    if not form.is_valid():
        return None
    ratelimit.consume(DRAFTS, str(request.customer.user_id))
    try:
        if isinstance(form, OutsideForm):
            return keeping.prepare_outside(request.customer, form.destination(), form.extras)
        return keeping.prepare_wekeza(request.customer, form.cleaned_data["to_account"], form.extras)
    except PortalError as refusal:
        words = wording.refusal_for(request.user, refusal)
        form.add_error(refusal.field if refusal.field in form.fields else None, words)
        return None


@require_safe
def payee_review(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """What will be kept or changed, once more before a code is sent."""
    act = _act(request, instruction_id)
    if act.state == Instruction.State.DONE:
        return redirect(_done_url(act))
    is_over = act.state == Instruction.State.CANCELLED or act.expires_at <= clock.now()
    is_removal = act.kind == keeping.REMOVE
    is_limit = is_removal or act.kind == keeping.RAISE_LIMIT
    said = {"is_over": is_over, "is_limit": is_limit, "is_removal": is_removal}
    context = {"act": act, "payload": act.payload, **said, **_figures(act)}
    return render(request, "transfers/payees/review.html", context)


def _figures(act: Instruction) -> dict[str, Decimal | None]:
    """The limits of the act in KES, where it has any."""
    texts = {name: act.payload.get(name, "") for name in ("before", "own_limit")}
    return {name: Decimal(text) if text else None for name, text in texts.items()}


def _act(request: CustomerRequest, instruction_id: uuid.UUID) -> Instruction:
    act = instructions.get_act(request.customer, instruction_id)
    if act.kind not in (keeping.KEEP, keeping.RAISE_LIMIT, keeping.REMOVE):
        raise Http404
    return act


def _done_url(act: Instruction) -> str:
    if act.kind == keeping.REMOVE:
        return reverse("payees")
    return reverse("payee", args=[act.payload.get("payee_id", act.id)])


@require_POST
def payee_confirm(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """On to the code, or do it where the code was given a moment ago."""
    act = _act(request, instruction_id)
    try:
        instructions.carry_out(customer=request.customer, instruction_id=act.id, actor=actor_from(request))
    except instructions.StepUpRequired:
        return HttpResponseRedirect(f"{reverse('step_up')}?for={act.id}", status=303)
    except PortalError as refusal:
        messages.error(request, wording.refusal_for(request.user, refusal))
        return see_other("payee_review", act.id)
    return HttpResponseRedirect(_done_url(act), status=303)


@require_POST
def payee_cancel(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Give up keeping or changing; back to the list."""
    act = _act(request, instruction_id)
    instructions.cancel(customer=request.customer, instruction_id=act.id, actor=actor_from(request))
    messages.success(request, _("Nothing was changed."))
    return HttpResponseRedirect(reverse("payees"), status=303)


@require_get_or_post
def payee(request: CustomerRequest, payee_id: uuid.UUID) -> HttpResponse:
    """One payee: who it is, how often paid, what the customer calls it and their own limit."""
    row = selectors.get(request.customer, payee_id)
    form = ExtrasForm(request.POST or None, initial={"nickname": row.nickname, "own_limit": _typed(row.own_limit)})
    if request.method == "POST" and form.is_valid():
        done = _change(request, payee_id, form)
        if done is not None:
            return done
    shown = selectors.shown(request.customer, row)
    context = {"payee": shown, "room": selectors.room(request.customer, row), "form": form}
    return render(request, "transfers/payees/payee.html", context)


def _typed(limit: object) -> str:
    return "" if limit is None else f"{limit:,}"


def _change(request: CustomerRequest, payee_id: uuid.UUID, form: ExtrasForm) -> HttpResponse | None:
    """Where it leads, or None with the refusal on the form. Raising the limit leads to its review."""
    extras, actor = form.extras, actor_from(request)
    try:
        keeping.rename(request.customer, payee_id, extras.nickname, actor)
        act = keeping.set_limit(request.customer, payee_id, extras.own_limit, actor)
    except PortalError as refusal:
        form.add_error(None, wording.refusal_for(request.user, refusal))
        return None
    if act is not None:
        return see_other("payee_review", act.id)
    messages.success(request, _("Saved."))
    return see_other("payee", payee_id)


@require_POST
def payee_remove(request: CustomerRequest, payee_id: uuid.UUID) -> HttpResponse:
    """Take it off the list; one with a limit of the customer's own leads to its review, for that needs a code."""
    row = selectors.get(request.customer, payee_id)
    try:
        act = keeping.remove(request.customer, row.id, actor_from(request))
    except PortalError as refusal:
        messages.error(request, wording.refusal_for(request.user, refusal))
    else:
        if act is not None:
            return see_other("payee_review", act.id)
        messages.success(request, _("Removed from your payees. What you paid stays in your history."))
    return HttpResponseRedirect(reverse("payees"), status=303)


@require_POST
def payment_keep(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Keep the receiver of a payment, from its receipt."""
    try:
        row, is_new = keeping.keep_paid(request.customer, instruction_id, actor_from(request))
    except PortalError as refusal:
        messages.error(request, wording.refusal_for(request.user, refusal))
        return see_other("payment_receipt", instruction_id)
    if is_new:
        messages.success(request, _("Kept. Give it a name you will know it by."))
    return see_other("payee", row.id)
