"""Telling a customer everywhere that a second factor was added or removed, so that whoever did it cannot hide it."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identity import alerts
from accounts.models import User, Way
from wekeza_portal import clock
from wekeza_portal.notifications.inbox import Link

SETTINGS = Link("security_settings")
NAMES = {Way.APP: gettext_lazy("An authenticator app")}


def added(user: User, way: Way, cause: str) -> None:
    """In the caller's transaction; `cause` names what was added, for ever."""
    with translation.override(user.language):
        text = _("%(way)s was added to your %(bank)s account at %(time)s. Not you? Call %(phone)s.")
        _tell(user, f"factor-added:{cause}", _("New way to confirm that it is you"), text, way)


def removed(user: User, way: Way, cause: str) -> None:
    """Likewise that it was removed."""
    with translation.override(user.language):
        text = _("%(way)s was removed from your %(bank)s account at %(time)s. Not you? Call %(phone)s.")
        _tell(user, f"factor-removed:{cause}", _("A way to confirm that it is you was removed"), text, way)


def _tell(user: User, cause: str, subject: str, text: str, way: Way) -> None:
    values = {
        "way": NAMES[way],
        "bank": settings.BANK_NAME,
        "time": f"{clock.now().astimezone(clock.NAIROBI):%d/%m/%Y %H:%M}",
        "phone": settings.FRAUD_PHONE,
    }
    alerts.send(user, cause, subject, text % values, SETTINGS)
