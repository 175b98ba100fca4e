"""Ask the branch to correct name, national ID, phone or e-mail.

The branch software does nothing by itself for ACCOUNT_MAINTENANCE: staff look at the documents and change the row by
hand. The request is done when the branch's own row shows the new value, whoever wrote it.
"""

import unicodedata
import uuid
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import wording
from accounts.approvals import services
from accounts.identity import links
from accounts.identity.contacts import international
from accounts.models import ApprovalRequest, BranchCustomer, User
from wekeza_portal.actors import Actor
from wekeza_portal.registry import ApprovalExecutor, RequestPages

KIND = "CORRECT_DETAILS"
QUEUE_TYPE = "ACCOUNT_MAINTENANCE"

DETAILS: dict[str, Any] = {
    "full_name": _("Name"),
    "national_id": _("National ID"),
    "phone_number": _("Phone"),
    "email": _("E-mail"),
}
REQUESTS: dict[str, Any] = {
    "full_name": _("correct my name"),
    "national_id": _("correct my national ID"),
    "phone_number": _("change my phone number"),
    "email": _("change my e-mail address"),
}
_FOR_STAFF = {
    "full_name": "name",
    "national_id": "national ID",
    "phone_number": "phone number",
    "email": "e-mail address",
}


def draft(customer: BranchCustomer, *, detail: str, value: str) -> ApprovalRequest:
    """Store the wish for the review page. `detail` is a column of `users` from DETAILS, `value` what it should be."""
    payload = _payload(customer, detail, value)
    return services.draft(customer=customer, kind=KIND, transaction_type=QUEUE_TYPE, payload=payload)


def redraft(customer: BranchCustomer, draft_id: uuid.UUID, *, detail: str, value: str, actor: Actor) -> ApprovalRequest:
    """The same wish put differently, with the papers added so far. Http404, or DraftIsGone."""
    payload = _payload(customer, detail, value)
    return services.replace(customer=customer, request_id=draft_id, payload=payload, actor=actor)


def _payload(customer: BranchCustomer, detail: str, value: str) -> dict[str, Any]:
    return {"about": detail, "new": value, "old": getattr(customer, detail) or ""}


def masked(detail: str, value: str) -> str:
    """As much of what the bank holds as the settings show; "" where it holds nothing."""
    if not value or detail == "full_name":
        return value
    return wording.masked_email(value) if detail == "email" else wording.masked_end(value)


def held(customer: BranchCustomer) -> list[tuple[Any, str]]:
    """What the bank has now, by the name of each detail, as much of it as a page shows."""
    return [(label, masked(detail, getattr(customer, detail) or "")) for detail, label in DETAILS.items()]


def send(customer: BranchCustomer, request: ApprovalRequest, actor: Actor) -> ApprovalRequest:
    """Send the reviewed wish to the branch. Raises DraftIsGone, AlreadyAsked, TooMany."""
    detail, wished = request.payload["about"], request.payload["new"]
    data = {
        "reference": str(request.id),
        "user_id": customer.user_id,
        "detail": detail,
        "old_value": request.payload["old"],
        "new_value": wished,
    }
    words = f"Customer {customer.user_id} asks to correct the {_FOR_STAFF[detail]}. Change it by hand."
    return services.send(
        customer=customer, request_id=request.id, data=data, description=words, typed=wished, actor=actor
    )


def same(detail: str, one: str, other: str) -> bool:
    """Whether two values mean the same: a number however it is written, letters whatever their case."""
    return _plain(detail, one) == _plain(detail, other)


def _plain(detail: str, value: str) -> str:
    if detail == "phone_number":
        return international(value) or value.strip()
    if detail == "national_id":
        return value.strip().upper()
    return " ".join(unicodedata.normalize("NFC", value).casefold().split())


def _effect_of(request: ApprovalRequest) -> str:
    """Looked up in the branch's row as it is now."""
    row = BranchCustomer.objects.filter(pk=request.customer_id).first()
    detail, wished = request.payload["about"], request.payload["new"]
    if row is None or not same(detail, getattr(row, detail) or "", wished):
        return ""
    if detail == "national_id":
        _keep_the_link(row, request.payload["old"])
    return f"the branch's row shows the new {_FOR_STAFF[detail]}"


def _keep_the_link(row: BranchCustomer, old: str) -> None:
    """The login is tied to the national ID: where it was the right one before, it is the same person's still."""
    user = User.objects.select_for_update().filter(customer_id=row.user_id).first()
    new, row.national_id = row.national_id, old or None
    was_intact = user is not None and links.link_is_intact(user, row)
    row.national_id = new
    if user is not None and was_intact:
        user.fingerprint = links.fingerprint(row)
        user.save(update_fields=["fingerprint"])


def _by_hand(request: ApprovalRequest) -> str:
    return ""


def describe(request: ApprovalRequest) -> str:
    return str(REQUESTS[request.payload["about"]])


EXECUTOR = ApprovalExecutor(effect_of=_effect_of, apply=_by_hand, describe=describe)


def _facts(request: ApprovalRequest) -> list[tuple[Any, str]]:
    about, before = request.payload["about"], request.payload["old"]
    had = _("What we have now") if request.sent_at is None else _("What we had then")
    return [(DETAILS[about], request.payload["new"]), (had, masked(about, before) or str(_("Not recorded")))]


def _form_url(request: ApprovalRequest) -> str:
    """A draft's form begins with what it says; what was sent is asked for anew."""
    form = reverse("correct_details")
    return f"{form}?draft={request.id}" if services.is_open_draft(request) else form


PAGES = RequestPages(
    facts=_facts,
    send=send,
    form_url=_form_url,
    agreed=_("The branch has agreed. Staff make the change by hand; we tell you when it is done."),
    done=_("The branch has made the change. It is in your settings now."),
    withdrawn=_(
        "You took this back. The branch can still see it, because we can't take it out of its list. "
        "If staff change your details all the same, you see it in your settings: then call us."
    ),
    is_guarded=True,
    can_be_withdrawn=True,
)
