"""The dates that fall due: each pays once, in the customer's name, through the doors that every payment takes.

The customer gave the code when the order was set up; so none is asked for now, and everything else is: the switches,
the account, its balance and minimum, the limits, the new-payee cap, the receiver, and whether the customer may come
in at all. A date that can't be paid costs nothing and is tried once more at 18:00. What fails through the bank itself,
or because the customer has stopped everything, is tried each evening for three days and never counts against the order.
"""

from datetime import date, datetime, time, timedelta

from django.db import transaction

from accounts.ledger import ContentChanged, money_operation
from accounts.models import BranchCustomer, Instruction
from transfers import owners
from transfers.errors import AccountsChanged, UnknownPayee
from transfers.models import StandingOrder, StandingRun
from transfers.outside.executing import destination_of
from transfers.outside.kinds import KINDS
from transfers.outside.names import Confirmed
from transfers.outside.preparing import Wish, prepare_payment
from transfers.payees import newness, pausing
from transfers.selectors import Payee, find_account, payee_key, refuse_unless_payable
from transfers.services import prepare_transfer
from transfers.standing import acts, messages, reasons
from transfers.standing.errors import AccessClosed
from transfers.standing.setting import authorized_by
from wekeza_portal import calendar, clock
from wekeza_portal.actors import system
from wekeza_portal.calendar import Calendar
from wekeza_portal.errors import PortalError
from wekeza_portal.jobs.dueitems import for_each_due
from wekeza_portal.registry import instruction_kinds

ACTOR = system("standing")
EVENING = time(18, 0)
"""EAT: when a date that could not be paid in the morning is tried again."""
MOST_FAILURES = 3
"""Dates in a row after which an order is paused. Of the bank's own making none counts."""
BANK_DAYS = timedelta(days=3)
"""How long a date waits for a service of the bank's that is switched off, or for a stop to be lifted."""
Run = StandingRun.State


def pay_due(day: date) -> int:
    """Do every date that is due on `day` or earlier, oldest dates first; how many. A job, safe with two runners.

    Marked by the nominal date: several dates of one order may fall due on one day, and each is paid.
    """
    days, done, nominal = calendar.current(), 0, date.min
    while True:
        due = StandingOrder.objects.filter(state=StandingOrder.State.ACTIVE, next_due__lte=day)
        first = due.filter(next_nominal__gt=nominal).order_by("next_nominal").first()
        if first is None or first.next_nominal is None:
            return done
        nominal = first.next_nominal
        rows = due.filter(next_nominal=nominal)
        work = f"standing {nominal}"
        done += for_each_due(work, nominal, rows, lambda order: _do(order, days), operation=money_operation).done


def try_again(day: date) -> int:
    """Try the waiting dates whose time has come once more; how many orders. A job of the evening of `day`."""
    waiting = StandingRun.objects.filter(state=Run.WAITING, again_from__lte=clock.now())
    rows = StandingOrder.objects.filter(pk__in=waiting.values("order_id"))
    return for_each_due("standing again", day, rows, _again, operation=money_operation).done


def _do(order: StandingOrder, days: Calendar) -> None:
    """One date of an order under its lock: its run, its payment or its failure, and the next date, all or nothing."""
    assert order.next_nominal is not None
    assert order.next_due is not None
    run = StandingRun(order=order, nominal=order.next_nominal, due_on=order.next_due, made_at=clock.now())
    if order.pays:
        _attempt(order, run)
    else:
        run.state = Run.REMINDED
        messages.remind(order, run)
    run.save(force_insert=True)
    if order.state == StandingOrder.State.ACTIVE:
        acts.advance(order, days)
    order.save(update_fields=[*acts.POSITION, "failures", "was_stopped"])


def _again(order: StandingOrder) -> None:
    for run in order.runs.filter(state=Run.WAITING, again_from__lte=clock.now()).order_by("nominal"):
        _attempt(order, run)
        run.save(update_fields=["state", "reason", "notice", "again_from", "instruction_id"])
        if order.state == StandingOrder.State.PAUSED:  # by the failure just now: nothing is paid until it is resumed
            acts.give_up_waiting(order)
            break
    order.save(update_fields=[*acts.POSITION, "failures", "was_stopped"])


def _attempt(order: StandingOrder, run: StandingRun) -> None:
    """Pay, or say why not. What the attempt wrote is undone when it is refused; the run and the notice stay."""
    try:
        with transaction.atomic():
            run.instruction_id = _pay(order).id
    except PortalError as refusal:
        run.instruction_id = None
        _refused(order, run, refusal)
    else:
        run.state, run.reason, run.notice, run.again_from = Run.PAID, "", {}, None
        order.failures = 0


def _pay(order: StandingOrder) -> Instruction:
    """Make the instruction and post it: the code of the set-up stands for it."""
    customer = _customer(order)
    if order.content_hash != order.digest():
        raise ContentChanged()
    instruction = _draft(order, customer)
    instruction.stepped_up_at = clock.now()
    instruction.save(update_fields=["stepped_up_at"])
    if order.next_nominal == order.begins or clock.now() < order.authorized_at + newness.NEW_FOR:
        pausing.take_along(instruction, authorized_by(order))
    instruction_kinds.get(instruction.kind).execute(instruction, ACTOR)
    return instruction


def _customer(order: StandingOrder) -> BranchCustomer:
    """Whose order it is, if they could sign in now. Raises AccessClosed."""
    customer = owners.who_may_pay(order.customer_id, order.fingerprint)
    if customer is None:
        raise AccessClosed()
    return customer


def _draft(order: StandingOrder, customer: BranchCustomer) -> Instruction:
    payload = order.payload
    if order.kind not in KINDS:
        return prepare_transfer(
            customer,
            from_number=order.from_number,
            to_number=payload["to_number"],
            amount=order.amount,
            note=payload["note"],
            actor=ACTOR,
            payee=_payee(order),
        )
    wish = Wish(order.from_number, destination_of(order), order.amount, payload["note"])
    receiver = Confirmed(payload["to_name"], payload["to_name_by"])
    return prepare_payment(customer, wish, actor=ACTOR, receiver=receiver)


def _payee(order: StandingOrder) -> Payee:
    """The Wekeza account that was confirmed, if it is still that person's and can receive."""
    account = find_account(order.payload["to_number"])
    if account is None:
        raise UnknownPayee()
    is_own = account.customer_id == order.customer_id
    if is_own != (not order.payee_key) or (not is_own and payee_key(account) != order.payee_key):
        raise AccountsChanged()
    refuse_unless_payable(account)
    name = order.payload["to_name"]
    return Payee(account.account_number, name, is_own, account.account_id, order.payee_key)


def _refused(order: StandingOrder, run: StandingRun, refusal: PortalError) -> None:
    """Wait for the evening, or give this date up; after three given up in a row the order is paused."""
    is_first = run.state != Run.WAITING
    run.reason, run.notice = reasons.reason_of(refusal), reasons.notice_of(refusal)
    passes = run.reason in reasons.PASSES
    if is_first or (passes and clock.today() < run.due_on + BANK_DAYS):
        run.state, run.again_from = Run.WAITING, _next_evening()
        if is_first:
            messages.waiting(order, run)
        return
    run.state, run.again_from = Run.FAILED, None
    if not passes:
        order.failures += 1
    if order.failures >= MOST_FAILURES and order.state == StandingOrder.State.ACTIVE:
        order.state, order.was_stopped = StandingOrder.State.PAUSED, True
    messages.given_up(order, run)


def _next_evening() -> datetime:
    now = clock.now()
    this = datetime.combine(now.date(), EVENING, tzinfo=clock.NAIROBI)
    return this if now < this else this + timedelta(days=1)
