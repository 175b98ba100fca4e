"""What staff do about services: see what waits and by when it was promised, and say that it was handed over."""

import uuid
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.http import Http404

from accounts.freezing.state import refuse_if_frozen
from accounts.models import ApprovalRequest, ServiceDone
from accounts.servicing import catalogue, doing, saying
from accounts.servicing.errors import NotAgreedYet
from wekeza_portal import calendar, clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record

State = ApprovalRequest.State
BY_WORD = (catalogue.MANDATE, catalogue.CHEQUE_BOOK, catalogue.REFERENCE, catalogue.CLOSE_ACCOUNT)
"""Of these no row of the branch's says that they were done. A closed account has one, unless its row is gone."""
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request, for the board."""

    request: ApprovalRequest
    words: str
    promised_on: date
    is_late: bool
    may_be_finished: bool


def waiting() -> list[Waiting]:
    """What a branch has not decided or not done, the oldest first. Two queries."""
    rows = ApprovalRequest.objects.filter(doing.unfinished()).order_by("sent_at", "id")[:MOST_SHOWN]
    days, today = calendar.current(), clock.today()
    return [_waiting(row, days, today) for row in rows]


def ended() -> list[ApprovalRequest]:
    """What was done, refused or taken back lately, newest first."""
    over = [State.DONE, State.REFUSED, State.CANCELLED]
    rows = ApprovalRequest.objects.filter(kind__in=list(catalogue.SERVICES), state__in=over, sent_at__isnull=False)
    return list(rows.order_by("-sent_at", "-id")[:50])


def _waiting(row: ApprovalRequest, days: calendar.Calendar, today: date) -> Waiting:
    assert row.sent_at is not None, "only what was sent waits"
    sent = row.sent_at.astimezone(clock.NAIROBI).date()
    day = days.add_business_days(sent, int(row.payload["days"]))
    is_agreed = row.state == State.APPROVED and row.kind in BY_WORD
    return Waiting(row, saying.describe(row), day, today > day, is_agreed)


@transaction.atomic
def finish(request_id: uuid.UUID, *, by: str, actor: Actor) -> None:
    """Say that it was handed over or signed, once. The worker then closes the request and tells its owner.

    It changes no money and no access: one person is enough. Raises Http404; NotAgreedYet for what a branch has not
    approved, and for what the branch's own rows show; Frozen for what waits while its customer has stopped everything.
    """
    row = ApprovalRequest.objects.select_for_update().filter(pk=request_id, kind__in=list(catalogue.SERVICES)).first()
    if row is None:
        raise Http404
    if ServiceDone.objects.filter(request=row).exists():
        return
    if row.state != State.APPROVED or row.kind not in BY_WORD:
        raise NotAgreedYet()
    if catalogue.SERVICES[row.kind].stops:
        refuse_if_frozen(row.customer_id)
    ServiceDone.objects.create(request=row, staff=by[:60], at=clock.now())
    row.look_again_at = None
    row.save(update_fields=["look_again_at"])
    facts = {"kind": row.kind, "by": by}
    record("service.given", actor=actor, customer_id=row.customer_id, subject=f"request:{row.pk}", data=facts)
