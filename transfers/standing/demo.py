"""Demo data: Emmanuel's rent on the 31st and a reminder, Nuria's school fees that failed and were paused."""

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.identity.links import fingerprint
from accounts.models import BranchCustomer
from transfers.models import Rhythm, StandingOrder, StandingRun
from transfers.rules import masked_name
from transfers.selectors import find_account, payee_key
from transfers.standing import acts, reasons
from transfers.standing.what import receiver_of
from wekeza_portal import calendar, clock
from wekeza_portal.branch.demobank.bank import DemoBank, DemoCustomer
from wekeza_portal.recurrence import next_one

Run = StandingRun.State


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    emmanuel, nuria = bank.customer("emmanuel"), bank.customer("nuria")
    pay, remind = StandingOrder.Mode.PAY, StandingOrder.Mode.REMIND
    _order(bank, emmanuel, nuria, "12500.00", Rhythm.MONTHLY, _next_31st(bank.today), note="Rent", mode=pay)
    begun = bank.today - timedelta(days=18)
    chama = _order(bank, emmanuel, nuria, "1500.00", Rhythm.WEEKLY, begun, note="Chama", mode=remind)
    _came_of(chama, [Run.REMINDED] * 3, bank.now)
    begun = bank.today - timedelta(days=24)
    savings = _order(bank, nuria, emmanuel, "3000.00", Rhythm.WEEKLY, begun, note="School fees", mode=pay)
    _came_of(savings, [Run.FAILED] * 3, bank.now)
    savings.state, savings.failures, savings.was_stopped = StandingOrder.State.PAUSED, 3, True
    savings.save(update_fields=["state", "failures", "was_stopped"])


def _next_31st(day: date) -> date:
    day += timedelta(days=2)
    while day.day != 31:
        day += timedelta(days=1)
    return day


def _order(
    bank: DemoBank, owner: DemoCustomer, to: DemoCustomer, amount: str, rhythm: str, begins: date, **more: Any
) -> StandingOrder:
    customer = BranchCustomer.objects.get(pk=owner.user_id)
    source, target = owner.accounts[0], find_account(to.accounts[0].number)
    assert target is not None
    assert target.customer is not None
    payload = {
        "from_account_id": str(source.account_id),
        "from_number": source.number,
        "to_account_id": str(target.account_id),
        "to_number": target.account_number,
        "to_name": masked_name(target.customer.full_name),
        "note": more.pop("note"),
    }
    made_at = clock.midnight(min(begins, bank.today) - timedelta(days=2)) + timedelta(hours=19)
    order = StandingOrder(
        public_id=uuid.UUID(int=bank.rng_for(f"standing:{owner.user_id}:{amount}").getrandbits(128), version=4),
        customer_id=customer.user_id,
        fingerprint=fingerprint(customer),
        kind="TRANSFER_INTERNAL",
        payload=payload,
        payee_key=payee_key(target),
        receiver=receiver_of(payload),
        from_number=source.number,
        amount=Decimal(amount),
        rhythm=rhythm,
        begins=begins,
        authorized_at=made_at,
        created_at=made_at,
        **more,
    )
    first = next_one(order.rule, calendar.current(), date.min)
    assert first is not None
    order.next_nominal, order.next_due = first.nominal, first.due_on
    order.content_hash = order.digest()
    order.save(force_insert=True)
    return order


def _came_of(order: StandingOrder, states: list[str], now: datetime) -> None:
    """Runs of the dates before today: the last ones as given, those before skipped."""
    days = calendar.current()
    past = []
    while order.next_due is not None and order.next_due <= now.date():
        assert order.next_nominal is not None
        past.append(StandingRun(order=order, nominal=order.next_nominal, due_on=order.next_due, made_at=now))
        acts.advance(order, days)
    padded = [Run.SKIPPED] * len(past) + states
    for run, state in zip(past, padded[len(padded) - len(past) :], strict=True):
        run.state, run.reason = state, reasons.MONEY if state == Run.FAILED else ""
        run.made_at = clock.midnight(run.due_on) + timedelta(hours=7)
        run.save(force_insert=True)
    order.save(update_fields=acts.POSITION)
