"""Papers that show who a customer is and what they earn: sent, looked at by staff, asked for again before they end.

A verified paper opens nothing by itself: whether the bank has identified somebody two people say (identifying.py).
"""

import uuid
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer, CustomerDocument
from accounts.profile import papertalk
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.uploads import services as uploads
from wekeza_portal.uploads.errors import Busy, UploadRefused
from wekeza_portal.uploads.models import Upload

PURPOSE = "PROFILE"
Kind, State = CustomerDocument.Kind, CustomerDocument.State
Refused = list[tuple[str, UploadRefused]]

SENT_WITHIN = timedelta(hours=1)
NOTICES = (0, 7, 30)
"""Days before its end at which the customer is told, the nearest first."""


class DecidedAlready(PortalError):
    code = "paper_decided"
    message = _("This paper was decided, or another one has taken its place. Look at the list again.")


class EndedAlready(PortalError):
    code = "paper_ended"
    field = "expires_on"
    message = _("A paper that has ended can't be accepted. Refuse it and say so.")


def send(customer: BranchCustomer, kind: str, files: "list[UploadedFile[Any]]", actor: Actor) -> Refused:
    """Hand in the files as one paper, all or none; the names of those that can't be taken and why.

    A paper of this kind that waits is replaced. Raises TooMany. RuntimeError inside a transaction.
    """
    paper_id, keep_until = uuid.uuid4(), clock.now() + SENT_WITHIN
    refused: Refused = []
    for file in files:
        try:
            uploads.accept(customer.user_id, file, PURPOSE, about=paper_id, keep_until=keep_until, actor=actor)
        except UploadRefused as refusal:
            refused.append((file.name or "", refusal))
            if isinstance(refusal, Busy):
                break  # the next ones would only be told the same
    if refused:
        uploads.give_up(customer.user_id, PURPOSE, paper_id, actor=actor)
        return refused
    _hand_in(customer, kind, paper_id, actor)
    return []


@transaction.atomic
def _hand_in(customer: BranchCustomer, kind: str, paper_id: uuid.UUID, actor: Actor) -> None:
    BranchCustomer.objects.select_for_update().get(pk=customer.pk)  # one waits of each kind, whatever two tabs do
    waiting = CustomerDocument.objects.filter(customer_id=customer.user_id, kind=kind, state=State.SENT)
    waiting.update(state=State.REPLACED)
    paper = CustomerDocument(uuid=paper_id, customer_id=customer.user_id, kind=kind, sent_at=clock.now())
    paper.save(force_insert=True)
    uploads.hand_in(customer.user_id, PURPOSE, paper_id)
    _record("paper.sent", paper, actor)


def newest_of(customer: BranchCustomer) -> dict[str, CustomerDocument]:
    """The last paper of each kind, whatever became of it; none of a former holder of the id."""
    rows = CustomerDocument.objects.filter(customer_id=customer.user_id).exclude(state=State.REPLACED)
    if customer.created_at is not None:
        rows = rows.filter(sent_at__gte=customer.created_at)
    return {row.kind: row for row in rows.order_by("pk")}


def files_of(paper: CustomerDocument) -> list[Upload]:
    return uploads.of(paper.customer_id, PURPOSE, paper.uuid)


def waiting() -> list[CustomerDocument]:
    """What staff have to look at, the oldest first, at most a hundred."""
    return list(CustomerDocument.objects.filter(state=State.SENT).order_by("pk")[:100])


@transaction.atomic
def verify(paper_id: uuid.UUID, expires_on: date | None, *, by: str, actor: Actor) -> CustomerDocument:
    """The paper is right, until `expires_on` where it ends. Raises DecidedAlready, EndedAlready."""
    if expires_on is not None and expires_on <= clock.today():
        raise EndedAlready()
    paper = _undecided(paper_id)
    paper.expires_on = expires_on
    return _decide(paper, State.VERIFIED, by, actor)


@transaction.atomic
def refuse(paper_id: uuid.UUID, reason: str, *, by: str, actor: Actor) -> CustomerDocument:
    """The paper can't be used; the customer reads why. Raises DecidedAlready."""
    paper = _undecided(paper_id)
    paper.reason = reason[:200]
    return _decide(paper, State.REFUSED, by, actor)


def _undecided(paper_id: uuid.UUID) -> CustomerDocument:
    paper = CustomerDocument.objects.select_for_update().filter(uuid=paper_id).first()
    if paper is None or paper.state != State.SENT:
        raise DecidedAlready()
    return paper


def _decide(paper: CustomerDocument, state: CustomerDocument.State, by: str, actor: Actor) -> CustomerDocument:
    paper.state, paper.decided_by, paper.decided_at = state, by[:60], clock.now()
    paper.save(update_fields=["state", "decided_by", "decided_at", "expires_on", "reason"])
    _record(f"paper.{state.lower()}", paper, actor)
    papertalk.tell_decided(paper)
    return paper


def remind(day: date) -> int:
    """Tell whose paper ends within 30 days, within 7, or today; once each. How many were told. A daily job."""
    last = day + timedelta(days=max(NOTICES))
    ending = CustomerDocument.objects.filter(state=State.VERIFIED, expires_on__gte=day, expires_on__lte=last)
    return sum(_remind(paper, day) for paper in ending.order_by("pk"))


def _remind(paper: CustomerDocument, day: date) -> bool:
    customer = BranchCustomer.objects.filter(pk=paper.customer_id).first()
    if customer is None or paper.expires_on is None or _is_followed(paper):
        return False
    left = (paper.expires_on - day).days
    step = next(days for days in NOTICES if left <= days)
    with transaction.atomic():
        return papertalk.tell_ending(customer, paper, step)


def _is_followed(paper: CustomerDocument) -> bool:
    """Whether a later paper of the kind waits or was accepted."""
    later = CustomerDocument.objects.filter(customer_id=paper.customer_id, kind=paper.kind, pk__gt=paper.pk)
    return later.filter(state__in=[State.SENT, State.VERIFIED]).exists()


def _record(verb: str, paper: CustomerDocument, actor: Actor) -> None:
    data = {"kind": paper.kind}
    record(verb, actor=actor, customer_id=paper.customer_id, subject=f"paper:{paper.uuid}", data=data)
