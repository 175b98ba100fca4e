"""Setting an order up and changing it: a draft to review, a code, then once. Nothing is reserved, nothing moves."""

import uuid
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts import instructions, limits
from accounts.identity.links import fingerprint
from accounts.ledger import PostingKind
from accounts.models import BranchCustomer, Instruction
from accounts.selectors import AccountSummary
from transfers import services
from transfers.errors import SameAccount
from transfers.models import StandingOrder
from transfers.outside import preparing
from transfers.outside.executing import destination_of
from transfers.outside.kinds import KINDS
from transfers.outside.names import Confirmed, confirmed
from transfers.outside.preparing import Wish
from transfers.payees import newness
from transfers.pricing import internal_fee, quote
from transfers.selectors import look_up_payee
from transfers.standing import acts, errors, messages
from transfers.standing.wording import day_words
from wekeza_portal import calendar, clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.money import ZERO, format_kes
from wekeza_portal.recurrence import next_one
from wekeza_portal.staff import switches

KIND = "STANDING_ORDER"
"""The kind of the instruction that sets an order up or changes one."""
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


@dataclass(frozen=True, slots=True)
class What:
    """What is paid each time: `amount` in KES, the rest as in accounts.Instruction."""

    kind: str
    payload: dict[str, Any]
    payee_key: str
    from_number: str
    amount: Decimal


def transfer(
    customer: BranchCustomer, *, from_number: str, to_number: str, amount: Decimal, note: str, actor: Actor
) -> What:
    """A transfer to a Wekeza account, looked up now. Raises what `services.prepare_transfer` raises, but for money."""
    source = services.possible_source(customer, from_number, to_number, amount=amount, note=note, actor=actor)
    payee = look_up_payee(customer, to_number)
    if payee.account_id == source.account_id:
        raise SameAccount()
    if not payee.is_own:
        _refuse_above_every_day(customer, amount)
    payload = services.payload_of(source, payee, note)
    return What(services.kind_of_transfer(payee), payload, payee.key, source.number, amount)


def payment(customer: BranchCustomer, wish: Wish, *, actor: Actor) -> What:
    """A payment out of the bank, its receiver asked for now. Raises what `prepare_payment` raises, but for money."""
    source = preparing.possible_source(customer, wish, actor=actor)
    _refuse_above_every_day(customer, wish.amount)
    receiver = confirmed(customer, wish.destination, wish.amount)
    return _what(source, wish, receiver)


def _what(source: AccountSummary, wish: Wish, receiver: Confirmed) -> What:
    payload = preparing.payload_of(source, wish, receiver)
    return What(str(wish.destination.kind), payload, wish.destination.key, source.number, wish.amount)


def _refuse_above_every_day(customer: BranchCustomer, amount: Decimal) -> None:
    limit = limits.room(customer).daily_limit
    if amount > limit:
        raise errors.NeverWithinTheLimit(limit=format_kes(limit))


def prepare(customer: BranchCustomer, what: What, plan: Plan) -> Instruction:
    """Store a draft of a new order to be reviewed. Raises a TransferRefused about its days or the new-payee cap."""
    order = _filled(StandingOrder(), what, plan)
    first = _first(order)
    if order.pays and what.kind in KINDS and first <= clock.today() + TOMORROW:
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
        "order": str(base.public_id) if base else "",
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


def receiver_of(payload: dict[str, Any]) -> str:
    """Who is paid, for pages and messages: the name, or where and the last three characters of the number."""
    name = str(payload["to_name"] or f"{payload.get('to_at', '')} ...{payload['to_number'][-3:]}")
    return name.strip()[:100]


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
        data={"amount": str(order.amount), "kind": order.kind, **{k: str(v) for k, v in asdict(plan_of(order)).items()}},
    )
    instruction.state = Instruction.State.DONE
    instruction.save(update_fields=["state"])


def plan_of(order: StandingOrder) -> Plan:
    """When an order is due, as it stands."""
    return Plan(**{name: getattr(order, name) for name in PLAN_FIELDS})


def require_on(order: StandingOrder) -> None:
    """Raises SwitchedOff while what the order pays with is switched off."""
    if order.kind in KINDS:
        preparing.require_on(KINDS[order.kind], destination_of(order))
    else:
        switches.require_on(switches.INTERNAL_TRANSFERS)


def fee_of(order: StandingOrder) -> Decimal:
    """KES that one payment costs at today's prices; the price of its day counts."""
    if order.kind == PostingKind.TRANSFER_OWN:
        return ZERO
    if order.kind in KINDS:
        return quote(order.kind, order.amount, clock.today()).fee
    return internal_fee(clock.today()).amount


def _create(instruction: Instruction, order: StandingOrder) -> StandingOrder:
    now = clock.now()
    order.next_due = _first(order)
    order.next_nominal = order.begins
    order.fingerprint = fingerprint(instruction.customer)
    order.created_at = order.authorized_at = now
    order.content_hash = order.digest()
    order.save(force_insert=True)
    if order.pays and order.kind in KINDS:
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
    return _apply(order, wanted)


def _apply(order: StandingOrder, wanted: StandingOrder) -> StandingOrder:
    """Write what may be changed into the locked row. The next date stays, unless the order now ends before it."""
    for name in CHANGEABLE:
        setattr(order, name, getattr(wanted, name))
    order.authorized_at = clock.now()
    order.content_hash = order.digest()
    acts.refit(order)
    order.save(update_fields=[*CHANGEABLE, "authorized_at", "content_hash", *acts.POSITION])
    return order


def change(customer: BranchCustomer, order: StandingOrder, what: What, plan: Plan, *, actor: Actor) -> Instruction | None:
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


def changed_what(
    customer: BranchCustomer, order: StandingOrder, *, from_number: str, amount: Decimal, note: str, actor: Actor
) -> What:
    """What an order would pay with another account, amount or note. The receiver stays: another one is a new order.

    Raises what `transfer` and `payment` raise, but for the look-up.
    """
    if order.kind in KINDS:
        wish = Wish(from_number, destination_of(order), amount, note)
        source = preparing.possible_source(customer, wish, actor=actor)
    else:
        to_number = order.payload["to_number"]
        source = services.possible_source(customer, from_number, to_number, amount=amount, note=note, actor=actor)
    if order.payee_key:
        _refuse_above_every_day(customer, amount)
    paying = {"from_account_id": str(source.account_id), "from_number": source.number, "note": note}
    return What(order.kind, {**order.payload, **paying}, order.payee_key, source.number, amount)


def _is_tightening(order: StandingOrder, wanted: StandingOrder) -> bool:
    """Whether a change gives nothing more away: no more money, no longer, from the same account, no new authority."""
    ends_no_later = _no_later(order.until, wanted.until) and _no_later(order.times, wanted.times)
    same = (wanted.from_number, wanted.on_holiday) == (order.from_number, order.on_holiday)
    no_new_authority = wanted.mode in (order.mode, StandingOrder.Mode.REMIND)
    return wanted.amount <= order.amount and ends_no_later and same and no_new_authority


def _no_later(was: Any, wanted: Any) -> bool:
    """None is without end."""
    return was is None or (wanted is not None and wanted <= was)
