"""Which of the customer's pages may be looked at: those that `registry.support_pages` names, and no other."""

from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, ResolverMatch, resolve, reverse

from accounts.models import SupportLook, SupportView
from wekeza_portal.registry import support_pages

TABS = ("home", "view", "balance_history", "standing", "cards", "own_limits", "requests")


def page_at(address: str) -> ResolverMatch | None:
    """The page at "/view/" if it is one that may be looked at."""
    try:
        match = resolve(address)
    except Resolver404:
        return None
    return match if (match.url_name or "") in support_pages and not match.namespaces else None


def address_in(view: SupportView, address: str) -> str | None:
    """Where "/view/?period=..." can be looked at; None for every other page, and for other people's sites."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or page_at(parts.path) is None:
        return None
    rest = parts.path.removeprefix("/")
    here = (
        reverse("admin:support_page", args=[view.pk, rest]) if rest else reverse("admin:support_home", args=[view.pk])
    )
    return f"{here}?{parts.query}" if parts.query else here


def tabs() -> list[tuple[str, Any]]:
    """The pages that need no address of their own, as (address on the customer's side, words)."""
    return [(reverse(name), support_pages.get(name)) for name in TABS]


def words_of(look: SupportLook) -> Any:
    """What the page is called; its name where the portal has it no more."""
    return support_pages.get(look.page) if look.page in support_pages else look.page
