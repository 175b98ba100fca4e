"""Light or dark, and how large: how the pages look in one browser, as attributes of <html>.

Signed in it is the customer's choice; signed out what the browser's cookie says. Works without JavaScript.
"""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

THEMES = ("device", "light", "dark")
SIZES = ("normal", "large", "larger")


class Look(NamedTuple):
    """One of THEMES and one of SIZES."""

    theme: str = THEMES[0]
    size: str = SIZES[0]


def of(request: HttpRequest, *, signed_in: bool) -> Look:
    """Of the user where a customer is signed in, else of the browser. No query of its own."""
    if not signed_in:
        return read(request.COOKIES.get(settings.LOOK_COOKIE_NAME, ""))
    user = request.user
    return _known(getattr(user, "theme", ""), getattr(user, "text_size", ""))


def read(text: str) -> Look:
    """What the cookie says ("dark.large"). Anything but two words of ours is not looked at further."""
    theme, _dot, size = text.partition(".")
    return _known(theme, size)


def _known(theme: str, size: str) -> Look:
    return Look(theme, size) if theme in THEMES and size in SIZES else Look()


def remember(response: HttpResponseBase, look: Look) -> None:
    """Keep the look in this browser, for the pages before signing in."""
    response.set_cookie(
        settings.LOOK_COOKIE_NAME,
        f"{look.theme}.{look.size}",
        max_age=settings.LOOK_COOKIE_AGE,
        secure=settings.TLS,
        httponly=True,
        samesite="Lax",
    )
