"""What the chaos of payments does inside its bank: `python -m tests.chaos.outside WHAT ...`.

WHAT is `prepare N FIRST`, `switch_on`, `make_ready ID`, `finish`, `by_hand ID:END ...` or `look`. Prints JSON. A
process of its own, because the test's own Django is connected to another database.
"""

import json
import os
import sys
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")
django.setup()

from django.conf import settings
from django.db import transaction
from django.test import Client

from accounts import checking, instructions
from accounts.models import Account, Instruction, Posting, PostingLeg
from tests.chaos.names import count_from_our_own
from tests.factories import AccountFactory, CustomerFactory, UserFactory
from tests.support import sign_in
from transfers.models import Payment
from transfers.outside import working
from transfers.outside.errors import RailRests, ReceiverRefused
from transfers.outside.preparing import Wish, prepare_payment
from transfers.staff import ends as by_two
from transfers.tests.scripted import NAMES, destination
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.rails import callbacks, circuit
from wekeza_portal.rails.base import rails
from wekeza_portal.staff import proposals, switches
from wekeza_portal.staff.models import PortalSwitch
from wekeza_portal.staff.tests.scenes import staff

OPENING = Decimal("400000.00")
EACH = 25
LEAST = 1000
"""What becomes of an order stands in the last two digits of its amount: hundred payments meet every ending."""
ROUND = timedelta(seconds=65)
MOST_ROUNDS = 90
PATIENCE = 0.25


def prepare(count: int, first: int) -> list[dict[str, Any]]:
    """Signed-in customers with `count` drafts in all over every rail there is, each confirmed by a code already.

    The numbers begin with `first`, so that no two payments have the same receiver. The first draft of each person is
    none, as Load wants it.
    """
    ways = [name for name in NAMES if name in rails]
    people = []
    for start in range(first, first + count, EACH):
        with transaction.atomic():
            account = AccountFactory(customer=CustomerFactory(), balance=OPENING)
            user = UserFactory(customer=account.customer)
        numbers = range(start, min(start + EACH, first + count))
        drafts = [_draft(user, account, ways[number % len(ways)], number) for number in numbers]
        people.append({"cookie": _cookie(user), "drafts": ["", *filter(None, drafts)]})
    return people


def switch_on() -> dict[str, Any]:
    """As operations do when they have looked: every rail that stopped itself is on again, by maker and checker."""
    stopped = list(PortalSwitch.objects.filter(is_on=False).values_list("code", flat=True))
    today = clock.today().isoformat()
    for code in stopped:
        wish = {"code": code, "is_on": True, "notice_en": "", "notice_sw": "", "since": today}
        _by_two(switches.KIND, wish, checker="operations")
    return {"stopped": stopped}


def make_ready(draft: str) -> dict[str, Any]:
    """What stopped is on again, and the customer gives a code of now: one is good for five minutes only."""
    instruction = Instruction.objects.select_related("customer").get(pk=draft)
    if instruction.state == Instruction.State.DRAFT:
        instructions.approve(customer=instruction.customer, instruction_id=instruction.pk)
    return {"state": instruction.state, **switch_on()}


def _draft(user: Any, account: Account, rail: str, number: int) -> str | None:
    actor = Actor(kind="customer", id=str(user.pk), customer_id=user.customer_id)
    amount = Decimal(LEAST + number * 7 % 100)
    wish = Wish(account.account_number, destination(rail, number), amount, typed_name="Jane Wambui")
    try:
        draft = prepare_payment(user.customer, wish, actor=actor)
    except ReceiverRefused:  # the simulated company knows no such receiver
        return None
    except switches.SwitchedOff:  # by a payment of before that was on its way; somebody looks, and it can be tried
        switch_on()
        return _draft(user, account, rail, number)
    except RailRests:  # the form says so, and customers come back when it no longer does
        while circuit.is_open(rail):
            time.sleep(PATIENCE)
        return _draft(user, account, rail, number)
    instructions.approve(customer=user.customer, instruction_id=draft.id)
    return str(draft.id)


def _cookie(user: Any) -> str:
    client = Client()
    sign_in(client, user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def finish() -> dict[str, Any]:
    """Be the only worker, with time passing quickly, until each payment has ended; how many rounds that took."""
    present, passed, rounds = clock.now, timedelta(0), 0
    clock.now = lambda: present() + passed
    while Payment.objects.filter(state__in=Payment.OPEN).exists() and rounds < MOST_ROUNDS:
        rounds += 1
        passed += ROUND if rounds < 40 else timedelta(hours=1)
        while working.work(200):
            pass
        time.sleep(PATIENCE)  # the simulated companies call the web server back
        while callbacks.work_through(500):
            pass
    left = Payment.objects.filter(state__in=Payment.OPEN)
    alone = left.filter(with_staff_since__isnull=True)
    return {
        "rounds": rounds,
        "open": [str(pk) for pk in left.values_list("pk", flat=True)],
        "without_staff": list(alone.values_list("rail", "amount", "state", "reason_code", "sends")),
    }


def by_hand(*ends: str) -> dict[str, Any]:
    """End payments as staff do, maker and checker: each "id:settle" or "id:return", as the companies' papers say."""
    for payment_id, _colon, end in (text.partition(":") for text in ends):
        payload = by_two.payload_of(Payment.objects.get(pk=payment_id), "The company's own list of executed orders")
        kind = by_two.SETTLE if end == "settle" else by_two.GIVE_BACK
        _by_two(kind, payload, checker="risk")
    return {"ended": len(ends)}


def _by_two(kind: str, payload: dict[str, Any], *, checker: str) -> None:
    """Propose and approve, as two people of the bank."""
    first, second = staff("operations"), staff(checker)
    made = proposals.propose(kind, payload, reason="chaos", user=first, actor=Actor("staff", str(first.pk)))
    proposals.approve(made.pk, user=second, actor=Actor("staff", str(second.pk)))


def look() -> dict[str, Any]:
    """What stands in the books: each payment with its state, what does not tie, every account traced."""
    wrong = []
    for account in Account.objects.all():
        legs = PostingLeg.objects.filter(account_id=account.account_id)
        if account.balance != OPENING + sum((leg.amount for leg in legs), Decimal(0)):
            wrong.append(account.account_number)
    payments = Payment.objects.values_list("pk", "reference", "rail", "state", "contradicted_at", "sends")
    return {
        "payments": [
            {
                "id": str(pk),
                "reference": reference,
                "rail": rail,
                "state": state,
                "odd": odd is not None,
                "sends": sends,
            }
            for pk, reference, rail, state, odd, sends in payments
        ],
        "posted": [
            str(pk) for pk in Instruction.objects.filter(kind__in=_kinds(), state="POSTED").values_list("pk", flat=True)
        ],
        "postings": Posting.objects.count(),
        "wrong_accounts": wrong,
        "differences": [str(difference) for difference in checking.differences()],
    }


def _kinds() -> list[str]:
    from transfers.outside.kinds import KINDS

    return list(KINDS)


if __name__ == "__main__":
    count_from_our_own()
    what, *given = sys.argv[1:]
    rooms: dict[str, Any] = {room.__name__: room for room in (prepare, switch_on, make_ready, finish, by_hand, look)}
    answer = rooms[what](*(int(word) if word.isdecimal() else word for word in given))
    print(json.dumps(answer, default=str))
