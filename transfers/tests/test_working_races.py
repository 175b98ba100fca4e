"""Several workers and callbacks at once on a real MariaDB: each payment is sent once and ends once."""

import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from accounts import checking
from accounts.models import Account, Posting
from tests.support import all_the_money
from tests.together import at_once
from transfers.models import Payment
from transfers.outside import working
from transfers.tests.scripted import (
    ACCEPTED,
    PAID,
    REFUSED,
    ScriptedRail,
    internal,
    pay_out,
    scripted,
)
from transfers.tests.support import an_account, balance
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.models import RailCallback

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
D = Decimal


@pytest.fixture
def mpesa() -> Iterator[ScriptedRail]:
    with scripted() as played:
        yield played["mpesa"]


@pytest.fixture
def sender(db: None) -> Account:
    return an_account("Emmanuel Odenyire", "400000.00")


class WithoutItsLock:
    """The queue as two workers would see it if the claim took no lock: both stand at the seam with the same row."""

    def __init__(self, rows: Any, barrier: threading.Barrier) -> None:
        self.rows, self.barrier = rows, barrier

    def exists(self) -> bool:
        return bool(self.rows.exists())

    def select_for_update(self, **_: Any) -> "WithoutItsLock":
        return self

    def order_by(self, *names: str) -> "WithoutItsLock":
        return WithoutItsLock(self.rows.order_by(*names), self.barrier)

    def first(self) -> Any:
        row = self.rows.first()
        self.barrier.wait(timeout=30)
        return row


def test_without_the_lock_two_workers_send_the_same_payment(
    sender: Account, mpesa: ScriptedRail, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay_out(sender)
    due, barrier = working._due, threading.Barrier(2)
    monkeypatch.setattr(working, "_due", lambda now: WithoutItsLock(due(now), barrier))
    at_once([lambda: working.work(1)] * 2)  # noting the answers they may deadlock: by then both have sent
    assert len(mpesa.sent) == 2


def test_four_workers_share_the_queue_and_send_each_payment_once(sender: Account, mpesa: ScriptedRail) -> None:
    mpesa.to_send = [PAID]
    payments = [pay_out(sender, amount="1000.00", number=number) for number in range(24)]
    handled = at_once([working.work] * 4)
    handled.append(working.work(100))
    assert sum(n for n in handled if isinstance(n, int)) == 24, handled
    assert sorted(order.id for order in mpesa.sent) == sorted(payment.pk for payment in payments)
    assert set(Payment.objects.values_list("state", flat=True)) == {"SETTLED"}
    assert internal()["nostro.mpesa"] == D("24000.00")
    assert list(checking.differences()) == []


@pytest.mark.parametrize("status", ["PAID", "REFUSED"])
def test_a_callback_replayed_twenty_times_at_once_counts_once(
    sender: Account, mpesa: ScriptedRail, status: str
) -> None:
    """Twenty bodies that say the same, so that each is a callback of its own, worked on by eight workers."""
    opening = balance(sender)
    payment = pay_out(sender)
    working.work()
    bodies = [
        json.dumps({"order": str(payment.pk), "status": status, "amount": "1200", "code": str(n)}).encode()
        for n in range(20)
    ]
    at_once([lambda body=body: callbacks.store("mpesa.result", body, {}, None) for body in bodies])
    errors = [result for result in at_once([callbacks.work_through] * 8) if isinstance(result, Exception)]
    callbacks.work_through()
    assert errors == []
    assert set(RailCallback.objects.values_list("state", flat=True)) == {"DONE"}
    payment.refresh_from_db()
    assert payment.contradicted_at is None
    assert Posting.objects.count() == 2
    if status == "PAID":
        assert (payment.state, balance(sender)) == ("SETTLED", opening - payment.amount - payment.fee)
    else:
        assert (payment.state, balance(sender), internal()) == ("RETURNED", opening, {})
    assert list(checking.differences()) == []


def test_settled_and_refused_at_once_is_one_of_them_and_people_are_called(sender: Account, mpesa: ScriptedRail) -> None:
    opening = all_the_money()
    payments = [pay_out(sender, amount="1000.00", number=number) for number in range(6)]
    mpesa.to_send = [ACCEPTED]
    working.work()
    tasks = [
        lambda payment=payment, said=said: working.take_note(payment, said, asked=False)
        for payment in payments
        for said in (PAID, REFUSED)
    ]
    assert [result for result in at_once(tasks) if result is not None] == []
    gone = D(0)
    for payment in payments:
        payment.refresh_from_db()
        assert payment.state in Payment.FINAL
        assert payment.contradicted_at is not None
        gone += payment.amount + payment.fee if payment.state == "SETTLED" else D(0)
    assert balance(sender) == opening[sender.pk] - gone
    assert sum(internal().values()) == gone
    assert list(checking.differences()) == []
