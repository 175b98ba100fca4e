"""A scheduler as a process of its own that pays standing orders, for the tests that race and kill it.

Usage: python -m transfers.tests.standing_process FIRST_DAY safe|careless
Plans the job from FIRST_DAY on and runs it until nothing is due. `careless` leaves out what keeps two runners apart:
the claim of the engine's run, the lock of the order, its marker, the unique row of the date; it stands at that seam,
having read the first order as due, until told to go on. Prints "ready" and waits for a line; prints "claimed" (and
waits again), "paid" for each payment while its transaction is still open, "done" at the end.
"""

import os
import sys
import time as clock_time
from datetime import date, time, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")
django.setup()

NAME = "standing-orders"
LEASE = timedelta(seconds=3)


def be_careless() -> None:
    """Take away every claim."""
    from transfers.models import StandingRun
    from wekeza_portal.jobs import dueitems

    stood: list[bool] = []

    def hold(rows: Any, key: Any, wait: bool) -> Any:
        row = rows.filter(pk=key).first()
        if not stood:
            stood.append(True)
            say("claimed")
            sys.stdin.readline()
        return row

    dueitems._hold = hold
    dueitems._mark = lambda work, key, due_on: True
    dueitems.DueDone.objects.filter = lambda **_: dueitems.DueDone.objects.none()
    StandingRun.save = lambda self, **_: None


def tell_of_payments() -> None:
    from transfers.standing import paying

    pay = paying._pay

    def pay_and_say(order: Any) -> Any:
        instruction = pay(order)
        clock_time.sleep(0.01)  # money takes its time, with the lock held
        say("paid")
        return instruction

    paying._pay = pay_and_say


def run_the_engine(first_day: date) -> None:
    """As in the bank: plan what is due since then, claim it, do it."""
    from transfers.standing import paying
    from wekeza_portal import clock, registry
    from wekeza_portal.jobs import engine
    from wekeza_portal.jobs.models import JobState
    from wekeza_portal.jobs.schedules import Daily

    engine.jobs = registry.Registry("job")
    engine.jobs.register(NAME, registry.Job("Pay", Daily(time(0)), paying.pay_due, LEASE))
    start = clock.midnight(first_day) - timedelta(seconds=1)
    JobState.objects.bulk_create([JobState(name=NAME, planned_until=start)], ignore_conflicts=True)
    deadline = clock_time.monotonic() + 90
    while engine.overdue_since() is not None and clock_time.monotonic() < deadline:
        engine.run_due(seconds=0.5, most=1)


def main(first_day: date, manners: str) -> None:
    from transfers.standing import paying
    from wekeza_portal import clock

    tell_of_payments()
    say("ready")
    sys.stdin.readline()
    if manners == "careless":
        be_careless()
        paying.pay_due(clock.today())
    else:
        run_the_engine(first_day)
    say("done")


def say(word: str) -> None:
    print(word, flush=True)


if __name__ == "__main__":
    main(date.fromisoformat(sys.argv[1]), sys.argv[2])
