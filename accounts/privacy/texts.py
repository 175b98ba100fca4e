"""The bank's legal texts: which version is in force, and which terms somebody who signed in has to accept."""

from datetime import date, datetime
from typing import NamedTuple

from django.core.cache import cache
from django.http import Http404
from django.utils.translation import get_language

from accounts.models import LegalText, User
from wekeza_portal import clock

Kind = LegalText.Kind
REMEMBERED = 60
"""Seconds that a process remembers which terms begin when. A version begins tomorrow at the earliest."""
_KEY = "privacy:terms"


class Block(NamedTuple):
    """One piece of a text: a heading, a paragraph, or the points of one list."""

    kind: str
    text: str
    points: tuple[str, ...] = ()


def versions(kind: str) -> list[LegalText]:
    """All versions, the latest first, also those that have not begun."""
    return list(LegalText.objects.filter(kind=kind).order_by("-version"))


def in_force(kind: str, on: date | None = None) -> LegalText | None:
    """The version that holds on a Nairobi day; None where there is none yet."""
    rows = LegalText.objects.filter(kind=kind, effective_from__lte=on or clock.today())
    return rows.order_by("-version").first()


def in_force_of(kinds: list[str], on: date | None = None) -> dict[str, LegalText]:
    """Likewise for several kinds, with one query."""
    rows = LegalText.objects.filter(kind__in=kinds, effective_from__lte=on or clock.today())
    return {row.kind: row for row in rows.order_by("version")}


def required(kind: str) -> LegalText:
    """The version in force. Http404 where there is none."""
    row = in_force(kind)
    if row is None:
        raise Http404
    return row


def due(user: User, signed_in_at: datetime) -> int:
    """The version of the terms that this login has to accept before anything else; 0 for none.

    Asked at every request: no query but one a minute and process. The day of the sign-in counts, so that nobody is
    interrupted at midnight.
    """
    day = signed_in_at.astimezone(clock.NAIROBI).date()
    needed = max((version for begins, version in _beginnings() if begins <= day), default=0)
    return needed if user.accepted_terms < needed else 0


def _beginnings() -> list[tuple[date, int]]:
    found: list[tuple[date, int]] | None = cache.get(_KEY)
    if found is None:
        found = list(LegalText.objects.filter(kind=Kind.TERMS).values_list("effective_from", "version"))
        cache.set(_KEY, found, REMEMBERED)
    return found


def forget_remembered() -> None:
    """After a version was added in this process."""
    cache.delete(_KEY)


def words(row: LegalText, language: str | None = None) -> str:
    """The text in one language, the active one without."""
    return row.text_sw if _is_kiswahili(language) else row.text_en


def changes(row: LegalText, language: str | None = None) -> str:
    """What is new in it, likewise; "" where nothing was said."""
    return row.changes_sw if _is_kiswahili(language) else row.changes_en


def _is_kiswahili(language: str | None) -> bool:
    return (language or get_language() or "").startswith("sw")


def blocks(text: str) -> list[Block]:
    """The pieces of a text by its lines: "## " a heading, "- " a point, all else paragraphs."""
    made: list[Block] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("## "):
            made.append(Block("heading", line[3:]))
        elif not line.startswith("- "):
            made.append(Block("paragraph", line))
        elif made and made[-1].kind == "list":
            made[-1] = made[-1]._replace(points=(*made[-1].points, line[2:]))
        else:
            made.append(Block("list", "", (line[2:],)))
    return made
