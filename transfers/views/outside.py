"""Filling in a payment out of the bank: one page for each kind, all of one pattern."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import instructions, wording
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of
from transfers import phones
from transfers.destinations import Destination, Kind
from transfers.models import Biller
from transfers.outside import carrying
from transfers.outside.forms import (
    AirtimeForm,
    BankByPhoneForm,
    BankForm,
    BillForm,
    CdscForm,
    MobileForm,
    OutsideForm,
)
from transfers.outside.instead import WAYS
from transfers.outside.kinds import KINDS
from transfers.outside.obstacles import Obstacles
from transfers.outside.preparing import Wish, prepare_payment, refuse_on_payers_side
from transfers.outside.selectors import bill_like, typed_again
from transfers.outside.terms import bounds_of, figures_of, notices_of, obstacles_to, terms_of
from transfers.payees import newness
from transfers.payees.selectors import typed_for
from transfers.standing.selectors import typed_of
from transfers.views import across
from transfers.views.shared import count_draft, may_look_further, require_get_or_post, see_other, uuid_or_none
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import switches


@dataclass(frozen=True, slots=True)
class Page:
    """One form page: what it asks, what it is called, where it stands, and by what a bank account is known there."""

    form: type[OutsideForm]
    heading: Any
    name: str
    by: str = ""


MOBILE = Page(MobileForm, _("Send to a phone"), "move_mobile")
AIRTIME = Page(AirtimeForm, _("Buy airtime"), "move_airtime")
BANK = Page(BankForm, _("Send to another bank"), "move_bank", by="account")
BANK_BY_PHONE = Page(BankByPhoneForm, _("Send to a bank account by phone number"), "move_bank_phone", by="phone")
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
def move_bank_phone(request: CustomerRequest) -> HttpResponse:
    """To the bank account that is linked to a phone at PesaLink."""
    return _fill_in(request, BANK_BY_PHONE)


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


def _fill_in(request: CustomerRequest, page: Page, biller: Biller | None = None) -> HttpResponse:
    kind = KINDS[page.form.kind]
    obstacles = obstacles_to(kind, *([switches.PESALINK] if page is MOBILE else []))
    if kind.switch in obstacles.off:
        link = across.from_kind(request.customer, kind.kind)
        return render(request, "transfers/off.html", {"notice": obstacles.off[kind.switch], "across": link})
    figures = figures_of(kind, request.customer)
    accounts = accounts_of(request.customer)
    options: dict[str, Any] = {"accounts": accounts, "hide_amounts": request.user.hide_amounts}
    options |= {"biller": biller} if biller else {"off": obstacles.off} if page in (MOBILE, AIRTIME) else {}
    if request.method == "POST":
        form = page.form(request.POST, **options)
        instruction = _prepare(request, form)
        if instruction is not None:
            return see_other("payment_review", instruction.id)
    else:
        form = page.form(initial=_typed_before(request, page, biller), **options)
    terms = terms_of(kind, request.customer, figures, biller)
    context = {"form": form, "accounts": accounts, "terms": terms, "room": terms.room, **_words(request, page, biller)}
    context |= _what_works(request, page, form, obstacles)
    if form.refused_key:
        context["new_room"] = newness.room(request.customer, form.refused_key, terms.new_cap)
    return render(request, "transfers/outside/form.html", context)


def _what_works(request: CustomerRequest, page: Page, form: OutsideForm, obstacles: Obstacles) -> dict[str, Any]:
    """What rests or is off, and the link to a way that works; for wallets also that a bank account can be paid."""
    kind = KINDS[page.form.kind]
    to_bank = page is MOBILE and obstacles.works(switches.PESALINK)
    if not notices_of(kind, obstacles):
        return {"to_bank": to_bank}
    link = across.from_form(request, form)
    return {"to_bank": to_bank, "across": link, "notices": notices_of(kind, obstacles, link)}


def _words(request: CustomerRequest, page: Page, biller: Biller | None) -> dict[str, Any]:
    """What the page says around its form."""
    kind = KINDS[page.form.kind]
    return {
        "kind": kind,
        "heading": biller.name if biller else page.heading,
        "my_phone": _my_phone(request) if "phone" in page.form.base_fields else "",
        "by": page.by,
        "action": request.get_full_path(),
        "back_url": reverse("move_bills" if biller else "move"),
    }


def _my_phone(request: CustomerRequest) -> str:
    """The customer's own number as people write it; "" where the branch has none of a Kenyan phone."""
    try:
        return phones.shown(phones.msisdn(request.customer.phone_number or ""))
    except phones.NotAPhoneNumber:
        return ""


def _prepare(request: CustomerRequest, form: OutsideForm) -> Instruction | None:
    """The draft, or None with each refusal beside the field it is about: all that can be told apart at once."""
    is_sound = form.is_valid()
    destination = _receiver(request, form)
    if destination is None or not is_sound:
        if may_look_further(request.customer):
            _look_at_payers_side(request, form, destination)
        return None
    is_known = instructions.has_paid(request.customer.user_id, destination.key)
    count_draft(request.customer, is_known=is_known)
    typed = form.cleaned_data
    try:
        wish = Wish(
            from_number=typed["from_account"],
            destination=destination,
            amount=typed["amount"],
            note=typed["note"],
            typed_name=form.typed_name,
        )
        return prepare_payment(request.customer, wish, actor=actor_from(request))
    except newness.NewPayeeCap as refusal:
        form.refused_key = destination.key
        _say(request, form, refusal)
        return None
    except PortalError as refusal:
        _say(request, form, refusal)
        return None


def _receiver(request: CustomerRequest, form: OutsideForm) -> Destination | None:
    """Who was typed; None with the refusal beside its field."""
    if not form.names_receiver:
        return None
    try:
        return form.destination()
    except PortalError as refusal:
        _say(request, form, refusal)
        return None


def _look_at_payers_side(request: CustomerRequest, form: OutsideForm, destination: Destination | None) -> None:
    """Something else is wrong already: say also what speaks against the amount, so that nobody comes back twice."""
    typed = form.cleaned_data
    if "amount" not in typed or "from_account" not in typed:
        return
    kind, customer = KINDS[form.kind], request.customer
    bounds = bounds_of(kind, customer, destination)
    try:
        refuse_on_payers_side(
            customer, kind, typed["from_account"], typed["amount"], bounds=bounds, actor=actor_from(request)
        )
    except PortalError as refusal:
        _say(request, form, refusal)


def _say(request: CustomerRequest, form: OutsideForm, refusal: PortalError) -> None:
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, wording.refusal_for(request.user, refusal))


def _typed_before(request: CustomerRequest, page: Page, biller: Biller | None) -> dict[str, Any]:
    """What the form starts with: kept from an ended session, a payee (?payee=), an earlier payment of the same kind or
    to the same person (?like=), what was typed on another form (?with=), a standing order that reminds (?standing=),
    or the customer's own number (?me=1)."""
    kept = restored(request)
    if kept is not None and (biller is None or kept.get("biller") == biller.code):
        return {name: kept.get(name, "") for name in page.form.base_fields}
    payee = uuid_or_none(request.GET.get("payee", ""))
    if payee is not None:
        return typed_for(request.customer, payee, page.form.kind)
    like = uuid_or_none(request.GET.get("like", ""))
    if like is not None:
        instruction = instructions.get(request.customer, like)
        same = instruction.kind == page.form.kind and (biller is None or bill_like(instruction) == biller.code)
        return typed_again(instruction) if same or _leads_here(instruction, page) else {}
    reminded = typed_of(request.customer, request.GET.get("standing", ""), str(page.form.kind))
    if reminded:
        return reminded
    brought = carrying.read(request.customer, request.GET.get("with", "")) if page.form.kind in WAYS else {}
    return brought or ({"phone": _my_phone(request)} if "me" in request.GET else {})


def _leads_here(instruction: Instruction, page: Page) -> bool:
    """Whether this page is another way to whom that payment went."""
    return instruction.kind in WAYS and page.form.kind in WAYS[Kind(instruction.kind)]
