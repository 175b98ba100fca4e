"""What every template may lean on: the bank's face, the session's limits, where in the site the page stands."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from wekeza_portal import looks

SECTIONS = frozenset({"borrow", "insure", "move", "save", "view", "settings", "more", "help", "inbox"})
# What a phone keeps behind "More": its tab bar has room for five.
BEHIND_MORE = frozenset({"borrow", "insure", "settings", "more", "help", "inbox"})
LARGEST_COUNT = 10**12


def bank() -> dict[str, Any]:
    """Everything that comes from settings alone, so that an error page can show it with the database gone."""
    return {
        "name": settings.BANK_NAME,
        "portal_name": settings.PORTAL_NAME,
        "mark": settings.BANK_MARK,
        "theme_colour": settings.THEME_COLOUR,
        "support_phone": settings.SUPPORT_PHONE,
        "support_phone_uri": telephone(settings.SUPPORT_PHONE),
        "support_email": settings.SUPPORT_EMAIL,
        "fraud_phone": settings.FRAUD_PHONE,
        "fraud_phone_uri": telephone(settings.FRAUD_PHONE),
        "version": settings.VERSION,
        "release_date": date.fromisoformat(settings.RELEASE_DATE),
        "demo": settings.DEMO,
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
        "warn_seconds": settings.SESSION_WARNING_SECONDS,
        "languages": [(code, translation.get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES],
    }


def portal(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Reads only what the request already carries: no query of its own."""
    signed_in = getattr(request, "customer", None) is not None
    section = section_of(request)
    return {
        "portal": bank(),
        "signed_in": signed_in,
        "section": section,
        "at_its_start": at_its_start(request, section),
        "behind_more": section in BEHIND_MORE,
        # Looked up when printed: signed-out pages must not touch the session for it.
        "amounts_hidden": signed_in and bool(getattr(request.user, "hide_amounts", False)),
        "look": looks.of(request, signed_in=signed_in),
        "data_used": data_used(request),
        "unread": unread(request),
        "request_id": getattr(request, "request_id", ""),
        "current_address": SimpleLazyObject(request.get_full_path),
    }


def unread(request: HttpRequest) -> str:
    """The figure at the bell. The door has counted with the session's row: no query of its own."""
    return unread_words(getattr(getattr(request, "signed_in_session", None), "unread", None) or 0)


def unread_words(count: int) -> str:
    """How many unread messages: "" for none, "99+" at most."""
    return ("99+" if count > 99 else str(count)) if count else ""


def section_of(request: HttpRequest) -> str:
    """The section a page belongs to: `home`, one of SECTIONS, or empty (sign-in, errors)."""
    match = request.resolver_match
    if match is None:
        return ""
    if match.url_name == "home":
        return "home"
    first = match.route.split("/", 1)[0]
    return first if first in SECTIONS else ""


def at_its_start(request: HttpRequest, section: str) -> bool:
    """Whether this is the section's own first page, which bears its name, and not one further in."""
    match = request.resolver_match
    return match is not None and bool(section) and match.url_name == section


def data_used(request: HttpRequest) -> int:
    """Bytes this session has cost so far, as the middleware counted them into the cookie; 0 when unknown."""
    counted = request.COOKIES.get(settings.DATA_COOKIE_NAME, "")
    if not (counted.isascii() and counted.isdigit()):
        return 0
    return min(int(counted[:13]), LARGEST_COUNT)


def telephone(number: str) -> str:
    """A `tel:` address for a number as printed: `+254 700 123 456` gives `tel:+254700123456`."""
    return "tel:" + "".join(character for character in number if character in "+0123456789")
