"""Setting an order up and changing it: a draft to review, a code, then once. Nothing is reserved, nothing moves."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from accounts import instructions
from accounts.identity.links import fingerprint
from accounts.models import BranchCustomer, Instruction
from transfers.models import StandingOrder
from transfers.outside import preparing
from transfers.outside.executing import destination_of
from transfers.outside.kinds import KINDS
from transfers.payees import newness
from transfers.standing import acts, errors, messages
from transfers.standing.what import What, receiver_of
from transfers.standing.wording import day_words
from wekeza_portal import calendar, clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.money import ZERO
from wekeza_portal.recurrence import next_one
from wekeza_portal.staff import switches

KIND = StandingOrder.KIND
TOMORROW = timedelta(days=1)
ORDER_FIELDS = ("kind", "payload", "payee_key", "from_number", "amount")
CHANGEABLE = ("payload", "from_number", "amount", "until", "times", "on_holiday", "mode")
PLAN_FIELDS = ("rhythm", "begins", "until", "times", "on_holiday", "mode")


@dataclass(frozen=True, slots=True)
class Plan:
    """When: the columns of StandingOrder of the same names."""

    rhythm: str
    begins: date
    until: date | None
    times: int | None
    on_holiday: str
    mode: str


def prepare(customer: BranchCustomer, what: What, plan: Plan) -> Instruction:
    """Store a draft of a new order to be reviewed. Raises a TransferRefused about its days or the new-payee cap."""
    order = _filled(StandingOrder(), what, plan)
    first = _first(order)
    if order.pays and first <= clock.today() + TOMORROW:
        newness.refuse_above_cap(customer, what.payee_key, what.amount)
    return _draft(customer, order, base=None)


def _first(order: StandingOrder) -> date:
    """The first day of a new order. Raises BeginsTooEarly, AlreadyPast or NeverDue."""
    tomorrow = clock.today() + TOMORROW
    if order.begins < tomorrow:
        raise errors.BeginsTooEarly(first=day_words(tomorrow))
    first = next_one(order.rule, calendar.current(), date.min)
    if first is None:
        raise errors.NeverDue()
    if first.due_on < tomorrow:
        raise errors.AlreadyPast()
    return first.due_on


def _filled(order: StandingOrder, what: What, plan: Plan) -> StandingOrder:
    for name in ORDER_FIELDS:
        setattr(order, name, getattr(what, name))
    for name in PLAN_FIELDS:
        setattr(order, name, getattr(plan, name))
    return order


def _draft(customer: BranchCustomer, order: StandingOrder, base: StandingOrder | None) -> Instruction:
    """The order as an instruction. What pays by itself is "to somebody new" each time, so a code is always due."""
    plan = {name: getattr(order, name) for name in PLAN_FIELDS}
    dates = {name: plan[name].isoformat() if plan[name] else None for name in ("begins", "until")}
    payload = {
        **order.payload,
        "kind": order.kind,
        "payee": order.payee_key,
        "plan": {**plan, **dates},
        "order": str(base.public_id) if base else None,
        "base": base.content_hash if base else "",
    }
    return instructions.draft(
        customer=customer,
        kind=KIND,
        payload=payload,
        amount=order.amount,
        fee=ZERO,
        fee_row_id=None,
        payee_key=f"standing:{uuid.uuid4()}" if order.pays else "",
    )


def drafted(instruction: Instruction) -> StandingOrder:
    """The order that a draft would make, unsaved: for the review page and for doing it."""
    payload = dict(instruction.payload)
    kind, payee_key, plan = payload.pop("kind"), payload.pop("payee"), payload.pop("plan")
    del payload["order"], payload["base"]
    dates = {name: date.fromisoformat(plan[name]) if plan[name] else None for name in ("begins", "until")}
    what = What(kind, payload, payee_key, payload["from_number"], instruction.amount)
    order = _filled(StandingOrder(), what, Plan(**{**plan, **dates}))
    order.public_id, order.customer_id = instruction.id, instruction.customer_id
    order.receiver = receiver_of(payload)
    return order


def execute(instruction: Instruction, actor: Actor) -> None:
    """Set the order up or change it, once, inside the confirming money operation.

    Raises SwitchedOff, BeginsTooEarly, AlreadyPast, NeverDue or OrderChanged.
    """
    if instruction.state == Instruction.State.DONE:
        return
    order = drafted(instruction)
    require_on(order)
    if instruction.payload["order"]:
        order = _change(instruction, order)
        messages.changed(order)
    else:
        order = _create(instruction, order)
        messages.set_up(order)
    record(
        "standing.changed" if instruction.payload["order"] else "standing.set_up",
        actor=actor,
        customer_id=order.customer_id,
        subject=f"standing:{order.public_id}",
        data={
            "amount": str(order.amount),
            "kind": order.kind,
            **{name: str(getattr(order, name)) for name in PLAN_FIELDS},
        },
    )
    instruction.state = Instruction.State.DONE
    instruction.save(update_fields=["state"])


def authorized_by(order: StandingOrder) -> uuid.UUID:
    """The instruction that was confirmed last for this order: the one that set it up, or its latest change."""
    if order.authorized_at == order.created_at:
        return order.public_id
    own = Instruction.objects.filter(customer_id=order.customer_id, kind=KIND, state=Instruction.State.DONE)
    changes = own.filter(payload__order=str(order.public_id)).order_by("-stepped_up_at")
    return changes.values_list("id", flat=True).first() or order.public_id


def require_on(order: StandingOrder) -> None:
    """Raises SwitchedOff while the service that the order pays with is switched off; a rail may rest meanwhile."""
    if order.kind in KINDS:
        preparing.require_on(KINDS[order.kind], destination_of(order), later=True)
    else:
        switches.require_on(switches.INTERNAL_TRANSFERS)


def _create(instruction: Instruction, order: StandingOrder) -> StandingOrder:
    now = clock.now()
    order.next_due = _first(order)
    order.next_nominal = order.begins
    order.fingerprint = fingerprint(instruction.customer)
    order.created_at = order.authorized_at = now
    order.content_hash = order.digest()
    order.save(force_insert=True)
    if order.pays and order.payee_key:
        newness.begin(order.customer_id, order.payee_key)
    return order


def _change(instruction: Instruction, wanted: StandingOrder) -> StandingOrder:
    order = (
        StandingOrder.objects.select_for_update()
        .filter(public_id=instruction.payload["order"], customer_id=instruction.customer_id)
        .first()
    )
    is_as_seen = order is not None and order.content_hash == instruction.payload["base"]
    if order is None or not is_as_seen or order.state == StandingOrder.State.ENDED:
        raise errors.OrderChanged()
    _apply(order, wanted)
    if order.pays and order.payee_key:
        newness.begin(order.customer_id, order.payee_key)  # it may have been a reminder only, until now
    return order


def _apply(order: StandingOrder, wanted: StandingOrder) -> StandingOrder:
    """Write what may be changed into the locked row. The next date stays, unless the order now ends before it."""
    for name in CHANGEABLE:
        setattr(order, name, getattr(wanted, name))
    order.authorized_at = clock.now()
    order.content_hash = order.digest()
    acts.refit(order)
    if not order.pays:
        acts.give_up_waiting(order)  # "only remind me" holds for what waits for the evening too
    order.save(update_fields=[*CHANGEABLE, "authorized_at", "content_hash", *acts.POSITION])
    return order


def change(
    customer: BranchCustomer, order: StandingOrder, what: What, plan: Plan, *, actor: Actor
) -> Instruction | None:
    """Change an order: at once (None) when that only tightens it, or as a draft to be reviewed.

    Raises OrderChanged when it is not any more what it was when it was read.
    """
    wanted = _filled(StandingOrder(), what, plan)
    if not _is_tightening(order, wanted):
        return _draft(customer, wanted, base=order)
    _tighten(order, wanted, actor)
    return None


@transaction.atomic
def _tighten(seen: StandingOrder, wanted: StandingOrder, actor: Actor) -> None:
    order = StandingOrder.objects.select_for_update().get(pk=seen.pk)
    if order.content_hash != seen.content_hash or order.state == StandingOrder.State.ENDED:
        raise errors.OrderChanged()
    _apply(order, wanted)
    data = {"amount": str(order.amount), "mode": order.mode, "until": str(order.until), "times": str(order.times)}
    subject = f"standing:{order.public_id}"
    record("standing.tightened", actor=actor, customer_id=order.customer_id, subject=subject, data=data)


def _is_tightening(order: StandingOrder, wanted: StandingOrder) -> bool:
    """Whether a change gives nothing more away: no more money, no longer, from the same account, no new authority."""
    ends_no_later = _no_later(order.until, wanted.until) and _no_later(order.times, wanted.times)
    same = (wanted.from_number, wanted.on_holiday) == (order.from_number, order.on_holiday)
    no_new_authority = wanted.mode in (order.mode, StandingOrder.Mode.REMIND)
    return wanted.amount <= order.amount and ends_no_later and same and no_new_authority


def _no_later(was: Any, wanted: Any) -> bool:
    """None is without end."""
    return was is None or (wanted is not None and wanted <= was)
