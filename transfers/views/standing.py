"""Setting up a payment for later or a regular one: filling in, checking, confirming with a code."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts import instructions, wording
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.ledger import PostingKind
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of
from transfers.destinations import Kind
from transfers.models import Biller, StandingOrder
from transfers.outside.kinds import KINDS
from transfers.outside.preparing import Wish
from transfers.outside.selectors import typed_again
from transfers.standing import forms, selectors, setting
from transfers.standing import what as whats
from transfers.views.shared import (
    DRAFTS,
    look_at_source,
    off_notice,
    refuse,
    require_get_or_post,
    see_other,
    uuid_or_none,
)
from wekeza_portal import calendar, ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import switches


@dataclass(frozen=True, slots=True)
class Page:
    """One form: what it asks, what it is called."""

    form: type[forms.PlanFields]
    heading: Any


PAGES = {
    str(PostingKind.TRANSFER_INTERNAL): Page(forms.LaterWekeza, _("To a Wekeza customer")),
    str(Kind.MOBILE_MONEY): Page(forms.LaterMobile, _("To a phone")),
    str(Kind.BANK_TRANSFER): Page(forms.LaterBank, _("To another bank")),
    str(Kind.BILL_PAYMENT): Page(forms.LaterBill, _("Pay a bill")),
    str(Kind.AIRTIME): Page(forms.LaterAirtime, _("Buy airtime")),
    str(Kind.CDSC_TRANSFER): Page(forms.LaterCdsc, _("To a stockbroker")),
    str(PostingKind.TRANSFER_OWN): Page(forms.LaterOwn, _("Between my accounts")),
}
"""By the kind of instruction."""


@require_get_or_post
def standing_new(request: CustomerRequest) -> HttpResponse:
    """Fill in one kind of payment (?kind=) and when; ?like= an earlier payment, or ?order= an order, fills it in."""
    kind = request.GET.get("kind", "")
    if kind not in PAGES:
        return redirect("standing")
    known = _known(request, kind)
    options: dict[str, Any] = {"accounts": accounts_of(request.customer)}
    if kind == Kind.BILL_PAYMENT:
        code = request.GET.get("biller") or known.get("biller", "")
        options["biller"] = Biller.objects.filter(code=code[:30]).first()
        if options["biller"] is None or not options["biller"].can_be_paid:
            return redirect("move_bills")
    notice = off_notice(KINDS[kind].switch if kind in KINDS else switches.INTERNAL_TRANSFERS)
    if notice:
        return render(request, "transfers/off.html", {"notice": notice})
    page = PAGES[kind]
    if request.method == "POST":
        form = page.form(request.POST, **options)
        draft = _prepare(request, form)
        if draft is not None:
            return see_other("standing_review", draft.id)
    else:
        form = page.form(initial=_kept(request, page, options.get("biller")) or known, **options)
    context = {"form": form, "heading": page.heading, "action": request.get_full_path(), **options}
    return render(request, "transfers/standing/form.html", context)


def _kept(request: CustomerRequest, page: Page, biller: Biller | None) -> dict[str, Any]:
    """What was typed when the session ran out, if it was typed for this kind of payment and this biller.

    All kinds have one address: a meter's number must not come back where a bank account's is asked for.
    """
    kept = restored(request)
    if kept is None or not set(kept) <= set(page.form.base_fields):
        return {}
    if biller is not None and kept.get("biller") != biller.code:
        return {}
    return {name: kept.get(name, "") for name in page.form.base_fields}


def _known(request: CustomerRequest, kind: str) -> dict[str, Any]:
    """What the form starts with, of an earlier payment or an order of the customer's own and of this kind."""
    like = uuid_or_none(request.GET.get("like", ""))
    if like is None:
        return selectors.typed_of(request.customer, request.GET.get("order", ""), kind) or {}
    instruction = instructions.get(request.customer, like)
    if instruction.kind == setting.KIND:
        order = setting.drafted(instruction)
        fields = {**selectors.fields_of(order), **{name: getattr(order, name) for name in setting.PLAN_FIELDS}}
        return {**fields, "biller": order.payload.get("values", {}).get("biller", "")} if order.kind == kind else {}
    if instruction.kind != kind:
        return {}
    payload = instruction.payload
    if kind in KINDS:
        return {**typed_again(instruction), "biller": payload["values"].get("biller", "")}
    fields = {"from_account": payload["from_number"], "to_account": payload["to_number"], "note": payload["note"]}
    return {**fields, "amount": f"{instruction.amount:,.2f}"}


def _prepare(request: CustomerRequest, form: forms.PlanFields) -> Instruction | None:
    """The draft, or None with the refusal beside the field it is about."""
    if not form.is_valid():
        look_at_source(request, form)
        return None
    ratelimit.consume(DRAFTS, str(request.customer.user_id))
    try:
        return setting.prepare(request.customer, _what(request, form), form.plan())
    except PortalError as refusal:
        refuse(request, form, refusal)
        return None


def _what(request: CustomerRequest, form: Any) -> whats.What:
    typed, actor = form.cleaned_data, actor_from(request)
    common = {"from_number": typed["from_account"], "amount": typed["amount"], "note": typed["note"]}
    if "to_account" in typed:
        return whats.transfer(request.customer, to_number=typed["to_account"], actor=actor, **common)
    wish = Wish(destination=form.destination(), typed_name=form.typed_name, **common)
    return whats.payment(request.customer, wish, actor=actor)


@require_safe
def standing_review(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Everything once more before it is set up; the order itself, once it is."""
    instruction = _own_draft(request, instruction_id)
    return _review(request, instruction)


def _own_draft(request: CustomerRequest, instruction_id: uuid.UUID) -> Instruction:
    instruction = instructions.get(request.customer, instruction_id)
    if instruction.kind != setting.KIND:
        raise Http404
    return instruction


def _review(request: CustomerRequest, instruction: Instruction, refusal: str = "") -> HttpResponse:
    changes = instruction.payload["order"]
    if instruction.state == Instruction.State.DONE:
        return redirect("standing_order", changes or instruction.id)
    order = setting.drafted(instruction)
    days = calendar.current()
    order.next_nominal = order.begins
    change_url = f"{reverse('standing_new')}?kind={order.kind}&like={instruction.id}"
    if changes:
        change_url = reverse("standing_change", args=[changes])
        order.next_nominal = StandingOrder.objects.get(
            public_id=changes, customer_id=instruction.customer_id
        ).next_nominal
    context = {
        "instruction": instruction,
        "line": selectors.line_of(order),
        "order": order,
        "payload": order.payload,
        "dates": selectors.next_dates(order, days, 3),
        "change_url": change_url,
        "is_change": bool(changes),
        "is_cancelled": instruction.state == Instruction.State.CANCELLED,
        "refusal": refusal,
        "fee": whats.fee_of(order),
    }
    return render(request, "transfers/standing/review.html", context)


@require_POST
def standing_confirm(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Set it up, once: a second confirm leads to the same order."""
    instruction = _own_draft(request, instruction_id)
    try:
        setting.require_on(setting.drafted(instruction))  # no code for what can't be set up
        instructions.confirm(customer=request.customer, instruction_id=instruction_id, actor=actor_from(request))
    except instructions.StepUpRequired:
        return HttpResponseRedirect(f"{reverse('step_up')}?for={instruction_id}", status=303)
    except PortalError as refusal:
        return _review(request, instruction, refusal=wording.refusal_for(request.user, refusal))
    return see_other("standing_review", instruction_id)


@require_POST
def standing_cancel(request: CustomerRequest, instruction_id: uuid.UUID) -> HttpResponse:
    """Give up a draft."""
    _own_draft(request, instruction_id)
    instructions.cancel(customer=request.customer, instruction_id=instruction_id, actor=actor_from(request))
    return see_other("standing_review", instruction_id)
