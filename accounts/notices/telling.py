"""What is said when somebody chose to hear less of their money: by SMS, by e-mail and in the inbox, unmutable."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.identity import alerts
from accounts.models import User
from accounts.notices.rules import Less
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Link


def less(user: User, less: Less, cause: str) -> None:
    """In the transaction that makes it count, and in the customer's language."""
    with translation.override(user.language):
        values = {"bank": settings.BANK_NAME, "what": ", ".join(_parts(less)), "phone": settings.FRAUD_PHONE}
        body = _("%(bank)s: you turned off messages: %(what)s. Not you? Call %(phone)s now.") % values
        alerts.everywhere(user, f"messages-less:{cause}", _("You get fewer messages"), body, Link("notifications"))


def _parts(less: Less) -> Iterator[str]:
    """Each in a few words: all of them fit one SMS."""
    muted = {Event.MONEY_OUT: _("all of money out"), Event.CARD: _("all of card use")}
    fewer = {Event.MONEY_OUT: _("some of money out"), Event.CARD: _("some of card use")}
    yield from (muted[event] for event in less.muted)
    yield from (fewer[event] for event in less.fewer)
    if less.quiet is not None:
        begins, ends = less.quiet
        yield _("from %(begins)s to %(ends)s") % {"begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}"}
