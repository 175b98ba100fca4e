"""Proof sheets as they are shown: the list by day, one sheet, whether it still is what was made."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404

from accounts.models import ProofSheet
from accounts.proofs import genuine
from accounts.proofs.genuine import digest_of, is_as_made
from wekeza_portal import clock

__all__ = ["digest_of", "get", "is_as_made", "moment", "page", "shown", "unsigned"]

SIGNATURES = 2
PAGE_SIZE = 31


@dataclass(frozen=True, slots=True)
class Page:
    """Newest day first; `older` is the day to page on from."""

    sheets: list[ProofSheet]
    older: date | None


def page(*, before: date | None = None) -> Page:
    """A month of sheets, each with `marks`, the number of its signatures that were given by a person."""
    rows = ProofSheet.objects.all() if before is None else ProofSheet.objects.filter(day__lt=before)
    found = list(rows.order_by("-day").prefetch_related("signatures")[: PAGE_SIZE + 1])
    given = genuine.marks_of(found)
    for sheet in found:
        sheet.marks = _signatures(sheet, given)
    return Page(found[:PAGE_SIZE], found[PAGE_SIZE - 1].day if len(found) > PAGE_SIZE else None)


def unsigned() -> int:
    """How many sheets do not carry both signatures."""
    sheets = list(ProofSheet.objects.defer("content").prefetch_related("signatures"))
    given = genuine.marks_of(sheets)
    return sum(_signatures(sheet, given) < SIGNATURES for sheet in sheets)


def _signatures(sheet: ProofSheet, given: genuine.Marks) -> int:
    return sum(genuine.is_signature(row, sheet, given) for row in sheet.signatures.all())


def get(day: date) -> ProofSheet:
    """The sheet of a day; Http404 when none was made."""
    sheet = ProofSheet.objects.filter(day=day).first()
    if sheet is None:
        raise Http404
    return sheet


def shown(sheet: ProofSheet) -> dict[str, Any]:
    """What page and paper show of a sheet. A name that nobody put there is not shown, and the sheet says so."""
    given = genuine.marks_of([sheet])
    explanations, written = list(sheet.explanations.all()), list(sheet.signatures.order_by("position"))
    explained = {row.number: row for row in explanations if genuine.is_explanation(row, sheet, given)}
    signatures = [row for row in written if genuine.is_signature(row, sheet, given)]
    are_all_real = len(explained) == len(explanations) and len(signatures) == len(written)
    found = [
        {"number": number, **difference, "explanation": explained.get(number)}
        for number, difference in enumerate(sheet.content["differences"], start=1)
    ]
    return {
        "sheet": sheet,
        "content": sheet.content,
        "differences": found,
        "signatures": signatures,
        "is_as_made": is_as_made(sheet) and are_all_real and genuine.has_its_anchors(sheet),
        "is_explained": len(explained) >= sheet.differences,
        "is_complete": len(signatures) >= SIGNATURES,
    }


def moment(at: datetime) -> str:
    """Day and hour in Nairobi, for a line of text."""
    return f"{at.astimezone(clock.NAIROBI):%d/%m/%Y %H:%M}"
