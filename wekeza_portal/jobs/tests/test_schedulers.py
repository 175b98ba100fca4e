"""Several schedulers as processes on a real MariaDB: money is paid once for each date, whoever dies when.

Every date of a three-day outage, every account, not a cent more or less; and the race exists once the claim is gone.
"""

import itertools
import os
import signal
import subprocess
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts import checking
from accounts.models import Account, AccountTerms, Posting, PostingLeg
from tests.factories import AccountFactory
from tests.support import all_the_money
from tests.together import go, start_process
from wekeza_portal import clock
from wekeza_portal.jobs.models import DueDone, JobRun
from wekeza_portal.jobs.tests.paying_process import AMOUNT, NAME

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

PROCESS = "wekeza_portal.jobs.tests.paying_process"
CUSTOMERS = 40
DATES = 4
"""Today and the three days nobody was there."""


@pytest.fixture
def receiver() -> Account:
    """Forty customers with KES 1,000.00 each, and one who is paid by all of them."""
    for _ in range(CUSTOMERS):
        sender = AccountFactory(balance=Decimal("1000.00"))
        AccountTerms.objects.create(account_id=sender.account_id, kind=AccountTerms.Kind.CURRENT)
    account: Account = AccountFactory(balance=Decimal("0.00"))
    return account


def first_day() -> date:
    return clock.today() - timedelta(days=DATES - 1)


def schedulers(receiver: Account, count: int, manners: str = "safe") -> list["subprocess.Popen[str]"]:
    started = [start_process(PROCESS, str(receiver.account_id), first_day().isoformat(), manners) for _ in range(count)]
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


def finish(processes: list["subprocess.Popen[str]"]) -> int:
    """Let them come to their end; how many payments they made."""
    paid = 0
    for process in processes:
        out, _nothing = process.communicate(timeout=100)
        assert process.returncode == 0
        assert out.splitlines()[-1] == "done"
        paid += out.split().count("paid")
    return paid


def kill(process: "subprocess.Popen[str]") -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


def assert_each_paid_once_for_each_date(receiver: Account, opening: dict[int, Decimal]) -> None:
    for account_id, balance in all_the_money().items():
        is_receiver = account_id == receiver.account_id
        moved = AMOUNT * DATES * CUSTOMERS if is_receiver else -AMOUNT * DATES
        assert balance == opening[account_id] + moved
    assert Posting.objects.count() == DATES * CUSTOMERS
    markers = Counter(DueDone.objects.filter(work=NAME).values_list("due_on", flat=True))
    assert markers == {first_day() + timedelta(days=n): CUSTOMERS for n in range(DATES)}
    assert list(checking.differences()) == []


def assert_dates_came_in_order() -> None:
    runs = JobRun.objects.filter(job=NAME).order_by("due_at")
    assert [run.state for run in runs] == ["DONE"] * DATES
    assert [run.business_date for run in runs] == [first_day() + timedelta(days=n) for n in range(DATES)]
    ends = [DueDone.objects.filter(due_on=run.business_date).order_by("pk") for run in runs]
    for earlier, later in itertools.pairwise(ends):
        last, first = earlier.last(), later.first()
        assert last is not None
        assert first is not None
        assert last.done_at <= first.done_at


def test_without_the_claim_two_schedulers_pay_twice(receiver: Account) -> None:
    """The race exists: the proofs below prove something. Both stand where each has read the first date as not done."""
    pair = schedulers(receiver, 2, "careless")
    for process in pair:
        wait_for(process, "claimed")
    for process in pair:
        go(process)
    finish(pair)
    assert Posting.objects.count() >= (DATES + 1) * CUSTOMERS
    assert Account.objects.get(pk=receiver.pk).balance > AMOUNT * DATES * CUSTOMERS


def test_two_schedulers_after_three_days_pay_each_date_once_and_in_order(receiver: Account) -> None:
    opening = all_the_money()
    assert finish(schedulers(receiver, 2)) == DATES * CUSTOMERS
    assert_each_paid_once_for_each_date(receiver, opening)
    assert_dates_came_in_order()


def test_a_scheduler_killed_in_the_middle_of_a_run_is_taken_over_and_nobody_pays_twice(receiver: Account) -> None:
    opening = all_the_money()
    (victim,) = schedulers(receiver, 1)
    wait_for(victim, "paid", 3)
    others = schedulers(receiver, 2)
    kill(victim)
    finish(others)
    assert_each_paid_once_for_each_date(receiver, opening)
    assert_dates_came_in_order()


def test_one_after_another_is_killed_in_the_middle_and_all_is_paid_once(receiver: Account) -> None:
    """Each lives for a few payments; the next one waits for the lease and goes on."""
    opening = all_the_money()
    for payments in (1, 7, 30):
        (victim,) = schedulers(receiver, 1)
        wait_for(victim, "paid", payments)
        kill(victim)
    # The last one of each was said and not yet committed.
    assert Posting.objects.count() >= 35
    assert Posting.objects.count() == DueDone.objects.filter(work=NAME).count(), "marker and money are one"
    finish(schedulers(receiver, 2))
    assert_each_paid_once_for_each_date(receiver, opening)
    assert_dates_came_in_order()


def test_a_frozen_scheduler_that_wakes_up_after_the_takeover_pays_nothing_twice(receiver: Account) -> None:
    """Its sleep outlives the lease: two processes then work on one run, and only rows' locks and markers part them."""
    opening = all_the_money()
    (sleeper,) = schedulers(receiver, 1, "sleepy")
    wait_for(sleeper, "asleep")
    others = schedulers(receiver, 1)
    wait_for(others[0], "paid", 2)
    go(sleeper)
    finish([sleeper, *others])
    assert_each_paid_once_for_each_date(receiver, opening)
    assert sum(leg.amount for leg in PostingLeg.objects.all()) == 0
