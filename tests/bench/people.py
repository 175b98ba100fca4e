"""Customers for the benchmarks: `python -m tests.bench.people some COUNT | queries | heavy TOTAL OWN | somebody`.

Prints JSON.
"""

import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")
django.setup()

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import instructions
from accounts.models import AccountTransaction, SignedInSession
from tests.chaos.names import count_from_our_own
from tests.factories import AccountFactory, CustomerFactory, UserFactory
from tests.pages import Scene, signed_in_pages
from tests.support import sign_in
from transfers.models import KnownPayee
from transfers.services import prepare_transfer
from wekeza_portal import clock
from wekeza_portal.actors import Actor

ROWS = 30
ROWS_AT_ONCE = 250_000  # inserted by one statement: a transaction the undo log bears
settings.ALLOWED_HOSTS.append("testserver")


def some(count: int) -> list[dict[str, Any]]:
    """Signed-in customers with two accounts, a month of movements and a known payee: the next one."""
    with transaction.atomic():
        customers = [CustomerFactory() for _ in range(count)]
        accounts = [AccountFactory(customer=customer, balance=Decimal("300000.00")) for customer in customers]
        for customer in customers:
            AccountFactory(customer=customer, balance=Decimal("40000.00"))
        users = [UserFactory(customer=customer) for customer in customers]
        _movements(accounts)
        cookies = [_cookie(user) for user in users]
    for user, account, target in zip(users, accounts, [*accounts[1:], accounts[0]], strict=True):
        _make_known(user, account, target)
    # Sessions do not run out while a benchmark lasts.
    SignedInSession.objects.update(last_seen_at=clock.now())
    return [
        {"cookie": cookie, "from": account.account_number, "to": target.account_number}
        for cookie, account, target in zip(cookies, accounts, [*accounts[1:], accounts[0]], strict=True)
    ]


def _movements(accounts: list[Any]) -> None:
    now = clock.now()
    words = ["DEPOSIT", "WITHDRAWAL", "MOBILE_MONEY_OUT", "BILL_PAYMENT", "TRANSFER_IN"]
    AccountTransaction.objects.bulk_create(
        [
            AccountTransaction(
                account_id=account.account_id,
                txn_type=words[n % len(words)],
                amount=Decimal("120.00"),
                reference_code=f"B{account.account_id}-{n}",
                description="Counter - Approved",
                created_at=now - timedelta(days=ROWS - n),
            )
            for n in range(ROWS)
            for account in accounts
        ],
        batch_size=1000,
    )


def _cookie(user: Any) -> str:
    client = Client()
    sign_in(client, user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _make_known(user: Any, source: Any, target: Any) -> None:
    actor = Actor(kind="customer", id=str(user.pk), customer_id=user.customer_id)
    draft = prepare_transfer(
        user.customer,
        from_number=source.account_number,
        to_number=target.account_number,
        amount=Decimal("10.00"),
        note="",
        actor=actor,
    )
    instructions.approve(customer=user.customer, instruction_id=draft.id)
    instructions.confirm(customer=user.customer, instruction_id=draft.id, actor=actor)
    KnownPayee.objects.filter(customer_id=user.customer_id).update(first_at=clock.now() - timedelta(days=2))


def queries() -> dict[str, int]:
    """Queries of every page, the second time it is opened."""
    scene = Scene.set_up()
    client = Client()
    sign_in(client, scene.user)
    counted = {}
    for path in signed_in_pages(scene):
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            client.get(path)
        counted[path] = len(seen)
    return dict(sorted(counted.items(), key=lambda item: -item[1]))


def heavy(total: int, own: int) -> dict[str, Any]:
    """A customer with `own` of `total` rows in `transactions`, all in the order of time over two years."""
    person, _payee = some(2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_id FROM accounts WHERE account_number = %s", [person["from"]])
        account_id = cursor.fetchone()[0]
        cursor.execute("SET SESSION foreign_key_checks = 0, SESSION unique_checks = 0")
        cursor.execute("TRUNCATE TABLE transactions")
        share, start = total // own, clock.now() - timedelta(days=730)
        seconds = 729 * 86400 / total
        for first in range(1, total + 1, ROWS_AT_ONCE):
            last = min(first + ROWS_AT_ONCE - 1, total)
            cursor.execute(
                "INSERT INTO transactions (account_id, txn_type, amount, reference_code, description, created_at)"  # noqa: S608
                " SELECT IF(seq %% %s = 0, %s, 1000000 + seq %% 5000),"
                " ELT(1 + seq %% 4, 'DEPOSIT', 'WITHDRAWAL', 'BILL_PAYMENT', 'TRANSFER_IN'), 10 + seq %% 900,"
                " CONCAT('G', seq), 'Counter - Approved', %s + INTERVAL FLOOR(seq * %s) SECOND"
                f" FROM seq_{first}_to_{last}",
                [share, account_id, start.replace(tzinfo=None), seconds],
            )
        cursor.execute("ANALYZE TABLE transactions")
    return person


def somebody() -> dict[str, Any]:
    """The e-mail address of one customer who has yet to sign in."""
    some(2)
    return {"email": SignedInSession.objects.latest("started_at").user.customer.email}


DEEDS: dict[str, Callable[..., Any]] = {"some": some, "queries": queries, "heavy": heavy, "somebody": somebody}

if __name__ == "__main__":
    count_from_our_own()
    what, *numbers = sys.argv[1:]
    print(json.dumps(DEEDS[what](*(int(number) for number in numbers))))
