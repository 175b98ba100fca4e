"""Proof sheets as they are shown: the list by day, one sheet, whether it still is what was made."""

import hmac
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404

from accounts.models import ProofSheet
from wekeza_portal import clock, crypto

SIGNATURES = 2
PAGE_SIZE = 31


@dataclass(frozen=True, slots=True)
class Page:
    """Newest day first; `older` is the day to page on from."""

    sheets: list[ProofSheet]
    older: date | None


def digest_of(sheet: ProofSheet) -> str:
    """HMAC over everything the sheet says: whoever can write the table still can't make one that fits."""
    said = [sheet.day.isoformat(), sheet.made_at.astimezone(clock.NAIROBI).isoformat(), sheet.made_by]
    body = json.dumps([*said, sheet.differences, sheet.content], sort_keys=True, ensure_ascii=True)
    return crypto.keyed_digest("proof-sheet", body)


def is_as_made(sheet: ProofSheet) -> bool:
    """Whether the sheet in the database still is the one that was made."""
    return hmac.compare_digest(sheet.digest, digest_of(sheet))


def page(*, before: date | None = None) -> Page:
    """A month of sheets, each with `marks`, the number of its signatures."""
    rows = _counted() if before is None else _counted().filter(day__lt=before)
    found = list(rows.order_by("-day")[: PAGE_SIZE + 1])
    return Page(found[:PAGE_SIZE], found[PAGE_SIZE - 1].day if len(found) > PAGE_SIZE else None)


def unsigned() -> int:
    """How many sheets do not carry both signatures."""
    return _counted().filter(marks__lt=SIGNATURES).count()


def _counted() -> QuerySet[Any]:
    return ProofSheet.objects.annotate(marks=Count("signatures"))


def get(day: date) -> ProofSheet:
    """The sheet of a day; Http404 when none was made."""
    sheet = ProofSheet.objects.filter(day=day).first()
    if sheet is None:
        raise Http404
    return sheet


def shown(sheet: ProofSheet) -> dict[str, Any]:
    """What page and paper show of a sheet."""
    explained = {row.number: row for row in sheet.explanations.all()}
    found = [
        {"number": number, **difference, "explanation": explained.get(number)}
        for number, difference in enumerate(sheet.content["differences"], start=1)
    ]
    signatures = list(sheet.signatures.order_by("position"))
    return {
        "sheet": sheet,
        "content": sheet.content,
        "differences": found,
        "signatures": signatures,
        "is_as_made": is_as_made(sheet),
        "is_explained": len(explained) >= sheet.differences,
        "is_complete": len(signatures) >= SIGNATURES,
    }


def moment(at: datetime) -> str:
    """Day and hour in Nairobi, for a line of text."""
    return f"{at.astimezone(clock.NAIROBI):%d/%m/%Y %H:%M}"
