"""Whatever is done on the portal's pages, it writes no branch column but those the page in docs/ lists."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.models import AccountTransaction, BranchCustomer
from tests.factories import AccountFactory, CustomerFactory
from tests.payments import instruct, pay
from wekeza_portal import clock
from wekeza_portal.branch.introspection import stamp_updated_at
from wekeza_portal.branch.schema import BRANCH_TABLES
from wekeza_portal.branch.written import INSERTED, WRITTEN, WRITTEN_IF_THERE

_UPDATE = re.compile(r"\s*UPDATE\s+[`\"]?(\w+)[`\"]?\s+SET\s+(.*?)(?:\s+WHERE\s|$)", re.IGNORECASE | re.DOTALL)
_INSERT = re.compile(r"\s*(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s+[`\"]?(\w+)[`\"]?\s*\(([^)]*)\)", re.IGNORECASE)
_DELETE = re.compile(r"\s*(?:DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+[`\"]?(\w+)", re.IGNORECASE)
_SET_COLUMN = re.compile(r"(?:^|,)\s*(?:[`\"]?\w+[`\"]?\.)?[`\"]?(\w+)[`\"]?\s*=")


def writes_beyond(sql: str) -> list[str]:
    """What a statement writes into the branch's tables that the portal may not write."""
    if match := _DELETE.match(sql):
        return [f"deletes from {match[1]}"] if match[1] in BRANCH_TABLES else []
    if match := _INSERT.match(sql):
        names = {name.strip(' `"') for name in match[2].split(",")}
        return _beyond(match[1], names, is_open=match[1] in INSERTED)
    if match := _UPDATE.match(sql):
        return _beyond(match[1], set(_SET_COLUMN.findall(match[2])), is_open=match[1] not in INSERTED)
    return []


def _beyond(table: str, names: set[str], *, is_open: bool) -> list[str]:
    if table not in BRANCH_TABLES:
        return []
    if not is_open:
        return [f"writes rows of {table}"]
    allowed = WRITTEN.get(table, frozenset()) | WRITTEN_IF_THERE.get(table, frozenset())
    return sorted(f"writes {table}.{name}" for name in names - allowed)


@pytest.fixture
def beyond() -> Iterator[list[str]]:
    """Collects every forbidden write while a test runs."""
    found: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        found.extend(writes_beyond(sql))
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(watch))
        yield found


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM users", []),
        ("UPDATE `accounts` SET `balance` = %s WHERE `account_id` = 1", []),
        ("UPDATE `accounts` SET `status` = %s WHERE 1", ["writes accounts.status"]),
        ('UPDATE "users" SET "full_name" = %s, "password_hash" = %s', ["writes users.full_name"]),
        ("UPDATE users SET updated_at = %s WHERE user_id = 1", []),
        ("UPDATE transactions SET amount = 1 WHERE 1", ["writes rows of transactions"]),
        ("INSERT INTO `transactions` (`account_id`, `amount`) VALUES (1, 2)", []),
        ("INSERT INTO `transactions` (`account_id`, `status`) VALUES (1, 2)", ["writes transactions.status"]),
        ('INSERT INTO "accounts" ("balance") VALUES (1)', ["writes rows of accounts"]),
        ("DELETE FROM `loans` WHERE 1", ["deletes from loans"]),
        ("DELETE FROM portal_user", []),
        ("INSERT INTO portal_user (username) VALUES ('x')", []),
    ],
)
def test_the_guard_tells_what_may_be_written(sql: str, expected: list[str]) -> None:
    assert writes_beyond(sql) == expected


@pytest.mark.django_db
def test_the_guard_sees_what_the_orm_writes(beyond: list[str]) -> None:
    account = AccountFactory()
    assert "writes rows of accounts" in beyond
    beyond.clear()
    account.save()
    assert "writes accounts.status" in beyond
    beyond.clear()
    account.save(update_fields=["balance"])
    assert beyond == []


@pytest.mark.django_db(transaction=True)
def test_a_payment_writes_only_what_is_listed(request: pytest.FixtureRequest) -> None:
    payer, payee = AccountFactory(balance=Decimal("9000.00")), AccountFactory()
    stranger = AccountFactory()
    instruction = instruct(payer, Decimal("500.00"))
    beyond: list[str] = request.getfixturevalue("beyond")
    pay(payer, payee, Decimal("500.00"), instruction=instruction)
    assert beyond == []
    assert AccountTransaction.objects.filter(account__in=[payer, payee]).count() >= 2
    assert not AccountTransaction.objects.filter(account=stranger).exists()


@pytest.mark.django_db
def test_replacing_the_branchs_secret_writes_only_what_is_listed(request: pytest.FixtureRequest) -> None:
    customer = CustomerFactory()
    beyond: list[str] = request.getfixturevalue("beyond")
    customer.password_hash = "!"
    customer.save(update_fields=["password_hash"])
    stamp_updated_at("users", "user_id", customer.user_id, clock.now())
    assert beyond == []
    assert BranchCustomer.objects.get(pk=customer.pk).password_hash == "!"
