"""Money between Wekeza accounts: filling in a transfer."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts import instructions, limits, wording
from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.models import Instruction
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of, payers_among
from transfers import services
from transfers.forms import OwnTransferForm, WekezaTransferForm
from transfers.payees.keeping import WEKEZA
from transfers.payees.selectors import typed_for
from transfers.selectors import is_known_account
from transfers.standing.selectors import typed_of
from transfers.views.shared import count_draft, off_notice, require_get_or_post, see_other, uuid_or_none
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import switches


@require_get_or_post
def move_wekeza(request: CustomerRequest) -> HttpResponse:
    """Fill in a transfer to any Wekeza customer."""
    return _fill_in(request, WekezaTransferForm, "transfers/wekeza.html")


@require_get_or_post
def move_own(request: CustomerRequest) -> HttpResponse:
    """Fill in a transfer between the customer's own accounts."""
    return _fill_in(request, OwnTransferForm, "transfers/own.html")


def _fill_in(request: CustomerRequest, form_class: type[WekezaTransferForm], template: str) -> HttpResponse:
    notice = off_notice(switches.INTERNAL_TRANSFERS)
    if notice:
        return render(request, "transfers/off.html", {"notice": notice})
    accounts = accounts_of(request.customer)
    hide_amounts = request.user.hide_amounts
    if request.method == "POST":
        form = form_class(request.POST, accounts=accounts, hide_amounts=hide_amounts)
        instruction = _prepare(request, form)
        if instruction is not None:
            return see_other("payment_review", instruction.id)
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
    count_draft(request.customer, is_known=is_known_account(request.customer, typed["to_account"]))
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
    """What the form starts with: kept from an ended session, a payee (?payee=), an earlier payment (?like=), a
    standing order that reminds (?standing=), or a number (?to=) with or without an amount (?amount=)."""
    kept = restored(request)
    if kept is not None:
        return {name: kept.get(name, "") for name in ("from_account", "to_account", "amount", "note")}
    payee = uuid_or_none(request.GET.get("payee", ""))
    if payee is not None:
        return typed_for(request.customer, payee, WEKEZA)
    like, amount = uuid_or_none(request.GET.get("like", "")), request.GET.get("amount", "")[:15]
    if like is not None:
        instruction = instructions.get(request.customer, like)
        payload = instruction.payload
        return {
            "from_account": payload["from_number"],
            "to_account": payload["to_number"],
            "amount": f"{instruction.amount:,.2f}",
            "note": payload["note"],
        }
    if "standing" in request.GET:
        return typed_of(request.customer, request.GET["standing"]) or {}
    return {"to_account": request.GET["to"][:20], "amount": amount} if "to" in request.GET else {}
