"""What the customer is told of a look: when it is asked for, when it begins, when it is over."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.identity import alerts
from accounts.models import SupportView, User
from wekeza_portal import clock
from wekeza_portal.notifications import inbox
from wekeza_portal.notifications.inbox import Category, Link

Words = Callable[[dict[str, Any]], tuple[str, str]]
MOST_OF_A_NAME = 24
"""So that all of it fits one SMS."""


def asked(view: SupportView) -> None:
    """At once, everywhere: somebody of the bank would like to see the customer's pages."""
    _everywhere(view, "asked", _asked)


def begun(view: SupportView) -> None:
    """Everywhere, so that whoever holds the phone alone cannot agree unseen."""
    _everywhere(view, "begun", _begun)


def ended(view: SupportView) -> None:
    """Into the inbox, with the way to the list of what was looked at."""
    user = _user(view)
    if user is None:
        return
    with translation.override(user.language):
        text = _("%(helper)s does not see your pages any more. See which pages were looked at, and when.")
        inbox.put(
            cause=f"support-view:{view.id.hex}:ended",
            customer_id=view.customer_id,
            category=Category.SECURITY,
            title=_("The look at your pages is over"),
            text=text % {"helper": view.helper},
            link=_link(view),
        )


def _asked(values: dict[str, Any]) -> tuple[str, str]:
    text = _(
        "%(bank)s: %(helper)s (%(reference)s) asks to see your pages. Agree or refuse in the portal by %(until)s. "
        "Tell nobody your code. Help: %(phone)s"
    )
    return _("May the bank look at your pages?"), text % values


def _begun(values: dict[str, Any]) -> tuple[str, str]:
    text = _(
        "%(bank)s: %(helper)s (%(reference)s) sees your pages until %(until)s and can change nothing. "
        "Not you? End it in the portal or call %(phone)s"
    )
    return _("The bank sees your pages now"), text % values


def _everywhere(view: SupportView, what: str, words: Words) -> None:
    """In the customer's language, in the caller's transaction."""
    user = _user(view)
    if user is None:
        return
    with translation.override(user.language):
        until = view.ends_at or view.answer_by
        subject, body = words(
            {
                "bank": settings.BANK_NAME,
                "helper": view.helper[:MOST_OF_A_NAME],
                "reference": view.reference,
                "until": date_format(until.astimezone(clock.NAIROBI), "H:i"),
                "phone": settings.FRAUD_PHONE,
            }
        )
    alerts.everywhere(user, f"support-view:{view.id.hex}:{what}", subject, body, _link(view))


def _link(view: SupportView) -> Link:
    return Link("support_view", {"view_id": str(view.id)})


def _user(view: SupportView) -> User | None:
    return User.objects.select_related("customer").filter(customer_id=view.customer_id).first()
