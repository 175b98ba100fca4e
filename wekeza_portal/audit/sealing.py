"""The sealer: numbers committed events and chains them, a few hundred at a time, one sealer at a time.

Writing an event costs its transaction one INSERT and no lock; everything else happens here, in the worker, within a
second or two. Ids are given before the commit, so a low id may appear after a higher one was sealed: it then gets the
next number. Unsealed events are looked for above `settled_id`, which follows at a distance longer than any transaction
lives, and everywhere once a day.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.audit.chain import Head, Signer, newest_key
from wekeza_portal.audit.models import AuditEvent, AuditHead, AuditSeal
from wekeza_portal.audit.services import record

logger = logging.getLogger(__name__)

BATCH = 500
MOST_BATCHES = 20
"""In one round of the worker, so that a backlog does not keep messages waiting."""
MOVED = ("number", "digest", "key_id", "proof", "settled_id", "watched_id", "watched_at", "noted_on")
LONGEST_TRANSACTION = timedelta(minutes=15)


class ChainDoesNotFit(RuntimeError):
    """The head and the last seal contradict each other: somebody wrote into the tables. `verifyaudit` says where."""


def seal_waiting() -> int:
    """Seal what was committed since; returns how many. Returns at once while another sealer is at it."""
    if _is_idle():
        return 0
    total = 0
    for _ in range(MOST_BATCHES):
        sealed = seal_batch()
        total += sealed
        if sealed < BATCH:
            break
    return total


def _is_idle() -> bool:
    """A look without a lock, so that a quiet bank's worker writes nothing."""
    row = AuditHead.objects.filter(pk=1).first()
    if row is None or row.noted_on != clock.today():
        return False
    return not unsealed(after=row.settled_id).exists()


def unsealed(*, after: int = 0) -> QuerySet[AuditEvent]:
    """Events above the id `after` that the chain does not hold yet, lowest id first."""
    seals = AuditSeal.objects.filter(event_id=OuterRef("pk"))
    return AuditEvent.objects.filter(~Exists(seals), pk__gt=after).order_by("pk")


@transaction.atomic
def seal_batch(size: int = BATCH) -> int:
    """Seal at most `size` events in one transaction; 0 when another sealer holds the head. ChainDoesNotFit."""
    AuditHead.objects.get_or_create(pk=1)
    row = AuditHead.objects.select_for_update(skip_locked=True).filter(pk=1).first()
    if row is None:
        return 0
    is_first_today = row.noted_on != clock.today()
    events = list(unsealed(after=0 if is_first_today else row.settled_id)[:size])
    if events:
        _append(row, events)
    if is_first_today and len(events) < size:
        _note(row)
    _settle(row)
    row.save(update_fields=MOVED)
    return len(events)


def _append(row: AuditHead, events: list[AuditEvent]) -> None:
    """Chain the events after the head, which the caller has locked, and move the head."""
    last = AuditSeal.objects.order_by("-number").first()
    if (last.number, last.digest) != (row.number, row.digest) if last else row.number != 0:
        raise ChainDoesNotFit("the audit chain does not end where its head says; run verifyaudit")
    signer, key_id = Signer(), newest_key()
    number, digest, seals = row.number, row.digest, []
    for number, event in enumerate(events, start=row.number + 1):
        digest = signer.seal(number, digest, event, key_id)
        seals.append(AuditSeal(number=number, event_id=event.pk, digest=digest, key_id=key_id))
    AuditSeal.objects.bulk_create(seals)
    row.number, row.digest, row.key_id = number, digest, key_id
    row.proof = signer.proof(Head(number, digest), key_id)


def _note(row: AuditHead) -> None:
    """Once a day, write the head where it can be compared later: in the trail, and in the log, which leaves here."""
    row.noted_on = clock.today()
    if not row.number:
        return
    head = Head(row.number, row.digest)
    record("audit.head", actor=system("sealer"), subject=f"seal:{head.number}", data={"head": str(head)})
    logger.info("audit chain head %s", head)


def _settle(row: AuditHead) -> None:
    now = clock.now()
    if row.watched_at is None or now - row.watched_at >= LONGEST_TRANSACTION:
        row.settled_id = row.watched_id
        row.watched_id = AuditEvent.objects.aggregate(highest=Max("pk"))["highest"] or 0
        row.watched_at = now
