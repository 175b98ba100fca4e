"""What becomes of an order from date to date: it moves on, is skipped, paused, resumed, ended.

Whoever changes an order holds its row's lock; nothing here needs a code, for each of it pays less than before, and
resuming goes on with what was confirmed.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import transaction
from django.http import Http404

from accounts.freezing.state import refuse_if_frozen
from accounts.identity.links import fingerprint
from accounts.models import BranchCustomer
from transfers.models import StandingOrder, StandingRun
from transfers.standing import reasons
from wekeza_portal import calendar, clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.calendar import Calendar
from wekeza_portal.recurrence import Occurrence, following, next_one

State = StandingOrder.State
POSITION = ("next_nominal", "next_due", "state", "ended_at")
"""The columns that say where an order stands."""


def advance(order: StandingOrder, days: Calendar) -> None:
    """Past the present date, to the next one or to the end. The caller saves POSITION."""
    assert order.next_nominal is not None
    _stand_at(order, following(order.rule, days, order.next_nominal))


def refit(order: StandingOrder) -> None:
    """After a change: the same next date, done on the day that holds now, or the end. The caller saves POSITION."""
    if order.next_nominal is None:
        return
    days, nominal = calendar.current(), order.next_nominal
    at = following(order.rule, days, nominal - timedelta(days=1))
    if at is not None and at.due_on <= clock.today():
        at = Occurrence(nominal, clock.today() + timedelta(days=1))
    _stand_at(order, at)


def _stand_at(order: StandingOrder, at: Occurrence | None) -> None:
    order.next_nominal = at.nominal if at else None
    order.next_due = at.due_on if at else None
    if at is None:
        order.state, order.ended_at = State.ENDED, clock.now()


def own(customer: BranchCustomer, public_id: uuid.UUID) -> StandingOrder:
    """The customer's own order; Http404 alike for another's and for none."""
    return _theirs(StandingOrder.objects.filter(public_id=public_id, customer_id=customer.user_id).first(), customer)


def _theirs(order: StandingOrder | None, customer: BranchCustomer) -> StandingOrder:
    if order is None or order.fingerprint != fingerprint(customer):
        raise Http404
    return order


@contextmanager
def _held(customer: BranchCustomer, public_id: uuid.UUID) -> Iterator[StandingOrder]:
    with transaction.atomic():
        rows = StandingOrder.objects.select_for_update().filter(public_id=public_id, customer_id=customer.user_id)
        yield _theirs(rows.first(), customer)


def skip(customer: BranchCustomer, public_id: uuid.UUID, nominal: date, *, actor: Actor) -> bool:
    """Leave out the date `nominal` if it is the next one or waits for another try; whether it did.

    A second click skips no second date.
    """
    with _held(customer, public_id) as order:
        waiting = order.runs.filter(nominal=nominal, state=StandingRun.State.WAITING).first()
        if waiting is not None:
            _give_up(waiting, StandingRun.State.SKIPPED, "")
            _note("standing.skipped", order, actor, nominal=str(nominal))
            return True
        if order.state == State.ENDED or order.next_nominal != nominal or order.next_due is None:
            return False
        StandingRun(
            order=order, nominal=nominal, due_on=order.next_due, state=StandingRun.State.SKIPPED, made_at=clock.now()
        ).save(force_insert=True)
        advance(order, calendar.current())
        order.save(update_fields=POSITION)
        _note("standing.skipped", order, actor, nominal=str(nominal))
    return True


def pause(customer: BranchCustomer, public_id: uuid.UUID, *, actor: Actor) -> None:
    """Pay nothing until it is resumed; what waits for another try is given up. Nothing for one that has ended."""
    with _held(customer, public_id) as order:
        if order.state == State.ENDED:
            return
        given_up, was_active = give_up_waiting(order), order.state == State.ACTIVE
        order.state = State.PAUSED
        order.save(update_fields=["state"])
        if was_active or given_up:
            _note("standing.paused", order, actor)


def resume(customer: BranchCustomer, public_id: uuid.UUID, *, actor: Actor) -> None:
    """Go on with the first date that falls due from tomorrow on: what was missed is not paid afterwards.

    Raises Frozen while everything is stopped: the stop has paused it, and whoever it keeps out may be the one.
    """
    with _held(customer, public_id) as order:
        if order.pays:
            refuse_if_frozen(customer.user_id)
        if order.state != State.PAUSED or order.next_nominal is None:
            return
        order.state, order.failures, order.was_stopped = State.ACTIVE, 0, False
        days, tomorrow = calendar.current(), clock.today() + timedelta(days=1)
        if order.next_due is not None and order.next_due < tomorrow:
            at = next_one(order.rule, days, tomorrow)
            while at is not None and at.nominal < order.next_nominal:
                at = following(order.rule, days, at.nominal)
            _stand_at(order, at)
        order.save(update_fields=[*POSITION, "failures", "was_stopped"])
        _note("standing.resumed", order, actor)


def end(customer: BranchCustomer, public_id: uuid.UUID, *, actor: Actor) -> None:
    """End it for good; what waits for another try is given up, the last date's too. What was paid stays paid."""
    with _held(customer, public_id) as order:
        given_up = give_up_waiting(order)
        if order.state != State.ENDED:
            _stand_at(order, None)
            order.save(update_fields=POSITION)
        elif not given_up:
            return
        _note("standing.ended", order, actor)


def give_up_waiting(order: StandingOrder) -> int:
    """Dates that could not be paid so far will not be tried again; how many. Under the order's lock."""
    waiting = list(order.runs.filter(state=StandingRun.State.WAITING))
    for run in waiting:
        _give_up(run, StandingRun.State.FAILED, reasons.STOPPED)
    return len(waiting)


def _give_up(run: StandingRun, state: str, reason: str) -> None:
    run.state, run.again_from, run.reason, run.notice = state, None, reason, {}
    run.save(update_fields=["state", "again_from", "reason", "notice"])


def _note(event: str, order: StandingOrder, actor: Actor, **data: str) -> None:
    record(event, actor=actor, customer_id=order.customer_id, subject=f"standing:{order.public_id}", data=data)
