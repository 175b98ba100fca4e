"""What the branch's answer means. Approved is a decision: people do it, and the tables or a colleague say when.

The portal changes nothing for these: `accounts.status` is the branch's to write. Another account, an account that is
closed or active again are seen in the branch's own rows; of the rest staff say that it was handed over.
"""

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.approvals import services
from accounts.models import Account, AccountTerms, ApprovalRequest, ServiceDone
from accounts.servicing import asking, catalogue, saying
from accounts.servicing.ties import in_the_way, ties_of
from wekeza_portal import calendar, clock
from wekeza_portal.registry import ApprovalExecutor, RequestPages, approval_executors, request_pages

State = ApprovalRequest.State

AGREED = {
    catalogue.NEW_ACCOUNT: _("The branch has agreed and opens the account by hand. We tell you when it is there."),
    catalogue.CLOSE_ACCOUNT: _("The branch has agreed and closes the account by hand. We tell you when it is closed."),
    catalogue.WAKE_ACCOUNT: _("The branch has agreed. It may ask you to come with your ID and to pay something in."),
    catalogue.MANDATE: _("The branch has agreed. Come both with your national IDs to sign. Nothing holds before that."),
    catalogue.CHEQUE_BOOK: _("The branch has agreed and has the cheque book made. Bring your ID when you collect it."),
    catalogue.REFERENCE: _("The branch has agreed and writes the letter. Bring your ID when you collect it."),
}
DONE = {
    catalogue.NEW_ACCOUNT: _("The account is open. You see it on your home page."),
    catalogue.CLOSE_ACCOUNT: _("The account is closed for payments."),
    catalogue.WAKE_ACCOUNT: _("The account is active again. You can use it."),
    catalogue.MANDATE: _("It is signed at the branch. The mandate holds there; online, only you use your accounts."),
    catalogue.CHEQUE_BOOK: _("The cheque book was handed over."),
    catalogue.REFERENCE: _("The letter was handed over."),
}
WITHDRAWN = _(
    "You took this back. The branch can still see it, because we can't take it out of its list. "
    "If staff do it all the same, call us."
)


def effect_of(request: ApprovalRequest) -> str:
    """What shows that it was done: the branch's own rows, or a colleague's word."""
    if request.kind == catalogue.NEW_ACCOUNT:
        return _opened(request)
    if request.kind == catalogue.CLOSE_ACCOUNT:
        return _closed(request)
    if request.kind == catalogue.WAKE_ACCOUNT:
        row = _account(request)
        return "the branch's row is ACTIVE" if row is not None and row.status == Account.Status.ACTIVE else ""
    return _handed_over(request)


def _account(request: ApprovalRequest) -> Account | None:
    """The row of that number while it is still this customer's."""
    own = Account.objects.filter(account_number=request.payload["account"], customer_id=request.customer_id)
    return own.first()


def _closed(request: ApprovalRequest) -> str:
    """A row that is gone proves nothing, as scripts drop and refill the table: then a colleague has to say it."""
    row = _account(request)
    if row is None:
        return _handed_over(request)
    return "the branch's row is DISABLED" if row.status == Account.Status.DISABLED else ""


def _handed_over(request: ApprovalRequest) -> str:
    done = ServiceDone.objects.filter(request=request).first()
    return f"{done.staff} saw to it" if done is not None else ""


def _opened(request: ApprovalRequest) -> str:
    """An account that this customer did not have when they asked. The branch has no column for its kind: we note it."""
    own = Account.objects.filter(customer_id=request.customer_id, business__isnull=True)
    new = [row for row in own.order_by("account_id") if row.account_number not in request.payload["had"]]
    if not new:
        return ""
    if len(new) == 1 and request.payload["account_kind"] == AccountTerms.Kind.CURRENT:
        AccountTerms.objects.get_or_create(account=new[0], defaults={"kind": AccountTerms.Kind.CURRENT})
    return f"account {new[0].account_number} is there"


def by_hand(request: ApprovalRequest) -> str:
    return ""


def promised_on(request: ApprovalRequest) -> date:
    """The business day by which it is there, counted from the day it was sent, or from today for a draft."""
    sent = clock.today() if request.sent_at is None else request.sent_at.astimezone(clock.NAIROBI).date()
    return calendar.add_business_days(sent, int(request.payload["days"]))


def more(request: ApprovalRequest) -> dict[str, Any]:
    """For the page of the request: the promise, where money is taken, and what stands against closing."""
    day = promised_on(request)
    is_draft = request.sent_at is None
    is_open = request.state in {State.DRAFT, State.SENT, State.APPROVED}
    context: dict[str, Any] = {
        "day": day,
        "days": int(request.payload["days"]),
        "is_draft": is_draft,
        "is_open": is_open,
    }
    context |= {"is_late": is_open and clock.today() > day, "costs": bool(saying.fee(request)), "kind": request.kind}
    if request.kind == catalogue.CLOSE_ACCOUNT and is_open:
        context["ties"] = ties_of(request.customer, request.payload["account"])
        context["is_blocked"] = is_draft and bool(in_the_way(context["ties"]))
    return context


def form_url(request: ApprovalRequest) -> str:
    form = reverse(catalogue.SERVICES[request.kind].page)
    return f"{form}?draft={request.id}" if services.is_open_draft(request) else form


def unfinished() -> Q:
    """Requests that a branch has not decided, or agreed to and not done."""
    return Q(kind__in=list(catalogue.SERVICES), state__in=[State.SENT, State.APPROVED])


def register() -> None:
    """The six services of the branch, each as a kind of request."""
    executor = ApprovalExecutor(effect_of=effect_of, apply=by_hand, describe=saying.describe)
    for kind in catalogue.SERVICES:
        approval_executors.register(kind, executor)
        pages = RequestPages(
            facts=saying.facts,
            send=asking.send,
            form_url=form_url,
            agreed=AGREED[kind],
            done=DONE[kind],
            withdrawn=WITHDRAWN,
            is_guarded=catalogue.SERVICES[kind].stops,
            can_be_withdrawn=True,
            fee=saying.fee,
            template="servicing/more.html",
            load=more,
        )
        request_pages.register(kind, pages)
