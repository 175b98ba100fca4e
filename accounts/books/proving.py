"""Was this posting written by the ledger? Each carries a mark in its audit event that plain SQL can't make.

The event is written in the posting's transaction anyway. Its mark is an HMAC under FIELD_KEYS over what the posting
and its instruction say: rows slipped into the tables, however well they tie, have none, and an instruction that is
rewritten afterwards no longer fits its own. Postings without a mark are never taken for good, however old.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any, Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.books.kinds import kinds
from accounts.content import content_hash
from accounts.models import Instruction, Posting
from wekeza_portal import crypto
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.errors import PortalError
from wekeza_portal.money import exact

logger = logging.getLogger(__name__)


class Fault(models.TextChoices):
    """What is wrong with a posting's event; the labels are for staff."""

    NO_EVENT = "no_event", _("The audit trail knows nothing of this posting: the portal did not write it.")
    TWO_EVENTS = "two_events", _("The audit trail holds more than one event of this posting.")
    NOT_OURS = "not_ours", _("Posting and audit event do not fit each other: one of them was written by another hand.")
    REWRITTEN = "rewritten", _("The instruction no longer says what was posted: somebody wrote into the database.")


class NotAsPosted(PortalError):
    """What is stored about a payment is not what was posted: nothing is shown or issued on the strength of it."""

    code = "not_as_posted"
    message = _("We can't show this payment just now, because its record is being checked. Please call us.")


class Head(Protocol):
    """What a mark says of a posting, whether it is being written or read."""

    reference: str
    kind: str
    content_hash: str
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """A posting with what is wrong with it."""

    posting: Posting
    fault: Fault


def facts_of(entry: Any, instruction: Instruction, verb: str) -> dict[str, str]:
    """What the event of a posting that is about to be written says beside kind and amounts."""
    asked = content_hash(instruction)
    reverses = entry.reverses.pk if entry.reverses else None
    return {
        "content": entry.content_hash,
        "asked": asked,
        "mark": _mark(entry, instruction.id.hex, reverses, verb, asked),
    }


def judge(postings: Sequence[Posting]) -> Iterator[Judged]:
    """The postings whose event is missing, doubled, forged or says something else, of a batch. Two queries."""
    events: dict[str, list[AuditEvent]] = defaultdict(list)
    subjects = [f"posting:{posting.reference}" for posting in postings]
    verbs = {kind.verb for _name, kind in kinds.items()}
    for event in AuditEvent.objects.filter(subject__in=subjects, verb__in=verbs):
        events[event.subject].append(event)
    asked = Instruction.objects.in_bulk([posting.instruction_id for posting in postings])
    for posting in postings:
        found = events[f"posting:{posting.reference}"]
        fault = _fault(posting, asked.get(posting.instruction_id), found)
        if fault is not None:
            yield Judged(posting, fault)


def refuse_unless_as_posted(posting: Posting) -> None:
    """Before anything is shown or issued about a payment. NotAsPosted, and an alarm in the log."""
    for judged in judge([posting]):
        logger.error("posting %s: %s", posting.reference, judged.fault.value)
        raise NotAsPosted()


def _fault(posting: Posting, instruction: Instruction | None, events: Iterable[AuditEvent]) -> Fault | None:
    found = list(events)
    if not found:
        return Fault.NO_EVENT
    if len(found) > 1:
        return Fault.TWO_EVENTS
    said = found[0].data
    asked = str(said.get("asked", ""))
    mark = _mark(posting, posting.instruction_id.hex, posting.reverses_id, found[0].verb, asked)
    if not compare_digest(str(said.get("mark", "")).encode(), mark.encode()):
        return Fault.NOT_OURS
    if instruction is None:
        return None  # that a posting has no instruction is said by whoever looks for it
    if content_hash(instruction) != asked:
        return Fault.REWRITTEN
    is_said = (str(exact(instruction.amount)), str(exact(instruction.fee)), posting.kind, posting.content_hash)
    if (said.get("amount"), said.get("fee"), said.get("kind"), said.get("content")) != is_said:
        return Fault.NOT_OURS
    return None


def _mark(head: Head, instruction_id: str, reverses: int | None, verb: str, asked: str) -> str:
    at = head.posted_at.astimezone(UTC).isoformat(timespec="microseconds")
    says = [head.reference, instruction_id, str(head.kind), head.content_hash, at, reverses, verb, asked]
    return crypto.keyed_digest("posting", json.dumps(says))
