"""What a customer is told when a payee was kept by hand, may be paid more or was removed: inbox, SMS or else e-mail."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.telling import readers, tell
from transfers.models import SavedPayee
from transfers.rules import plain_name
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Link
from wekeza_portal.notifications.models import InboxItem

Words = Callable[[dict[str, Any]], tuple[str, str]]


def kept(row: SavedPayee) -> None:
    """Somebody was added to the list."""
    _tell(row, f"payee-kept:{row.id}", _kept, {})


def limit_raised(row: SavedPayee, limit: str, change_id: uuid.UUID) -> None:
    """The customer's own limit was raised to `limit`, or lifted ("")."""
    _tell(row, f"payee-limit:{change_id}", _raised if limit else _lifted, {"limit": limit})


def removed(row: SavedPayee, change_id: uuid.UUID) -> None:
    """Taken off the list together with the customer's own limit."""
    _tell(row, f"payee-removed:{change_id}", _removed, {}, link=Link("payees"))


def _kept(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: %(payee)s was added to your payees. Not you? Call %(phone)s now.")
    return _("A payee was added"), text % values


def _raised(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: your limit for %(payee)s is now %(limit)s a payment. Not you? Call %(phone)s now.")
    return _("The limit of a payee was raised"), text % values


def _lifted(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: you took away your limit for %(payee)s. Not you? Call %(phone)s now.")
    return _("The limit of a payee was taken away"), text % values


def _removed(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: %(payee)s is off your payees, and your limit with it. Not you? Call %(phone)s now.")
    return _("A payee was removed"), text % values


def _tell(row: SavedPayee, cause: str, words: Words, values: dict[str, Any], link: Link | None = None) -> None:
    """In the customer's language. The name and the last three characters: an SMS is read by others."""
    reader = readers([row.customer_id]).get(row.customer_id)
    if reader is None:
        return
    name = (plain_name(row.destination["to_name"]) if row.destination["to_name"] else row.destination["to_at"])[:24]
    common = {
        "bank": settings.BANK_NAME,
        "payee": f"{name} ...{row.destination['to_number'][-3:]}",
        "phone": settings.FRAUD_PHONE,
    }
    with translation.override(reader.language):
        subject, body = words({**common, **values})
    link = link or Link("payee", {"payee_id": row.id})
    security = InboxItem.Category.SECURITY
    tell(
        reader.customer,
        cause=cause,
        event=Event.SECURITY,
        subject=subject,
        body=body,
        category=security,
        link=link,
    )
