"""Requests under the Data Protection Act: made by the customer, answered by staff before the legal clock runs out.

Days are calendar days from the day after the request, by the figure that is in force on that day. What two people grant
is in accounts/privacy/erasing.py.
"""

import uuid
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy

from accounts.models import BranchCustomer, CustomerDetails, DataRequest, User
from accounts.privacy import consents, figures, telling
from wekeza_portal import clock, identifiers, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import door

Kind, State = DataRequest.Kind, DataRequest.State
OPEN = (State.OPEN, State.CLAIMED)
ASKING = ratelimit.Policy("data-requests", 10, timedelta(days=1))
MOST_SHOWN = 50
HURRY = timedelta(days=2)
"""So near its day, or so long with one person, a request is a colleague's to take: the law waits for nobody."""


class AlreadyEnded(PortalError):
    code = "request_ended"
    message = gettext_lazy("This request has been answered or taken back. Nothing was changed.")


class SomebodyElseHasIt(PortalError):
    code = "request_claimed"
    message = gettext_lazy("A colleague is working on this request.")


class NotClaimed(PortalError):
    code = "request_not_claimed"
    message = gettext_lazy("Take the request before you answer it.")


class NeedsTwo(PortalError):
    code = "request_needs_two"
    message = gettext_lazy("Data is erased by two people: propose it, and a colleague approves it.")


def make(customer: BranchCustomer, kind: str, details: str, actor: Actor) -> DataRequest:
    """Write the request down; the clock runs from now, and the customer hears of it at once. Raises TooMany."""
    ratelimit.consume(ASKING, str(customer.user_id))
    today = clock.today()
    figure = figures.row(kind, today)
    with transaction.atomic():
        row = DataRequest.objects.create(
            reference=identifiers.new_reference(),
            customer_id=customer.user_id,
            kind=kind,
            details=details,
            made_at=clock.now(),
            due_on=today + timedelta(days=int(figure.value)),
            figure=figure,
        )
        _record("data_request.made", row, actor)
        telling.made(row, customer)
    return row


def of(customer: BranchCustomer) -> list[DataRequest]:
    """The customer's own, the latest first."""
    return list(_own(customer).order_by("-made_at", "-reference")[:MOST_SHOWN])


def get(customer: BranchCustomer, request_id: uuid.UUID) -> DataRequest:
    """Likewise one; Http404 for somebody else's and for none."""
    row = _own(customer).filter(pk=request_id).first()
    if row is None:
        raise Http404
    return row


def _own(customer: BranchCustomer) -> QuerySet[DataRequest]:
    rows = DataRequest.objects.filter(customer_id=customer.user_id)
    return rows.filter(made_at__gte=customer.created_at) if customer.created_at else rows


def withdraw(customer: BranchCustomer, request_id: uuid.UUID, actor: Actor) -> None:
    """The customer takes it back. Raises AlreadyEnded, Http404."""
    get(customer, request_id)
    with transaction.atomic():
        row = _open(request_id)
        _end(row, State.WITHDRAWN, "", "")
        _record("data_request.withdrawn", row, actor)


def queue() -> list[DataRequest]:
    """What waits for staff: by deadline, so that what is overdue comes first."""
    return list(DataRequest.objects.filter(state__in=OPEN).order_by("due_on", "made_at", "reference")[:200])


def answered(most: int = 50) -> list[DataRequest]:
    """What was ended last."""
    return list(DataRequest.objects.exclude(state__in=OPEN).order_by("-ended_at", "-reference")[:most])


def is_overdue(row: DataRequest, today: date) -> bool:
    """Whether the day by which the bank had to answer is over."""
    return row.state in OPEN and row.due_on < today


def claim(request_id: uuid.UUID, *, by: str, actor: Actor) -> DataRequest:
    """One member of staff takes it, if need be from a colleague. Raises AlreadyEnded, SomebodyElseHasIt, Http404."""
    with transaction.atomic():
        row = _open(request_id)
        former = row.claimed_by if row.state == State.CLAIMED else ""
        if former == by:
            return row
        if former and not may_be_taken_over(row):
            raise SomebodyElseHasIt()
        row.state, row.claimed_by, row.claimed_at = State.CLAIMED, by, clock.now()
        row.save(update_fields=["state", "claimed_by", "claimed_at"])
        if former:
            _record("data_request.taken_over", row, actor, before=former)
        else:
            _record("data_request.claimed", row, actor)
    return row


def may_be_taken_over(row: DataRequest) -> bool:
    """Whether a claimed one is a colleague's to take: whoever has it left, sits on it, or its day is near."""
    if row.state != State.CLAIMED:
        return False
    is_near = row.due_on - clock.today() <= HURRY
    is_old = row.claimed_at is None or clock.now() - row.claimed_at > HURRY
    return is_near or is_old or not _is_active(row.claimed_by)


def _is_active(staff_code: str) -> bool:
    return door.is_staff(User.objects.filter(username=staff_code, customer=None).first())


def release(request_id: uuid.UUID, *, by: str, actor: Actor) -> DataRequest:
    """Whoever took it gives it back to the queue. Raises AlreadyEnded, SomebodyElseHasIt, NotClaimed, Http404."""
    with transaction.atomic():
        row = held(request_id, by)
        row.state, row.claimed_by, row.claimed_at = State.OPEN, "", None
        row.save(update_fields=["state", "claimed_by", "claimed_at"])
        _record("data_request.released", row, actor)
    return row


def answer(request_id: uuid.UUID, *, is_granted: bool, words: str, by: str, actor: Actor) -> DataRequest:
    """End it with words for the customer, who is told.

    A granted objection takes every consent back. Raises AlreadyEnded, SomebodyElseHasIt, NotClaimed, Http404, and
    NeedsTwo where an erasure would be granted.
    """
    with transaction.atomic():
        row = held(request_id, by)
        if is_granted and row.kind == Kind.ERASURE:
            raise NeedsTwo()
        _answer(row, State.GRANTED if is_granted else State.REFUSED, words, by, actor)
    return row


def grant_erasure(request_id: uuid.UUID, *, words: str, by: str, checker: str, actor: Actor) -> DataRequest:
    """What `by` proposed and somebody else approved: take every consent back and delete what the customer told us
    about home, next of kin and work, which no law makes the bank keep.

    Raises NeedsTwo, AlreadyEnded, SomebodyElseHasIt, NotClaimed, Http404.
    """
    with transaction.atomic():
        row = held(request_id, by)
        if row.kind != Kind.ERASURE or checker in ("", by):
            raise NeedsTwo()
        _answer(row, State.GRANTED, words, by, actor, checker=checker)
    return row


def _answer(row: DataRequest, state: str, words: str, by: str, actor: Actor, **more: str) -> None:
    customer = _asker(row)
    if state == State.GRANTED and customer is not None:
        _carry_out(row, customer, actor)
    _end(row, state, words, by)
    _record("data_request.answered", row, actor, **more)
    if customer is not None:
        telling.answered(row, customer)


def _asker(row: DataRequest) -> BranchCustomer | None:
    """Who asked, locked; None where the branch has dropped the row, or given its id to somebody since."""
    customer = BranchCustomer.objects.select_for_update().filter(pk=row.customer_id).first()
    if customer is None or (customer.created_at is not None and customer.created_at > row.made_at):
        return None
    return customer


def _carry_out(row: DataRequest, customer: BranchCustomer, actor: Actor) -> None:
    if row.kind in (Kind.OBJECTION, Kind.ERASURE):
        consents.withdraw_all(customer, actor=actor)
    if row.kind == Kind.ERASURE:
        CustomerDetails.objects.filter(customer_id=customer.user_id).delete()


def _end(row: DataRequest, state: str, words: str, by: str) -> None:
    row.state, row.answer, row.answered_by, row.ended_at = state, words, by, clock.now()
    row.save(update_fields=["state", "answer", "answered_by", "ended_at"])


def _open(request_id: uuid.UUID) -> DataRequest:
    """The row, locked and not ended."""
    row = DataRequest.objects.select_for_update().filter(pk=request_id).first()
    if row is None:
        raise Http404
    if row.state not in OPEN:
        raise AlreadyEnded()
    return row


def held(request_id: uuid.UUID, by: str) -> DataRequest:
    """The row, locked, if this person has it. Raises AlreadyEnded, SomebodyElseHasIt, NotClaimed, Http404."""
    row = _open(request_id)
    if row.state != State.CLAIMED:
        raise NotClaimed()
    if row.claimed_by != by:
        raise SomebodyElseHasIt()
    return row


def _record(verb: str, row: DataRequest, actor: Actor, **more: str) -> None:
    data = {"kind": row.kind, "reference": row.reference, "state": row.state, **more}
    record(verb, actor=actor, customer_id=row.customer_id, subject=f"data-request:{row.pk}", data=data)
