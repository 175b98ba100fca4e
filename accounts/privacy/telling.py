"""What a customer hears of a request about their data: that it was made in their name, and that it is answered."""

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.identity.alerts import everywhere
from accounts.models import BranchCustomer, DataRequest, User
from accounts.telling import language_of, tell
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Category, Link


def made(row: DataRequest, customer: BranchCustomer) -> None:
    """At once and everywhere, in the caller's transaction: whoever has the session might not be the customer."""
    user = User.objects.filter(customer_id=customer.user_id).select_related("customer").first()
    if user is None:
        return
    with translation.override(language_of(customer)):
        values: dict[str, Any] = {**_values(row), "what": row.get_kind_display(), "phone": settings.FRAUD_PHONE}
        subject = _("Request about your data")
        body = _(
            "%(bank)s: you sent us the request %(reference)s about your data: %(what)s. Was it not you? Call %(phone)s."
        )
        everywhere(user, f"data-request-made:{row.pk}", subject, body % values, _link(row))


def answered(row: DataRequest, customer: BranchCustomer) -> None:
    """Likewise that the answer is there to read."""
    with translation.override(language_of(customer)):
        subject = _("Your request about your data is answered")
        body = _("%(bank)s: your request %(reference)s is answered. Read it under Settings, Privacy.") % _values(row)
    tell(
        customer,
        cause=f"data-request:{row.pk}",
        subject=subject,
        body=body,
        event=Event.SECURITY,
        category=Category.SECURITY,
        link=_link(row),
    )


def _values(row: DataRequest) -> dict[str, Any]:
    return {"bank": settings.BANK_NAME, "reference": row.reference}


def _link(row: DataRequest) -> Link:
    return Link("data_request", {"request_id": row.pk})
