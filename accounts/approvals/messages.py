"""What a customer is told about a request, in their own language, written in the transaction of its cause."""

from collections.abc import Callable

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import ApprovalRequest, User
from accounts.telling import tell
from wekeza_portal.registry import approval_executors

Words = Callable[[dict[str, str]], tuple[str, str]]


def tell_sent(request: ApprovalRequest) -> None:
    _tell(request, "sent", _sent)


def tell_approved(request: ApprovalRequest) -> None:
    _tell(request, f"approved:{request.flips}", _approved)


def tell_done(request: ApprovalRequest) -> None:
    _tell(request, "done", _done)


def tell_refused(request: ApprovalRequest) -> None:
    _tell(request, f"refused:{request.flips}", _refused)


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


def _tell(request: ApprovalRequest, what: str, words: Words) -> None:
    customer = request.customer
    user = User.objects.filter(customer_id=customer.user_id).first()
    with translation.override(user.language if user else settings.LANGUAGE_CODE):
        values = {
            "bank": settings.BANK_NAME,
            "phone": settings.FRAUD_PHONE,
            "request": approval_executors.get(request.kind).describe(request),
        }
        subject, body = words(values)
    tell(customer, cause=f"request-{what}:{request.id}", subject=subject, body=body)
