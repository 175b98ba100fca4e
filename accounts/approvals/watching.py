"""The worker's side: see what the branch decided, do what was approved at most once, report what was flipped.

The branch decides by a plain UPDATE, may decide again, and never says who or why it changed its mind. So the queue's
status is read again and again, under a lock on our row and on the branch's, and what counts is `effect`: once a request
has one, no later decision applies anything again.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from django.core.cache import cache
from django.db.models import Q

from accounts.approvals import messages
from accounts.ledger import money_operation
from accounts.models import ApprovalRequest, AuthorizationItem
from wekeza_portal import actors, clock
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.registry import approval_executors

logger = logging.getLogger(__name__)

State = ApprovalRequest.State
Decision = AuthorizationItem.Status

WATCHER = actors.system("approvals")
MISSING = "MISSING"
WATCHED = [
    "state", "decision", "decided_by", "decided_at", "refusal_reason", "flips", "problem", "effect", "done_at",
    "look_again_at",
]  # fmt: skip
"""What the watcher writes of a request; everything else is the customer's."""
LOOK_AGAIN = timedelta(seconds=10)
"""How often an approved request that people do by hand is looked at."""
TRY_AGAIN = timedelta(minutes=1)
FLIPS_EVERY = 15
"""Seconds between two looks at what was decided before."""
FLIPS_WATCHED = timedelta(days=90)
BATCH = 500


class _NotNow(Exception):
    """Rolls back an execution that was refused; carries why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def watch() -> int:
    """Handle every request whose decision is new or whose time has come; how many changed. A worker step."""
    changed = sum(_look_at(request_id) for request_id in _open_ones())
    if cache.add("approvals-flips", True, FLIPS_EVERY):
        changed += look_for_flips()
    return changed


def look_for_flips() -> int:
    """Compare what was decided in the last 90 days with what the queue says now; how many had changed."""
    since = clock.now() - FLIPS_WATCHED
    ended = [State.DONE, State.REFUSED, State.CANCELLED]
    decided = ApprovalRequest.objects.filter(state__in=ended, sent_at__gte=since)
    return sum(
        _look_at(request_id) for request_id in list(_differing(decided.values_list("id", "queue_id", "decision")))
    )


def _open_ones() -> list[uuid.UUID]:
    """Those whose status differs from the one seen, and approved ones that are due."""
    due = Q(look_again_at__isnull=True) | Q(look_again_at__lte=clock.now())
    approved = ApprovalRequest.objects.filter(due, state=State.APPROVED).order_by("sent_at")
    undone = ApprovalRequest.objects.filter(state__in=[State.SENT, State.APPROVED]).order_by("sent_at")
    differing = _differing(undone.values_list("id", "queue_id", "decision"))
    return list(dict.fromkeys([*approved.values_list("id", flat=True), *differing]))


def _differing(rows: Iterable[tuple[uuid.UUID, str | None, str]]) -> Iterator[uuid.UUID]:
    """Those whose status in the queue is not the one seen. Compared here: the tables' collations may differ."""
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        ids = [queue_id for _id, queue_id, _decision in batch if queue_id]
        statuses = dict(AuthorizationItem.objects.filter(queue_id__in=ids).values_list("queue_id", "status"))
        yield from (id_ for id_, queue_id, seen in batch if statuses.get(queue_id or "", MISSING) != seen)


def _look_at(request_id: uuid.UUID) -> bool:
    try:
        return _settle(request_id)
    except _NotNow as refused:
        return _put_off(request_id, refused.problem)


@money_operation
def _settle(request_id: uuid.UUID) -> bool:
    """Bring one request up to what its queue row says now, in one transaction; whether anything changed."""
    request = ApprovalRequest.objects.select_for_update().get(id=request_id)
    item = AuthorizationItem.objects.select_for_update().filter(queue_id=request.queue_id).first()
    if item is None:
        return _note_missing(request)
    if item.status not in Decision.values:
        return False
    is_new = item.status != request.decision
    if is_new:
        _take_note(request, item)
    worked = request.state == State.APPROVED and _carry_out(request)
    request.save(update_fields=WATCHED)
    return is_new or worked


def _note_missing(request: ApprovalRequest) -> bool:
    """The branch's scripts drop and refill the queue. Nothing is concluded from a row that is gone."""
    if request.decision == MISSING:
        return False
    _record("approval.row_missing", request, before=request.decision)
    request.decision = MISSING
    request.save(update_fields=["decision"])
    return True


def _take_note(request: ApprovalRequest, item: AuthorizationItem) -> None:
    """Write down a decision and, where it changes what is true for the customer, say so."""
    before, now = request.decision, item.status
    if before in {Decision.APPROVED, Decision.REJECTED}:
        request.flips += 1
        logger.warning("request %s was decided again at the branch: %s after %s", request.id, now, before)
        _record("approval.flipped", request, before=before, now=now, effect=request.effect, by=item.approved_by or "")
    request.decision = now
    request.decided_by = item.approved_by or ""
    request.decided_at = clock.now() if now != Decision.PENDING else None
    if request.state == State.CANCELLED:
        _record("approval.ignored", request, now=now, by=request.decided_by)
    elif request.state != State.DONE:
        _move_on(request, item)


def _move_on(request: ApprovalRequest, item: AuthorizationItem) -> None:
    """The state that follows from the decision, and what the customer is told of it."""
    now = item.status
    if now == Decision.APPROVED:
        request.state, request.look_again_at, request.refusal_reason = State.APPROVED, None, ""
        _record("approval.approved", request, by=request.decided_by)
    elif now == Decision.REJECTED:
        request.state, request.refusal_reason = State.REFUSED, (item.rejection_reason or "").strip()
        _record("approval.refused", request, by=request.decided_by)
        messages.tell_refused(request)
    else:
        request.state = State.SENT


def _carry_out(request: ApprovalRequest) -> bool:
    """Do what was approved, unless its effect is there already; whether it is done now."""
    if request.effect:
        raise AssertionError("an approved request with an effect is done")
    executor = approval_executors.get(request.kind)
    is_first_look = request.look_again_at is None
    try:
        found = executor.effect_of(request)
        effect = found or executor.apply(request)
    except PortalError as refusal:
        raise _NotNow(refusal.code) from refusal
    if not effect:
        request.look_again_at = clock.now() + LOOK_AGAIN
        if is_first_look:
            messages.tell_approved(request)
        return False
    request.effect, request.state, request.done_at = effect[:200], State.DONE, clock.now()
    request.problem = ""
    _record("approval.done", request, effect=request.effect, found=bool(found))
    messages.tell_done(request)
    return True


@money_operation
def _put_off(request_id: uuid.UUID, problem: str) -> bool:
    """The effect was refused and rolled back: keep the decision, say why to staff once, try again in a minute."""
    request = ApprovalRequest.objects.select_for_update().get(id=request_id)
    item = AuthorizationItem.objects.select_for_update().filter(queue_id=request.queue_id).first()
    if item is None or request.state in {State.DONE, State.CANCELLED}:
        return False
    if item.status != request.decision:
        _take_note(request, item)
    if request.problem != problem:
        _record("approval.not_done_yet", request, problem=problem)
    request.problem, request.look_again_at = problem, clock.now() + TRY_AGAIN
    request.save(update_fields=WATCHED)
    return True


def _record(verb: str, request: ApprovalRequest, **facts: object) -> None:
    data = {"kind": request.kind, "queue": request.queue_id, **facts}
    record(verb, actor=WATCHER, customer_id=request.customer_id, subject=f"request:{request.id}", data=data)
