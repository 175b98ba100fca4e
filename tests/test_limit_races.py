"""Lowering one's own limit while payments are being confirmed, on a real MariaDB; the race is first shown to exist."""

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts import instructions, ledger, limits
from accounts.ledger import Receipt
from accounts.models import Account, BranchCustomer, Instruction, Limit, LimitUsage, OwnLimit
from accounts.ownlimits import changing
from tests.payments import TELLER, instruct, pay
from tests.test_races import all_the_money, assert_traced, count, current_account
from tests.together import at_once
from wekeza_portal import clock

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

D = Decimal
DAILY = Limit.Code.DAILY_OUT


def lower(customer: BranchCustomer, figure: str) -> Instruction | None:
    return changing.change(customer=customer, wanted={DAILY: D(figure)}, actor=TELLER)


def until_somebody_waits(thread: threading.Thread) -> None:
    """Come back once the thread is done, or the database says that somebody waits for a lock."""
    deadline = time.monotonic() + 30
    while thread.is_alive() and time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")
            if cursor.fetchone()[0]:
                return


def in_a_thread(task: Callable[[], Any]) -> threading.Thread:
    def run() -> None:
        try:
            task()
        finally:
            connection.close()

    return threading.Thread(target=run)


def is_lowered_while_a_payment_has_read_it(monkeypatch: pytest.MonkeyPatch, sender: Account) -> bool:
    """Pay 400 while the limit is lowered to 100, just after the payment read it: was it lowered before it was paid?"""
    customer, receiver, seen = sender.customer, current_account("0.00"), []
    assert customer is not None
    lowering = in_a_thread(lambda: lower(customer, "100.00"))
    looked: Callable[..., None] = ledger.looking.refuse_unless_allowed

    def at_the_seam(*args: Any, **options: Any) -> None:
        looked(*args, **options)
        lowering.start()
        until_somebody_waits(lowering)
        seen.append(not lowering.is_alive())

    monkeypatch.setattr(ledger.looking, "refuse_unless_allowed", at_the_seam)
    assert isinstance(pay(sender, receiver, D("400.00")), Receipt)
    lowering.join(timeout=30)
    assert limits.room(customer).daily_limit == D("100.00")
    return seen == [True]


def test_without_the_lock_a_payment_goes_through_after_the_limit_was_lowered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read_only(instruction: Instruction, kind: Any, now: Any) -> limits.Counters:
        rows = LimitUsage.objects.filter(customer_id=instruction.customer_id)
        return limits.Counters({row.code: row for row in rows}, [])

    sender = current_account("9000.00")
    pay(sender, current_account("0.00"), D("1.00"))
    monkeypatch.setattr(ledger.looking, "counters_of", read_only)
    assert is_lowered_while_a_payment_has_read_it(monkeypatch, sender)


def test_lowering_waits_for_the_payment_that_has_read_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = current_account("9000.00")
    pay(sender, current_account("0.00"), D("1.00"))
    assert not is_lowered_while_a_payment_has_read_it(monkeypatch, sender)


def test_lowering_waits_for_the_first_payment_of_the_day_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_lowered_while_a_payment_has_read_it(monkeypatch, current_account("9000.00"))


def test_a_payment_that_waited_for_the_lowering_sees_the_new_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    sender, receiver = current_account("9000.00"), current_account("0.00")
    pay(sender, receiver, D("1.00"))
    customer = sender.customer
    assert customer is not None
    results: list[Any] = []
    draft = instruct(sender, D("400.00"))
    write = changing._write

    def paying() -> None:
        try:
            results.append(pay(sender, receiver, D("400.00"), instruction=draft))
        except limits.LimitExceeded as refusal:
            results.append(refusal)

    payment = in_a_thread(paying)

    def at_the_seam(row: OwnLimit, **figures: object) -> None:
        payment.start()
        until_somebody_waits(payment)
        assert payment.is_alive(), "the payment did not wait"
        write(row, **figures)

    monkeypatch.setattr(changing, "_write", at_the_seam)
    lower(customer, "100.00")
    payment.join(timeout=30)
    assert [type(result) for result in results] == [limits.DailyLimitExceeded]
    assert results[0].left == D("99.00")


def test_a_storm_of_payments_around_a_lowering_ends_in_order() -> None:
    sender, receiver = current_account("90000.00"), current_account("0.00")
    customer, opening = sender.customer, all_the_money()
    assert customer is not None
    drafts = [instruct(sender, D("400.00")) for _ in range(20)]
    tasks: list[Callable[[], Any]] = [
        lambda d=draft: pay(sender, receiver, D("400.00"), instruction=d) for draft in drafts
    ]
    results = at_once([*tasks[:10], lambda: lower(customer, "4000.00"), *tasks[10:]])
    paid = count(results, Receipt)
    assert paid + count(results, limits.DailyLimitExceeded) == 20
    assert paid >= 10
    used = LimitUsage.objects.get(code=DAILY).used
    assert used == D("400.00") * paid
    with pytest.raises(limits.DailyLimitExceeded):
        pay(sender, receiver, D("0.01"))
    assert_traced(opening)


def test_the_lowest_of_many_changes_at_once_stays() -> None:
    sender = current_account("0.00")
    customer = sender.customer
    assert customer is not None
    results = at_once([lambda n=n: lower(customer, f"{n}000.00") for n in range(1, 21)])
    assert not [result for result in results if isinstance(result, Exception)]
    assert OwnLimit.objects.get(code=DAILY).in_force(clock.now()) == D("1000.00")


def test_one_raise_confirmed_many_times_at_once_waits_once() -> None:
    sender = current_account("0.00")
    customer = sender.customer
    assert customer is not None
    lower(customer, "100.00")
    act = lower(customer, "200.00")
    assert act is not None
    instructions.approve(customer=customer, instruction_id=act.id)
    results = at_once(
        [lambda: instructions.carry_out(customer=customer, instruction_id=act.id, actor=TELLER)] * 8,
    )
    assert results == [None] * 8
    row = OwnLimit.objects.get(code=DAILY)
    assert (row.value, row.next_value, row.waits(clock.now())) == (D("100.00"), D("200.00"), True)
