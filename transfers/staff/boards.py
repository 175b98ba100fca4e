"""The staff's pages of payments out of the bank: what waits, one payment, what passes through, how rails do."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from transfers.models import Payment
from transfers.outside import working
from transfers.outside.rails import TITLES
from transfers.staff import ageing, ends, health, story, suspense
from transfers.staff.forms import EvidenceForm, LossForm, PaidForm
from wekeza_portal import ratelimit
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.views_of_customers import record_view

ENQUIRE = "transfers.enquire_payment"
ONE_PAYMENT = ratelimit.Policy("staff-enquiry", limit=4, window=timedelta(minutes=2))
ONE_PERSON = ratelimit.Policy("staff-enquiries", limit=120, window=timedelta(hours=1))
ENDS = {
    "settle": ends.SETTLE,
    "return": ends.GIVE_BACK,
    "close": ends.CLOSE,
    "came-back": ends.CAME_BACK,
    "loss": ends.LOSS,
}
FORMS = {"settle": PaidForm, "loss": LossForm}


@require_safe
def unconfirmed(request: HttpRequest) -> HttpResponse:
    """Payments of which nobody knows yet, by rail and age; contradictions on top."""
    rail, age = request.GET.get("rail", ""), request.GET.get("age", "")
    rail = rail if rail in TITLES else ""
    number = int(age) if age in {str(n) for n in range(len(ageing.AGES))} else None
    rows, odd = ageing.waiting(rail, number), ageing.contradicted()
    for customer_id in sorted({row.customer_id for row in (*rows, *odd)}):
        record_view(request, customer_id, "list:payments-out")
    context = {
        "ages": [words for words, _limit in ageing.AGES],
        "lines": ageing.board(),
        "rows": rows,
        "contradicted": odd,
        "chosen": (TITLES.get(rail, ""), ageing.AGES[number][0] if number is not None else ""),
        "is_full": len(rows) == ageing.MOST_SHOWN,
    }
    return portal_admin.page(request, "staff/payments_out.html", _("Payments out that are not confirmed"), **context)


@require_safe
def payment(request: HttpRequest, payment_id: uuid.UUID) -> HttpResponse:
    """One payment out of the bank and all that is known of it, with what this person may do about it."""
    row = get_object_or_404(Payment, pk=payment_id)
    record_view(request, row.customer_id, f"payment-out:{row.reference}")
    may_propose = request.user.has_perm(ends.PROPOSE)
    context = {
        "payment": row,
        "rail": TITLES.get(row.rail, row.rail),
        "instruction": story.instruction_of(row),
        "postings": story.postings_of(row),
        "callbacks": story.callbacks_of(row),
        "may_ask": row.is_open and request.user.has_perm(ENQUIRE),
        "may_end": row.is_open and may_propose,
        "may_close": row.contradicted_at is not None and may_propose,
        "was_settled": row.state == Payment.State.SETTLED,
        "may_book": may_propose and ends.may_be_lost(row),
    }
    return portal_admin.page(request, "staff/payment_out.html", _("Payment out of the bank"), **context)


@require_POST
def enquire(request: HttpRequest, payment_id: uuid.UUID) -> HttpResponse:
    """Ask the rail about one payment now. What it says is noted like any answer of its own."""
    row = get_object_or_404(Payment, pk=payment_id)
    try:
        _refuse_to_ask(row, str(request.user.pk))
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:payment_out", row.pk)
    subject = f"payment:{row.reference}"
    record("payment.enquired", actor=actor_from(request), customer_id=row.customer_id, subject=subject)
    outcome = working.enquire_now(row)
    said = _("%(rail)s says: %(status)s %(code)s %(reason)s")
    values = {"status": outcome.status.value, "code": outcome.code, "reason": outcome.reason}
    messages.info(request, (said % {"rail": TITLES.get(row.rail, row.rail), **values}).strip())
    return redirect("admin:payment_out", row.pk)


def _refuse_to_ask(row: Payment, user_id: str) -> None:
    if not row.is_open:
        raise ends.EndedMeanwhile()
    ratelimit.consume(ONE_PERSON, user_id)
    ratelimit.consume(ONE_PAYMENT, str(row.pk))


@require_http_methods(["GET", "HEAD", "POST"])
def propose_end(request: HttpRequest, payment_id: uuid.UUID, end: str) -> HttpResponse:
    """Propose by hand how it ended, or that a contradiction is cleared up; somebody else approves it."""
    row = get_object_or_404(Payment, pk=payment_id)
    if end not in ENDS:
        raise Http404
    record_view(request, row.customer_id, f"payment-out:{row.reference}")
    kind = ENDS[end]
    form = FORMS.get(end, EvidenceForm)(request.POST or None, initial={"lost": f"{ends.said_amounts(row)[-1]:,.2f}"})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        payload = ends.payload_of(row, typed["evidence"], typed.get("receipt", ""), typed.get("lost"))
        done = propose(request, kind, payload, form, reason=form.cleaned_data["evidence"])
        if done is not None:
            return done
    about = f"{proposals.kinds.get(kind).title}: {row.reference}"
    return portal_admin.page(request, "staff/propose.html", _("Propose a change"), form=form, about=about)


def propose(request: HttpRequest, kind: str, payload: Any, form: Any, *, reason: str) -> HttpResponse | None:
    """To the new proposal, or None with the refusal at its field."""
    try:
        made = proposals.propose(kind, payload, reason=reason, user=request.user, actor=actor_from(request))
    except PortalError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    messages.success(request, _("Proposed. Another person has to approve it."))
    return redirect("admin:proposal", made.pk)


@require_safe
def passing(request: HttpRequest) -> HttpResponse:
    """The accounts through which money only passes, and the payments that make up what stands there."""
    accounts = suspense.accounts()
    for customer_id in sorted({row.customer_id for account in accounts for row in account.payments}):
        record_view(request, customer_id, "list:payments-out")
    return portal_admin.page(request, "staff/suspense.html", _("Money on its way"), accounts=accounts)


@require_safe
def rails_now(request: HttpRequest) -> HttpResponse:
    """Which companies answer, when each did last, and which are left alone for the moment."""
    return portal_admin.page(request, "staff/rails.html", _("Rails"), rails=health.board())


def lines() -> list[tuple[Any, Any, bool]]:
    """For the front page: what waits for people."""
    counts = ageing.numbers()
    words = {
        "late": _("Not confirmed for over 10 minutes"),
        "with_staff": _("With staff"),
        "contradicted": _("Contradictions"),
    }
    resting = [str(title) for title in health.resting()]
    shown = [(label, counts[name], counts[name] > 0) for name, label in words.items()]
    alarmed = [str(title) for title in health.alarmed()]
    return [
        *shown,
        (_("Rails that do not answer"), ", ".join(resting) or _("None"), bool(resting)),
        (_("Rails that refuse our access (last hour)"), ", ".join(alarmed) or _("None"), bool(alarmed)),
    ]
