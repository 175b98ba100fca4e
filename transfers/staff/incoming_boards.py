"""The staff's pages of money that came in: what is nobody's, deposits with people, what can be proposed of each."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from transfers.collecting import returning, working
from transfers.collecting.reasons import WHY
from transfers.models import Deposit, Incoming
from transfers.staff import incoming
from transfers.staff.boards import ONE_PAYMENT, ONE_PERSON, propose
from transfers.staff.forms import EvidenceForm, MatchForm, PaidForm
from wekeza_portal import ratelimit
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.views_of_customers import record_view

SEE, ENQUIRE = "transfers.view_incoming", "transfers.enquire_deposit"
MOST_SHOWN = 100
OF_MONEY = {
    "match": incoming.MATCH,
    "return": incoming.RETURN,
    "gone": incoming.GONE,
    "stayed": incoming.STAYED,
    "close": incoming.CLEARED,
}
OF_DEPOSIT = {"paid": incoming.PAID, "unpaid": incoming.UNPAID, "close": incoming.CLOSE}


def _waiting() -> Any:
    return Incoming.objects.filter(Q(state__in=Incoming.WAITING) | Q(contradicted_at__isnull=False))


def _with_people() -> Any:
    return Deposit.objects.filter(Q(with_staff_since__isnull=False) | Q(contradicted_at__isnull=False))


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Money that is nobody's yet, oldest first, and deposits that people have to look at; the latest that came in."""
    waiting = list(_waiting().order_by("received_at", "pk")[:MOST_SHOWN])
    deposits = list(_with_people().order_by("asked_at", "pk")[:MOST_SHOWN])
    latest = list(Incoming.objects.exclude(state__in=Incoming.WAITING).order_by("-received_at", "pk")[:20])
    shown = {row.customer_id for row in (*waiting, *deposits, *latest) if row.customer_id}
    for customer_id in sorted(shown):
        record_view(request, customer_id, "list:money-in")
    context = {"waiting": waiting, "deposits": deposits, "latest": latest}
    return portal_admin.page(request, "staff/money_in.html", _("Money that came in"), **context)


@require_safe
def money(request: HttpRequest, incoming_id: uuid.UUID) -> HttpResponse:
    """One piece of money and all that is known of it, with what this person may propose."""
    row = get_object_or_404(Incoming.objects.select_related("deposit"), pk=incoming_id)
    for customer_id in {row.customer_id, row.deposit.customer_id if row.deposit else None} - {None}:
        record_view(request, customer_id, f"money-in:{row.reference}")
    may_propose = request.user.has_perm(incoming.PROPOSE)
    context = {
        "row": row,
        "why": WHY.get(row.why, ""),
        "may_propose": row.state == Incoming.State.SUSPENSE and may_propose,
        "may_settle": returning.is_with_people(row) and may_propose,
        "may_close": row.contradicted_at is not None and may_propose,
    }
    return portal_admin.page(request, "staff/money_in_one.html", _("Money that came in"), **context)


@require_safe
def deposit(request: HttpRequest, deposit_id: uuid.UUID) -> HttpResponse:
    """One deposit by prompt and all that is known of it, with what this person may do."""
    row = get_object_or_404(Deposit, pk=deposit_id)
    record_view(request, row.customer_id, f"deposit:{row.reference}")
    may_propose = request.user.has_perm(incoming.PROPOSE)
    context = {
        "deposit": row,
        "money": list(row.incoming.order_by("received_at")),
        "may_ask": _may_be_asked(row) and request.user.has_perm(ENQUIRE),
        "may_end": row.is_open and row.with_staff_since is not None and may_propose,
        "may_close": row.contradicted_at is not None and may_propose,
    }
    return portal_admin.page(request, "staff/deposit.html", _("Deposit from M-Pesa"), **context)


def _may_be_asked(row: Deposit) -> bool:
    return row.state in (Deposit.State.PROMPTED, Deposit.State.UNKNOWN)


@require_POST
def ask(request: HttpRequest, deposit_id: uuid.UUID) -> HttpResponse:
    """Ask M-Pesa about one deposit now. What it says is noted like any answer of its own."""
    row = get_object_or_404(Deposit, pk=deposit_id)
    try:
        if not _may_be_asked(row):
            raise incoming.Ended()
        ratelimit.consume(ONE_PERSON, str(request.user.pk))
        ratelimit.consume(ONE_PAYMENT, str(row.pk))
    except PortalError as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:deposit_in", row.pk)
    subject = f"deposit:{row.reference}"
    record("deposit.enquired", actor=actor_from(request), customer_id=row.customer_id, subject=subject)
    outcome = working.enquire_now(row)
    values = {"status": outcome.status.value, "code": outcome.code, "reason": outcome.reason}
    messages.info(request, (_("%(rail)s says: %(status)s %(code)s %(reason)s") % {"rail": "M-Pesa", **values}).strip())
    return redirect("admin:deposit_in", row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def propose_money(request: HttpRequest, incoming_id: uuid.UUID, end: str) -> HttpResponse:
    """Propose whose money it is, to give it back, or what became of that; somebody else approves it."""
    row = get_object_or_404(Incoming, pk=incoming_id)
    if end not in OF_MONEY:
        raise Http404
    form = (MatchForm if end == "match" else EvidenceForm)(request.POST or None)
    about = f"{row.receipt or row.reference}: {row.payer} {row.typed}"
    return _propose(request, OF_MONEY[end], {"incoming": str(row.pk), "round": str(row.rounds)}, form, about)


@require_http_methods(["GET", "HEAD", "POST"])
def propose_deposit(request: HttpRequest, deposit_id: uuid.UUID, end: str) -> HttpResponse:
    """Propose how a deposit ended, or that a contradiction is cleared up; somebody else approves it."""
    row = get_object_or_404(Deposit, pk=deposit_id)
    if end not in OF_DEPOSIT:
        raise Http404
    record_view(request, row.customer_id, f"deposit:{row.reference}")
    form = (PaidForm if end == "paid" else EvidenceForm)(request.POST or None)
    return _propose(request, OF_DEPOSIT[end], {"deposit": str(row.pk)}, form, row.reference)


def _propose(request: HttpRequest, kind: str, names: dict[str, str], form: Any, about: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        payload = {"receipt": "", **names, **form.cleaned_data}
        done = propose(request, kind, payload, form, reason=form.cleaned_data["evidence"])
        if done is not None:
            return done
    words = f"{proposals.kinds.get(kind).title}: {about}"
    return portal_admin.page(request, "staff/propose.html", _("Propose a change"), form=form, about=words)


def lines() -> list[tuple[Any, Any, bool]]:
    """For the front page: what waits for people."""
    nobodys, deposits = _waiting().count(), _with_people().count()
    return [
        (_("Money that is nobody's yet"), nobodys, nobodys > 0),
        (_("Deposits with staff"), deposits, deposits > 0),
    ]
