"""One process that pays as fast as it can: `python -m tests.bench.mover bare|confirm|both NUMBER SECONDS HOT`.

Prints "ready", waits for a line, then works for so many seconds and prints {"rate": per second}.
"""

import json
import os
import re
import sys
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")
django.setup()

from django.db import IntegrityError, connection, transaction

from accounts import instructions
from accounts.models import Account, Instruction
from tests.chaos.names import count_from_our_own
from tests.factories import AccountFactory, CustomerFactory, UserFactory
from transfers.models import KnownPayee
from transfers.services import prepare_transfer
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.identifiers import new_reference

DRAFTS = 3000
HOT = "HOT0000001"
ONE = Decimal("1.00")

Statement = tuple[str, list[Any], list[int]]


class Payer:
    """A customer with money, and somebody to pay to whom nothing has to be proved any more."""

    def __init__(self, *, hot: bool) -> None:
        with transaction.atomic():
            self.source = AccountFactory(customer=CustomerFactory(), balance=Decimal("900000.00"))
            UserFactory(customer=self.source.customer)
            self.target = self._hot_account() if hot else AccountFactory(customer=CustomerFactory(), balance=ONE)
        self.customer = self.source.customer
        self.actor = Actor(kind="customer", id="1", customer_id=self.customer.user_id, ip="127.0.0.1")
        first = self.draft()
        instructions.approve(customer=self.customer, instruction_id=first.id)
        self.confirm(first.id)
        KnownPayee.objects.filter(customer_id=self.customer.user_id).update(first_at=clock.now() - timedelta(days=2))
        self.confirm(self.draft().id)  # without a code: now every counter of the day is there

    @staticmethod
    def _hot_account() -> Account:
        found = Account.objects.filter(account_number=HOT).first()
        if found is not None:
            return found
        try:
            with transaction.atomic():
                return AccountFactory(customer=CustomerFactory(), balance=ONE, account_number=HOT)
        except IntegrityError:  # another process was a moment earlier
            return Account.objects.get(account_number=HOT)

    def draft(self) -> Instruction:
        return prepare_transfer(
            self.customer,
            from_number=self.source.account_number,
            to_number=self.target.account_number,
            amount=ONE,
            note="",
            actor=self.actor,
        )

    def confirm(self, instruction_id: uuid.UUID) -> None:
        instructions.confirm(customer=self.customer, instruction_id=instruction_id, actor=self.actor)

    def drafts(self) -> list[Instruction]:
        """Many like one that was really prepared: what is measured is the confirming."""
        one = self.draft()
        fields = {f.attname: getattr(one, f.attname) for f in one._meta.concrete_fields if f.attname != "id"}
        return Instruction.objects.bulk_create(
            [Instruction(**{**fields, "id": uuid.uuid4()}) for _ in range(DRAFTS)], batch_size=500
        )


def captured(payer: Payer, draft: Instruction) -> list[Statement]:
    """What one confirm sends: statement, parameters, and the numbers the database gave to inserted rows."""
    seen: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(sql, params, many, context)
        inserted = _row_numbers(context["cursor"]) if sql.startswith("INSERT") else []
        plain = [str(value) if isinstance(value, uuid.UUID) else value for value in params or []]
        seen.append((sql, plain, inserted))
        return result

    with connection.execute_wrapper(note):
        payer.confirm(draft.id)
    return seen


def _row_numbers(cursor: Any) -> list[int]:
    """Of the rows just inserted, whether they came back by RETURNING or not; without taking them away from Django."""
    while hasattr(cursor, "cursor"):
        cursor = cursor.cursor
    return [row[0] for row in cursor._rows] if cursor._rows else [cursor.lastrowid]


class Replay:
    """Sends captured statements for another draft: new ids and references, nothing else of ours."""

    def __init__(self, statements: list[Statement], draft: Instruction) -> None:
        self.statements, self.old = statements, draft.id
        params = [value for _sql, values, _id in statements for value in values]
        self.reference = next(value for value in params if isinstance(value, str) and _is_reference(value))
        self.uuids = {value for value in params if _is_uuid(value)} - {str(self.old), self.old.hex}
        connection.ensure_connection()
        self.line = connection.connection

    def __call__(self, new: uuid.UUID, number: int) -> None:
        words = {self.old.hex: new.hex, str(self.old): str(new), self.reference: new_reference()}
        words |= {old: str(uuid.uuid4()) for old in self.uuids}
        rows: dict[int, int] = {}
        cursor = self.line.cursor()
        self.line.begin()
        for sql, params, inserted in self.statements:
            cursor.execute(sql, [_renewed(value, words, rows, number, sql) for value in params] or None)
            found = cursor.fetchall()
            numbers = [row[0] for row in found] if found else [cursor.lastrowid]
            rows |= dict(zip(inserted, numbers, strict=False))
        self.line.commit()


def _is_reference(value: str) -> bool:
    return len(value) == 14 and value[4] == value[9] == "-"


def _is_uuid(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", value) is not None


def _renewed(value: Any, words: dict[str, str], rows: dict[int, int], number: int, sql: str) -> Any:
    if isinstance(value, str):
        for old, new in words.items():
            if old in value:
                return value.replace(old, new)
    if isinstance(value, int) and not isinstance(value, bool):
        return rows.get(value, value)
    if isinstance(value, Decimal) and sql.startswith("UPDATE"):
        return value + Decimal(number) / 100  # the same figure again would not be written
    return value


def main(what: str, number: int, seconds: float, hot: bool) -> None:
    # Rows' numbers far from each other, so that a replayed statement can tell one from another.
    if number == 0 and what == "bare":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE portal_posting AUTO_INCREMENT = 10000000")
            cursor.execute("ALTER TABLE transactions AUTO_INCREMENT = 20000000")
    count_from_our_own()
    payer = Payer(hot=hot)
    drafts = payer.drafts() if what != "both" else []
    work = _work(what, payer, drafts)
    print("ready", flush=True)
    sys.stdin.readline()
    started, done = time.perf_counter(), 0
    while time.perf_counter() - started < seconds and (what == "both" or done < len(drafts)):
        work(done)
        done += 1
    print(json.dumps({"rate": done / (time.perf_counter() - started), "at": str(clock.now())}))


def _work(what: str, payer: Payer, drafts: list[Instruction]) -> Callable[[int], None]:
    if what == "both":
        return lambda _done: payer.confirm(payer.draft().id)
    if what == "confirm":
        return lambda done: payer.confirm(drafts[done].id)
    replay = Replay(captured(payer, drafts[0]), drafts.pop(0))
    return lambda done: replay(drafts[done].id, done + 1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4] == "1")
