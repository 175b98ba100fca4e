"""Filling in a payment out of the bank: one page for each kind, all of one pattern."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import instructions, limits, wording
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of, payers_among
from transfers.models import Biller
from transfers.outside.forms import AirtimeForm, BankForm, BillForm, CdscForm, MobileForm, OutsideForm
from transfers.outside.kinds import KINDS
from transfers.outside.preparing import Wish, prepare_payment
from transfers.outside.selectors import terms_of, typed_again
from transfers.payees.selectors import typed_for
from transfers.standing.selectors import typed_of
from transfers.views.shared import DRAFTS, off_notice, require_get_or_post, see_other, uuid_or_none
from wekeza_portal import ratelimit
from wekeza_portal.errors import PortalError


@dataclass(frozen=True, slots=True)
class Page:
    """One form page: what it asks, what it is called, where it stands."""

    form: type[OutsideForm]
    heading: Any
    name: str


MOBILE = Page(MobileForm, _("Send to a phone"), "move_mobile")
AIRTIME = Page(AirtimeForm, _("Buy airtime"), "move_airtime")
BANK = Page(BankForm, _("Send to another bank"), "move_bank")
BILL = Page(BillForm, _("Pay a bill"), "move_bill")
CDSC = Page(CdscForm, _("Send to a stockbroker"), "move_cdsc")


@require_get_or_post
def move_mobile(request: CustomerRequest) -> HttpResponse:
    """To M-Pesa, Airtel Money or T-Kash."""
    return _fill_in(request, MOBILE)


@require_get_or_post
def move_airtime(request: CustomerRequest) -> HttpResponse:
    """Airtime for any phone."""
    return _fill_in(request, AIRTIME)


@require_get_or_post
def move_bank(request: CustomerRequest) -> HttpResponse:
    """To an account at another bank."""
    return _fill_in(request, BANK)


@require_get_or_post
def move_cdsc(request: CustomerRequest) -> HttpResponse:
    """To a stockbroker."""
    return _fill_in(request, CDSC)


@require_get_or_post
def move_bill(request: CustomerRequest) -> HttpResponse:
    """To the biller named by ?biller=; without one, back to the list."""
    biller = Biller.objects.filter(code=request.GET.get("biller", "")[:30]).first()
    if biller is None or not biller.can_be_paid:
        return redirect("move_bills")
    return _fill_in(request, BILL, biller=biller)


def _fill_in(request: CustomerRequest, page: Page, **extra: Any) -> HttpResponse:
    kind = KINDS[page.form.kind]
    notice = off_notice(kind.switch)
    if notice:
        return render(request, "transfers/off.html", {"notice": notice})
    accounts = accounts_of(request.customer)
    options = {"accounts": accounts, "hide_amounts": request.user.hide_amounts, **extra}
    if request.method == "POST":
        form = page.form(request.POST, **options)
        instruction = _prepare(request, form)
        if instruction is not None:
            return see_other("payment_review", instruction.id)
    else:
        form = page.form(initial=_typed_before(request, page), **options)
    context = {
        "form": form,
        "accounts": accounts,
        "can_pay": bool(payers_among(accounts)),
        "room": limits.room(request.customer),
        "kind": kind,
        "heading": extra["biller"].name if extra else page.heading,
        "action": request.get_full_path(),
        "back_url": reverse("move_bills" if extra else "move"),
        **terms_of(kind, request.customer),
    }
    return render(request, "transfers/outside/form.html", context)


def _prepare(request: CustomerRequest, form: OutsideForm) -> Instruction | None:
    """The draft, or None with the refusal beside the field it is about."""
    if not form.is_valid():
        return None
    ratelimit.consume(DRAFTS, str(request.customer.user_id))
    typed = form.cleaned_data
    try:
        wish = Wish(
            from_number=typed["from_account"],
            destination=form.destination(),
            amount=typed["amount"],
            note=typed["note"],
            typed_name=form.typed_name,
        )
        return prepare_payment(request.customer, wish, actor=actor_from(request))
    except PortalError as refusal:
        words = wording.refusal_for(request.user, refusal)
        form.add_error(refusal.field if refusal.field in form.fields else None, words)
        return None


def _typed_before(request: CustomerRequest, page: Page) -> dict[str, Any]:
    """What the form starts with: kept from an ended session, a payee (?payee=), an earlier payment (?like=) or a
    standing order that reminds (?standing=)."""
    kept = restored(request)
    if kept is not None:
        return {name: kept.get(name, "") for name in page.form.base_fields}
    payee = uuid_or_none(request.GET.get("payee", ""))
    if payee is not None:
        return typed_for(request.customer, payee, page.form.kind)
    like = uuid_or_none(request.GET.get("like", ""))
    if like is None:
        return typed_of(request.customer, request.GET.get("standing", ""), str(page.form.kind)) or {}
    instruction = instructions.get(request.customer, like)
    return typed_again(instruction) if instruction.kind == page.form.kind else {}


def address_like(instruction: Instruction) -> str:
    """The page on which a payment like this one is filled in, with what was typed."""
    pages = {str(page.form.kind): page for page in (MOBILE, AIRTIME, BANK, BILL, CDSC)}
    address = f"{reverse(pages[instruction.kind].name)}?like={instruction.id}"
    biller = instruction.payload["values"].get("biller", "")
    return f"{address}&biller={biller}" if instruction.kind == BILL.form.kind else address
