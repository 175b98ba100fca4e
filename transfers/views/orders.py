"""Standing orders: the list, one order, changing it, and what is done with it at once."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.identity.actors import actor_from
from accounts.identity.keptforms import restored
from accounts.ledger import PostingKind
from accounts.preferences.chosen import shown_since
from accounts.requests import CustomerRequest
from accounts.selectors import accounts_of
from transfers.destinations import Kind
from transfers.models import StandingOrder, StandingRun
from transfers.standing import acts, selectors, setting
from transfers.standing import what as whats
from transfers.standing.forms import ChangeForm
from transfers.standing.wording import day_words
from transfers.views.outside import AIRTIME, BANK, BILL, CDSC, MOBILE
from transfers.views.shared import DRAFTS, look_at_source, refuse, require_get_or_post, see_other
from transfers.views.standing import PAGES
from wekeza_portal import calendar, ratelimit
from wekeza_portal.errors import PortalError


@require_safe
def standing(request: CustomerRequest) -> HttpResponse:
    """All orders with their next dates, and what leaves by itself in the next 30 days."""
    lines = selectors.orders_of(request.customer)
    days = calendar.current()
    context = {
        "going": [line for line in lines if line.goes_on],
        "over": [line for line in lines if not line.goes_on][:20],
        "total": selectors.leaving_by_itself(lines, days),
        "kinds": [(kind, page.heading, kind == Kind.BILL_PAYMENT) for kind, page in PAGES.items()],
    }
    return render(request, "transfers/standing/list.html", context)


@require_safe
def standing_order(request: CustomerRequest, order_id: uuid.UUID) -> HttpResponse:
    """One order: what, when, the next dates, what came of the past ones."""
    order = acts.own(request.customer, order_id)
    runs = selectors.runs_of(order, shown_since(request.customer))
    context = {
        "order": order,
        "payload": order.payload,
        "line": selectors.line_of(order),
        "dates": selectors.next_dates(order, calendar.current()),
        "runs": runs,
        "waiting": [one for one in runs if one.run.state == StandingRun.State.WAITING],
        "is_own": order.kind == PostingKind.TRANSFER_OWN,
        "fee": whats.fee_of(order),
    }
    return render(request, "transfers/standing/order.html", context)


@require_get_or_post
def standing_change(request: CustomerRequest, order_id: uuid.UUID) -> HttpResponse:
    """Another amount, account, end or manner: at once where that gives less away, else after a review and a code."""
    order = acts.own(request.customer, order_id)
    if order.state == StandingOrder.State.ENDED:
        return redirect("standing_order", order_id)
    data = request.POST if request.method == "POST" else None
    kept = restored(request) if data is None else None
    form = ChangeForm(data, order=order, accounts=accounts_of(request.customer), kept=kept)
    if data is not None:
        answer = _change(request, order, form)
        if answer is not None:
            return answer
    return render(request, "transfers/standing/change.html", {"form": form, "order": order})


def _change(request: CustomerRequest, order: StandingOrder, form: ChangeForm) -> HttpResponse | None:
    """What follows; None with the refusal beside the field it is about."""
    if not form.is_valid():
        look_at_source(request, form)
        return None
    ratelimit.consume(DRAFTS, str(request.customer.user_id))
    typed, actor = form.cleaned_data, actor_from(request)
    paying = {"from_number": typed["from_account"], "amount": typed["amount"], "note": typed["note"]}
    try:
        what = whats.changed_what(request.customer, order, actor=actor, **paying)
        draft = setting.change(request.customer, order, what, form.plan(), actor=actor)
    except PortalError as refusal:
        refuse(request, form, refusal)
        return None
    if draft is not None:
        return see_other("standing_review", draft.id)
    messages.success(request, _("Changed. It holds from the next payment on."))
    return see_other("standing_order", order.public_id)


@require_POST
def standing_skip(request: CustomerRequest, order_id: uuid.UUID) -> HttpResponse:
    """Leave out the date the page showed as the next one; a second click leaves out nothing more."""
    try:
        nominal = date.fromisoformat(request.POST.get("date", "")[:10])
    except ValueError:
        nominal = date.min
    if acts.skip(request.customer, order_id, nominal, actor=actor_from(request)):
        messages.success(request, _("Skipped: nothing is paid for %(day)s.") % {"day": day_words(nominal)})
    return see_other("standing_order", order_id)


@require_POST
def standing_pause(request: CustomerRequest, order_id: uuid.UUID) -> HttpResponse:
    """Pay nothing until it is resumed."""
    return _act(request, order_id, acts.pause, _("Paused: nothing is paid until you resume it."))


@require_POST
def standing_resume(request: CustomerRequest, order_id: uuid.UUID) -> HttpResponse:
    """Go on with the next date from tomorrow on."""
    return _act(request, order_id, acts.resume, _("Resumed. What was missed is not paid afterwards."))


@require_POST
def standing_end(request: CustomerRequest, order_id: uuid.UUID) -> HttpResponse:
    """End it for good."""
    return _act(request, order_id, acts.end, _("Ended: nothing more is paid by this order."))


def _act(request: CustomerRequest, order_id: uuid.UUID, act: Callable[..., None], said: str) -> HttpResponse:
    try:
        act(request.customer, order_id, actor=actor_from(request))
        messages.success(request, said)
    except PortalError as refusal:
        messages.error(request, str(refusal))
    return see_other("standing_order", order_id)


@require_safe
def standing_pay(request: CustomerRequest, order_id: uuid.UUID) -> HttpResponse:
    """The form of this payment, filled in: where a reminder leads."""
    order = acts.own(request.customer, order_id)
    inside: dict[str, Any] = {
        str(PostingKind.TRANSFER_OWN): "move_own",
        str(PostingKind.TRANSFER_INTERNAL): "move_wekeza",
    }
    outside = {str(page.form.kind): page.name for page in (MOBILE, AIRTIME, BANK, BILL, CDSC)}
    address = f"{reverse((inside | outside)[order.kind])}?standing={order.public_id}"
    biller = order.payload.get("values", {}).get("biller", "")
    return redirect(f"{address}&biller={biller}" if order.kind == Kind.BILL_PAYMENT else address)
