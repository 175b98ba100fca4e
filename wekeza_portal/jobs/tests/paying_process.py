"""A scheduler as a process of its own that pays standing orders, for the tests that race and kill it.

Usage: python -m wekeza_portal.jobs.tests.paying_process RECEIVER_ID FIRST_DAY safe|careless|sleepy
Plans from FIRST_DAY on and pays KES 10.00 from every account but the receiver's for each date, until nothing is due.
`careless` leaves out what keeps two runners apart: the claim of the run, the lock of the row, its marker; it stands at
that seam, having read the run, until told to go on. `sleepy` stands between two rows, after five, until told to go on.
Prints "ready" and waits for a line; prints "claimed" or "asleep" (and waits again), "paid" for each payment while its
transaction is still open, "done" at the end.
"""

import os
import sys
import time as clock_time
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")
django.setup()

AMOUNT = Decimal("10.00")
NAME = "test-standing-orders"
LEASE = timedelta(seconds=3)


def pay_all(receiver_id: int, day: date) -> int:
    from accounts.ledger import PostingKind, money_operation, post
    from accounts.models import Account
    from tests.payments import TELLER, instruct, transfer_legs
    from wekeza_portal.jobs.dueitems import for_each_due

    receiver = Account.objects.get(pk=receiver_id)

    def pay(account: Account) -> None:
        draft = instruct(account, AMOUNT)
        legs = transfer_legs(account, receiver, AMOUNT)
        post(instruction_id=draft.id, kind=PostingKind.TRANSFER_INTERNAL, legs=legs, actor=TELLER)
        clock_time.sleep(0.01)  # money takes its time, with the lock held
        say("paid")

    senders = Account.objects.exclude(pk=receiver_id)
    return for_each_due(NAME, day, senders, pay, operation=money_operation).done


def be_careless() -> None:
    """Take away the claim: of the run, of the row."""
    from wekeza_portal.jobs import dueitems, engine
    from wekeza_portal.jobs.models import JobRun

    stood: list[bool] = []

    def claim(name: str, job: Any) -> Any:
        run = JobRun.objects.filter(job=name).exclude(state="DONE").order_by("due_at").first()
        if not stood:
            stood.append(True)
            say("claimed")
            sys.stdin.readline()
        return run

    engine._claim = claim
    engine.running.Running.claimed = lambda self: JobRun.objects.filter(pk=self.run.pk)
    dueitems._hold = lambda rows, key, wait: rows.filter(pk=key).first()
    dueitems._mark = lambda work, key, due_on: True
    dueitems.DueDone.objects.filter = lambda **_: dueitems.DueDone.objects.none()


def be_sleepy() -> None:
    """Fall asleep holding the claim and no lock, having just asked whether the claim is ours."""
    from wekeza_portal.jobs import running

    asked: list[int] = []
    breathe = running.breathe

    def sleep() -> None:
        breathe()
        asked.append(1)
        if len(asked) == 6:
            say("asleep")
            sys.stdin.readline()

    running.breathe = sleep


def main(receiver_id: int, first_day: date, manners: str) -> None:
    from wekeza_portal import clock, registry
    from wekeza_portal.jobs import engine
    from wekeza_portal.jobs.models import JobState
    from wekeza_portal.jobs.schedules import Daily

    engine.jobs = registry.Registry("job")
    job = registry.Job("Pay", Daily(time(0, 0)), lambda day: pay_all(receiver_id, day), LEASE)
    engine.jobs.register(NAME, job)
    start = clock.midnight(first_day) - timedelta(seconds=1)
    JobState.objects.bulk_create([JobState(name=NAME, planned_until=start)], ignore_conflicts=True)
    if manners == "careless":
        be_careless()
    if manners == "sleepy":
        be_sleepy()
    say("ready")
    sys.stdin.readline()
    deadline = clock_time.monotonic() + 60
    while engine.overdue_since() is not None and clock_time.monotonic() < deadline:
        engine.run_due(seconds=0.5, most=1)
    say("done")


def say(word: str) -> None:
    print(word, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), date.fromisoformat(sys.argv[2]), sys.argv[3])
