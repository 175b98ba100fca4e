"""What the chaos tests do inside their bank: `python -m tests.chaos.teller prepare CUSTOMERS DRAFTS | look | settle`.

Prints JSON. A process of its own, because the test's own Django is connected to another database.
"""

import json
import os
import sys
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
from transfers.services import prepare_transfer
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.notifications import services
from wekeza_portal.notifications.models import DemoMessage, OutboxMessage

OPENING = Decimal("100000.00")


def prepare(customers: int, drafts: int) -> list[dict[str, Any]]:
    """Signed-in customers, each with drafts to the next one that only wait to be confirmed."""
    with transaction.atomic():
        accounts = [AccountFactory(customer=CustomerFactory(), balance=OPENING) for _ in range(customers)]
        users = [UserFactory(customer=account.customer) for account in accounts]
    ring = zip(users, accounts, [*accounts[1:], accounts[0]], strict=True)
    return [{"cookie": _cookie(user), "drafts": _drafts(user, source, to, drafts)} for user, source, to in ring]


def _cookie(user: Any) -> str:
    client = Client()
    sign_in(client, user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _drafts(user: Any, source: Account, target: Account, count: int) -> list[str]:
    actor = Actor(kind="customer", id=str(user.pk), customer_id=user.customer_id)
    made = []
    for _ in range(count):
        draft = prepare_transfer(
            user.customer,
            from_number=source.account_number,
            to_number=target.account_number,
            amount=Decimal("10.00"),
            note="",
            actor=actor,
        )
        made.append(str(draft.id))
    first, *_rest = made
    # A code makes the receiver known: what follows needs none, however long the killing goes on.
    instructions.approve(customer=user.customer, instruction_id=Instruction.objects.get(pk=first).pk)
    instructions.confirm(customer=user.customer, instruction_id=Instruction.objects.get(pk=first).pk, actor=actor)
    return made


def look() -> dict[str, Any]:
    """What stands in the books: postings per instruction, what does not tie, every account traced."""
    posted = [str(pk) for pk in Posting.objects.values_list("instruction_id", flat=True)]
    wrong = []
    for account in Account.objects.all():
        legs = PostingLeg.objects.filter(account_id=account.account_id)
        if account.balance != OPENING + sum((leg.amount for leg in legs), Decimal(0)):
            wrong.append(account.account_number)
    return {
        "posted": posted,
        "wrong_accounts": wrong,
        "differences": [str(difference) for difference in checking.differences()],
        "total": str(sum(account.balance or 0 for account in Account.objects.all())),
        "accounts": Account.objects.count(),
    }


def settle() -> dict[str, Any]:
    """Send what is left, a claim's life later, and say how every message of every payment ended."""
    later = clock.now() + services.CLAIM + timedelta(seconds=1)
    present = clock.now
    services.clock.now = lambda: later  # what a killed worker had claimed is free again
    while services.deliver_due():
        pass
    services.clock.now = present
    messages = OutboxMessage.objects.filter(cause__startswith="transfer-")
    received: dict[str, int] = {}
    for body in DemoMessage.objects.values_list("body", flat=True):
        received[body] = received.get(body, 0) + 1
    return {
        "causes": [message.cause for message in messages],
        "states": sorted({message.state for message in messages}),
        "lost": [message.cause for message in messages if not received.get(message.body)],
        "repeated": [m.cause for m in messages if m.attempts == 1 and received.get(m.body, 0) > 1],
        "beyond_attempts": [m.cause for m in messages if received.get(m.body, 0) > m.attempts],
    }


if __name__ == "__main__":
    count_from_our_own()
    what, *numbers = sys.argv[1:]
    answer = {"prepare": prepare, "look": look, "settle": settle}[what](*(int(number) for number in numbers))
    print(json.dumps(answer))
