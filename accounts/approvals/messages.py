"""What a customer is told about a request, in their own language, written in the transaction of its cause."""

from collections.abc import Callable

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import ApprovalRequest
from accounts.telling import language_of, tell
from wekeza_portal import dates
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Category, Link
from wekeza_portal.registry import approval_executors, request_pages

Words = Callable[[dict[str, str]], tuple[str, str]]


def tell_sent(request: ApprovalRequest) -> None:
    _tell(request, "sent", _sent)


def tell_approved(request: ApprovalRequest) -> None:
    _tell(request, f"approved:{request.flips}", _approved)


def tell_done(request: ApprovalRequest) -> None:
    _tell(request, "done", _done)


def tell_refused(request: ApprovalRequest) -> None:
    _tell(request, f"refused:{request.flips}", _refused, in_full=_why_refused)


def tell_withdrawn(request: ApprovalRequest) -> None:
    _tell(request, "withdrawn", _withdrawn)


def _sent(values: dict[str, str]) -> tuple[str, str]:
    text = _("%(bank)s: you asked us: %(request)s. A branch decides and we tell you. Not you? Call %(phone)s.")
    return _("We have your request"), text % values


def _approved(values: dict[str, str]) -> tuple[str, str]:
    return _("Your request was approved"), _("%(bank)s: approved and being done: %(request)s.") % values


def _done(values: dict[str, str]) -> tuple[str, str]:
    text = _("%(bank)s: done: %(request)s. Not you? Call %(phone)s.")
    return _("Your request is done"), text % values


def _refused(values: dict[str, str]) -> tuple[str, str]:
    text = _("%(bank)s: refused: %(request)s. Sign in to see why, or call %(phone)s.")
    return _("Your request was refused"), text % values


def _withdrawn(values: dict[str, str]) -> tuple[str, str]:
    text = _("%(bank)s: you took back your request: %(request)s. Not you? Call %(phone)s.")
    return _("You took back your request"), text % values


def _why_refused(values: dict[str, str]) -> str:
    """What an SMS has no room for: the branch's reason as it gave it, and what the customer can do."""
    if values["reason"]:
        text = _("The branch refused your request: %(request)s. Its reason: %(reason)s")
    else:
        text = _("The branch refused your request: %(request)s. It gave no reason.")
    next_step = _("You can ask again, call %(phone)s, or visit any branch with your national ID.")
    return f"{text % values}\n\n{next_step % values}"


def _tell(
    request: ApprovalRequest, what: str, words: Words, in_full: Callable[[dict[str, str]], str] | None = None
) -> None:
    customer = request.customer
    with translation.override(language_of(customer)), dates.as_written():
        values = {
            "bank": settings.BANK_NAME,
            "phone": settings.FRAUD_PHONE,
            "request": approval_executors.get(request.kind).describe(request),
            "reason": request.refusal_reason,
        }
        subject, body = words(values)
        longer = in_full(values) if in_full else ""
    is_guarded = request.kind in request_pages and request_pages.get(request.kind).is_guarded
    tell(
        customer,
        cause=f"request-{what}:{request.id}",
        event=Event.SECURITY if is_guarded else Event.REQUESTS,
        subject=subject,
        body=body,
        category=Category.REQUESTS,
        link=Link("request_page", {"request_id": request.id}),
        in_full=longer,
    )
