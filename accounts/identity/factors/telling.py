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
NAMES = {Way.APP: gettext_lazy("An authenticator app"), Way.PASSKEY: gettext_lazy("A passkey")}


def added(user: User, way: Way, cause: str) -> None:
    """In the caller's transaction; `cause` names what was added, for ever."""
    with translation.override(user.language):
        text = _("%(way)s was added to your %(bank)s account at %(time)s. Not you? Call %(phone)s.")
        _tell(user, f"factor-added:{cause}", _("New way to confirm that it is you"), text, way=NAMES[way])


def removed(user: User, way: Way, cause: str) -> None:
    """Likewise that it was removed."""
    with translation.override(user.language):
        text = _("%(way)s was removed from your %(bank)s account at %(time)s. Not you? Call %(phone)s.")
        _tell(user, f"factor-removed:{cause}", _("A way to confirm that it is you was removed"), text, way=NAMES[way])


def codes_made(user: User, cause: str) -> None:
    """Likewise that ten backup codes were made, and those before are void."""
    with translation.override(user.language):
        text = _("Ten new backup codes were made for your %(bank)s account at %(time)s. Not you? Call %(phone)s.")
        _tell(user, f"backup-codes:{cause}", _("New backup codes"), text)


def code_used(user: User, cause: str, left: int, is_low: bool) -> None:
    """Likewise that one was used, and how many are `left`; that new ones are needed when those are few."""
    with translation.override(user.language):
        text = _(
            "A backup code of your %(bank)s account was used at %(time)s. Left: %(left)s. Not you? Call %(phone)s."
        )
        title = _("A backup code was used")
        if is_low:
            title = _("Few backup codes left")
            text = _(
                "A backup code of your %(bank)s account was used at %(time)s. Only %(left)s left:"
                " make new ones in Settings. Not you? Call %(phone)s."
            )
        _tell(user, f"backup-code-used:{cause}", title, text, left=left)


def _tell(user: User, cause: str, subject: str, text: str, **more: object) -> None:
    values = {
        "bank": settings.BANK_NAME,
        "time": f"{clock.now().astimezone(clock.NAIROBI):%d/%m/%Y %H:%M}",
        "phone": settings.FRAUD_PHONE,
        **more,
    }
    alerts.send(user, cause, subject, text % values, SETTINGS)
