"""Standing orders by several schedulers as processes on a real MariaDB: each order and date is paid once.

Two schedulers, an outage of three days, kill -9 in the middle; and the race exists once the claims are gone.
"""

import os
import signal
import subprocess
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts import checking
from accounts.models import Account, Instruction, Posting
from tests.factories import AccountFactory, UserFactory
from tests.support import all_the_money
from tests.together import go, start_process
from transfers.models import StandingOrder, StandingRun
from transfers.tests.standing import an_order
from wekeza_portal import clock

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

PROCESS = "transfers.tests.standing_process"
ORDERS, DATES = 12, 4
"""Today and the three days nobody was there."""
AMOUNT = Decimal("10.00")


def first_day() -> date:
    return clock.today() - timedelta(days=DATES - 1)


@pytest.fixture
def receiver() -> Account:
    """Twelve customers who let KES 10.00 go every day from the first day on."""
    account: Account = AccountFactory(balance=Decimal("0.00"))
    begins = first_day()
    with time_machine.travel(clock.midnight(begins) - timedelta(hours=5), tick=False):
        for _ in range(ORDERS):
            sender = AccountFactory(balance=Decimal("2000.00"))
            UserFactory(customer=sender.customer)
            an_order(sender, account, str(AMOUNT), rhythm="DAILY", begins=begins)
    return account


def schedulers(count: int, manners: str = "safe") -> list["subprocess.Popen[str]"]:
    started = [start_process(PROCESS, first_day().isoformat(), manners) for _ in range(count)]
    for process in started:
        go(process)
    return started


def wait_for(process: "subprocess.Popen[str]", word: str, times: int = 1) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        times -= line.strip() == word
        if times == 0:
            return
    raise AssertionError(f"the process ended without saying {word}")


def finish(processes: list["subprocess.Popen[str]"]) -> None:
    for process in processes:
        out, _nothing = process.communicate(timeout=150)
        assert process.returncode == 0
        assert out.splitlines()[-1] == "done"


def kill(process: "subprocess.Popen[str]") -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


def assert_each_date_once(receiver: Account, opening: dict[int, Decimal]) -> None:
    for account_id, balance in all_the_money().items():
        is_receiver = account_id == receiver.account_id
        assert balance == opening[account_id] + (AMOUNT * DATES * ORDERS if is_receiver else -AMOUNT * DATES)
    dates = [first_day() + timedelta(days=n) for n in range(DATES)]
    for order in StandingOrder.objects.all():
        runs = list(order.runs.order_by("pk"))
        assert [(run.nominal, run.state) for run in runs] == [(day, "PAID") for day in dates], "once each, in order"
        assert order.next_due == clock.today() + timedelta(days=1)
        assert Posting.objects.filter(instruction_id__in=[run.instruction_id for run in runs]).count() == DATES
    assert Posting.objects.count() == DATES * ORDERS
    assert Instruction.objects.filter(kind="TRANSFER_INTERNAL").exclude(state="POSTED").count() == 0
    assert list(checking.differences()) == []


def test_without_the_claims_two_schedulers_pay_one_date_twice(receiver: Account) -> None:
    """The race exists: the proofs below prove something."""
    pair = schedulers(2, "careless")
    for process in pair:
        wait_for(process, "claimed")
    for process in pair:
        go(process)
    finish(pair)
    assert Posting.objects.count() > DATES * ORDERS
    assert Account.objects.get(pk=receiver.pk).balance > AMOUNT * DATES * ORDERS


def test_two_schedulers_after_three_days_pay_each_date_once_and_in_order(receiver: Account) -> None:
    opening = all_the_money()
    finish(schedulers(2))
    assert_each_date_once(receiver, opening)


def test_one_killed_in_the_middle_of_a_payment_is_taken_over_and_nothing_is_paid_twice(receiver: Account) -> None:
    opening = all_the_money()
    (victim,) = schedulers(1)
    wait_for(victim, "paid", 5)
    kill(victim)
    finish(schedulers(2))
    assert_each_date_once(receiver, opening)


def test_a_run_and_its_money_are_one_after_any_kill(receiver: Account) -> None:
    opening = all_the_money()
    for payments in (1, 7):
        (victim,) = schedulers(1)
        wait_for(victim, "paid", payments)
        kill(victim)
        paid = StandingRun.objects.filter(state="PAID").count()
        assert Posting.objects.count() == paid, "marker, run and money commit together"
    finish(schedulers(1))
    assert_each_date_once(receiver, opening)
