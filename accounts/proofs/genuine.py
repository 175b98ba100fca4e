"""What belongs to a proof sheet and was put there by the portal, not by whoever can write the tables.

Each signature and each explanation has a mark in its audit event, an HMAC under FIELD_KEYS; the balances that the next
proof begins with are under the digest of the sheet itself.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from accounts.models import ProofBalance, ProofExplanation, ProofSheet, ProofSignature
from wekeza_portal import clock, crypto
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.money import exact

VERBS = ("proof.signed", "proof.explained")
Marks = Mapping[str, set[str]]


def digest_of(sheet: ProofSheet) -> str:
    """HMAC over everything the sheet says: whoever can write the table still can't make one that fits."""
    said = [sheet.day.isoformat(), sheet.made_at.astimezone(clock.NAIROBI).isoformat(), sheet.made_by]
    body = json.dumps([*said, sheet.differences, sheet.content], sort_keys=True, ensure_ascii=True)
    return crypto.keyed_digest("proof-sheet", body)


def is_as_made(sheet: ProofSheet) -> bool:
    """Whether the sheet in the database still is the one that was made."""
    return hmac.compare_digest(sheet.digest, digest_of(sheet))


def mark_of_signature(row: ProofSignature) -> str:
    """What the event of this signature carries; `digest` is the sheet's as it was signed."""
    says = [row.digest, row.position, row.signed_by, row.signed_by_code, row.remark, _moment(row.signed_at)]
    return crypto.keyed_digest("proof-signature", json.dumps(says))


def mark_of_explanation(row: ProofExplanation, sheet: ProofSheet) -> str:
    says = [sheet.digest, row.number, row.text, row.explained_by, row.explained_by_code, _moment(row.explained_at)]
    return crypto.keyed_digest("proof-explanation", json.dumps(says))


def anchors_of(balances: Mapping[int, Decimal]) -> str:
    """The digest of a sheet's balances, for its content: none can be planted, changed or taken away."""
    said = [[account_id, str(exact(closing))] for account_id, closing in sorted(balances.items())]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def marks_of(sheets: Iterable[ProofSheet]) -> Marks:
    """The marks that the events of these sheets carry, by subject. One query."""
    marks: dict[str, set[str]] = {_subject(sheet): set() for sheet in sheets}
    events = AuditEvent.objects.filter(subject__in=list(marks), verb__in=VERBS)
    for subject, said in events.values_list("subject", "data"):
        marks[subject].add(str(said.get("mark", "")))
    return marks


def is_signature(row: ProofSignature, sheet: ProofSheet, marks: Marks) -> bool:
    """Whether a person gave this signature, under the sheet as it is."""
    return row.digest == sheet.digest and mark_of_signature(row) in marks[_subject(sheet)]


def is_explanation(row: ProofExplanation, sheet: ProofSheet, marks: Marks) -> bool:
    return mark_of_explanation(row, sheet) in marks[_subject(sheet)]


def has_its_anchors(sheet: ProofSheet) -> bool:
    """Whether the balances beside the sheet are those it was made with: worth something if the sheet is as made."""
    rows = ProofBalance.objects.filter(sheet=sheet).values_list("account_id", "closing")
    return bool(sheet.content.get("anchors") == anchors_of(dict(rows)))


def is_whole(sheet: ProofSheet) -> bool:
    """Whether sheet, balances, explanations and signatures are what the portal and its people put there."""
    return is_as_made(sheet) and has_its_anchors(sheet) and not any(_names_of_nobody(sheet, marks_of([sheet])))


def _names_of_nobody(sheet: ProofSheet, marks: Marks) -> Iterator[str]:
    for signature in sheet.signatures.all():
        if not is_signature(signature, sheet, marks):
            yield f"signature {signature.position} was given by nobody"
    for explanation in sheet.explanations.all():
        if not is_explanation(explanation, sheet, marks):
            yield f"explanation {explanation.number} was given by nobody"


def faults() -> Iterator[tuple[str, str]]:
    """Every sheet that is not as it was made, or has something beside it that nobody put there: its day, and words."""
    for sheet in ProofSheet.objects.order_by("day").prefetch_related("signatures", "explanations").iterator(200):
        if not is_as_made(sheet):
            yield str(sheet.day), "the sheet is not as it was made"
        elif not has_its_anchors(sheet):
            yield str(sheet.day), "its balances are not those it was made with"
        yield from ((str(sheet.day), words) for words in _names_of_nobody(sheet, marks_of([sheet])))


def _subject(sheet: ProofSheet) -> str:
    return f"proof:{sheet.day}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
