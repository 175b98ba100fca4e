"""What the customer is told of a stop: by SMS, by e-mail and in the inbox. Nobody can mute it or put it away."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.identity import alerts
from accounts.models import Freeze, User
from wekeza_portal import clock
from wekeza_portal.notifications.inbox import Link

Words = Callable[[dict[str, Any]], tuple[str, str]]


def stopped(freeze: Freeze) -> None:
    """Everything stands still from now on."""
    _tell(freeze, f"begun:{'bank' if freeze.is_the_banks else 'own'}", _stopped)


def lift_asked(freeze: Freeze) -> None:
    """Somebody with a code wants to lift it: whoever did not can call it off while it waits."""
    _tell(freeze, _each("asked"), _asked)


def lift_called_off(freeze: Freeze) -> None:
    """It stays stopped."""
    _tell(freeze, _each("kept"), _kept)


def lifted(freeze: Freeze) -> None:
    """Payments can leave again."""
    _tell(freeze, "ended", _lifted)


def _stopped(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: everything is stopped since %(since)s. Nothing leaves your accounts. Questions: %(phone)s.")
    return _("Everything is stopped"), text % values


def _asked(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: the stop on your payments ends %(lift)s. Not you? Stop it again at %(address)s or %(phone)s.")
    return _("The stop on your payments is to end"), text % values


def _kept(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: the stop on your payments stays. It does not end by itself any more. Questions: %(phone)s.")
    return _("Everything stays stopped"), text % values


def _lifted(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: the stop has ended, payments can leave your accounts again. Not you? Call %(phone)s at once.")
    return _("Payments can leave again"), text % values


def _each(what: str) -> str:
    """What may happen several times to one stop, each time with a message of its own."""
    return f"{what}:{uuid.uuid4().hex[:12]}"


def _tell(freeze: Freeze, what: str, words: Words) -> None:
    """In the customer's language, in the caller's transaction; nothing for whoever has no online access."""
    user = User.objects.select_related("customer").filter(customer_id=freeze.customer_id).first()
    if user is None:
        return
    with translation.override(user.language):
        subject, body = words(_values(freeze))
    link = Link("stop_everything")
    alerts.everywhere(user, f"freeze:{freeze.id.hex}:{what}", subject, body, link)


def _values(freeze: Freeze) -> dict[str, Any]:
    lift = freeze.lift_at.astimezone(clock.NAIROBI) if freeze.lift_at else None
    return {
        "bank": settings.BANK_NAME,
        "phone": settings.FRAUD_PHONE,
        "since": date_format(freeze.since.astimezone(clock.NAIROBI), "d/m H:i"),
        "lift": date_format(lift, "d/m H:i") if lift else "",
        "address": f"{settings.PUBLIC_URL.partition('://')[2].rstrip('/')}/freeze/",
    }
