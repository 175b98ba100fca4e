"""Stopping what waits for the evening while the evening's try is under way, on a real MariaDB."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from accounts.models import Account, BranchCustomer
from tests.factories import UserFactory
from transfers.models import StandingOrder, StandingRun
from transfers.standing import acts, paying
from transfers.tests.standing import an_order
from transfers.tests.support import an_account, as_actor, balance, owner_of
from wekeza_portal import clock

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
DAY = date(2026, 12, 1)


@pytest.fixture
def order() -> Iterator[StandingOrder]:
    """Its only date found too little money in the morning; now it is evening, and the money is there."""
    with time_machine.travel(datetime(2026, 11, 30, 9, tzinfo=clock.NAIROBI), tick=False) as now:
        sender, receiver = an_account("Emmanuel Odenyire", "13400.00"), an_account("Wanjiku Mwangi", "10.00")
        UserFactory(customer=owner_of(sender))
        order = an_order(sender, receiver, rhythm="ONCE", begins=DAY)
        Account.objects.filter(pk=sender.pk).update(balance=Decimal("1000.00"))
        now.move_to(datetime(2026, 12, 1, 7, tzinfo=clock.NAIROBI))
        paying.pay_due(DAY)
        Account.objects.filter(pk=sender.pk).update(balance=Decimal("13400.00"))
        now.move_to(datetime(2026, 12, 1, 18, tzinfo=clock.NAIROBI))
        yield order


def sender_of(order: StandingOrder) -> Account:
    return Account.objects.get(account_number=order.from_number)


def _evening() -> None:
    try:
        paying.try_again(DAY)
    finally:
        connection.close()


def end_while_the_evening_tries(monkeypatch: pytest.MonkeyPatch, order: StandingOrder, *, wait: float | None) -> None:
    """The evening begins between reading what waits and giving it up; `wait` seconds for it there (None: its end)."""
    evening = threading.Thread(target=_evening)
    give_up: Callable[..., None] = acts._give_up

    def meet(*values: Any) -> None:
        evening.start()
        evening.join(wait)
        give_up(*values)

    monkeypatch.setattr(acts, "_give_up", meet)
    customer = owner_of(sender_of(order))
    acts.end(customer, order.public_id, actor=as_actor(customer))
    evening.join(30)
    assert not evening.is_alive()


@contextmanager
def without_the_lock(customer: BranchCustomer, public_id: Any) -> Iterator[StandingOrder]:
    with transaction.atomic():
        yield StandingOrder.objects.get(public_id=public_id, customer_id=customer.user_id)


def test_without_the_lock_what_was_paid_is_called_given_up(
    monkeypatch: pytest.MonkeyPatch, order: StandingOrder
) -> None:
    monkeypatch.setattr(acts, "_held", without_the_lock)
    end_while_the_evening_tries(monkeypatch, order, wait=None)
    assert balance(sender_of(order)) == Decimal("12900.00")
    assert order.runs.get().state == StandingRun.State.FAILED


def test_with_it_nothing_is_paid_that_was_given_up(monkeypatch: pytest.MonkeyPatch, order: StandingOrder) -> None:
    end_while_the_evening_tries(monkeypatch, order, wait=1)
    assert balance(sender_of(order)) == Decimal("13400.00")
    assert order.runs.get().state == StandingRun.State.FAILED
