"""Statements kept instead of built: the same rows, values and refusals as through the ORM."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Instruction, Limit
from tests.factories import AccountFactory, InstructionFactory
from wekeza_portal import clock, sql
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import OutboxMessage

pytestmark = pytest.mark.django_db


def outbox(cause: str, **changes: object) -> dict[str, object]:
    now = clock.now()
    return {
        "id": uuid.uuid4(), "cause": cause, "customer_id": 7, "channel": "SMS", "to": "+254700000001", "subject": "",
        "body": "Habari 🎉 '; DROP TABLE users; -- %s", "is_secret": False, "state": "QUEUED", "attempts": 0,
        "last_error": "", "created_at": now, "due_at": now, "expires_at": now + timedelta(hours=1), "sent_at": None,
        **changes,
    }  # fmt: skip


def test_a_row_is_read_exactly_as_the_orm_reads_it() -> None:
    made = InstructionFactory(payload={"note": "ñ 🎉", "deep": [1, None]}, stepped_up_at=clock.now())
    (read,) = sql.Rows(Instruction).where("id = %s", [sql.prepared(Instruction._meta.pk, made.id)])
    through_the_orm = Instruction.objects.get(pk=made.pk)
    for field in Instruction._meta.concrete_fields:
        value, expected = getattr(read, field.attname), getattr(through_the_orm, field.attname)
        assert (value, type(value)) == (expected, type(expected)), field.name
    assert not read._state.adding


@pytest.mark.parametrize("balance", [None, Decimal("-0.01"), Decimal("0.10"), Decimal("9999999999999.99")])
def test_money_keeps_its_cents(balance: Decimal | None) -> None:
    account = AccountFactory(balance=balance)
    (read,) = sql.Rows(Account).where("account_id = %s", [account.account_id])
    assert read.balance == balance
    assert balance is None or str(read.balance) == str(balance)


def test_rows_are_written_exactly_as_the_orm_writes_them() -> None:
    row = outbox("one")
    sql.insert(OutboxMessage, [row, outbox("two", to="a@example.com")])
    read = OutboxMessage.objects.get(cause="one")
    assert {name: getattr(read, name) for name in row} == row
    assert OutboxMessage.objects.count() == 2


def test_one_row_gets_its_id() -> None:
    event = {
        "at": clock.now(), "verb": "x", "actor_kind": "system", "actor_id": "t", "customer_id": None, "subject": "",
        "data": {"a": "1.00"}, "request_id": "", "ip": None,
    }  # fmt: skip
    assert AuditEvent.objects.get(pk=sql.insert(AuditEvent, [event])).data == {"a": "1.00"}


def test_a_row_that_is_there_stays_as_it_is_only_if_that_was_wanted() -> None:
    sql.insert(OutboxMessage, [outbox("once", body="first")])
    sql.insert(OutboxMessage, [outbox("once", body="second"), outbox("other")], ignore=True)
    assert OutboxMessage.objects.get(cause="once").body == "first"
    assert OutboxMessage.objects.filter(cause="other").exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.insert(OutboxMessage, [outbox("once")])


def test_an_error_is_djangos_own_and_a_value_is_never_part_of_the_statement() -> None:
    with CaptureQueriesContext(connection) as seen:
        assert sql.Rows(Limit).where("code = %s", ["' OR 1=1 --"]) == []
    assert len(seen) == 1


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_a_lock_holds_until_the_transaction_ends() -> None:
    from tests.together import at_once

    account = AccountFactory(balance=Decimal("5.00"))

    def in_a_hurry() -> list[Account]:
        with transaction.atomic():
            sql.run("SET SESSION innodb_lock_wait_timeout = 1", [])
            return sql.Rows(Account).where("account_id = %s", [account.account_id], lock=True)

    with transaction.atomic():
        sql.Rows(Account).where("account_id = %s", [account.account_id], lock=True)
        (waited,) = at_once([in_a_hurry])
    assert "1205" in str(waited)
    (found,) = at_once([in_a_hurry])
    assert isinstance(found, list)
    assert [row.pk for row in found] == [account.pk]
