"""The disk is full in the middle of a payment: 503, nothing half done, and the same payment once there is room."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from django.test import Client

from accounts.models import Instruction, Posting, PostingLeg
from tests.pages import Scene
from tests.support import all_the_money, sign_in
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def full_disk() -> Iterator[None]:
    """No room more for the database: its own refusal, 1114 on MariaDB, "database or disk is full" on SQLite."""
    begin, end = (_mariadb_full, _mariadb_free) if connection.vendor == "mysql" else (_sqlite_full, _sqlite_free)
    begin()
    try:
        yield
    finally:
        end()


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _mariadb_full() -> None:
    """The last row of a posting meets a table that is full."""
    _run(
        "SET @@session.max_heap_table_size = 16384",
        "CREATE TABLE test_full (row_no INT, filler CHAR(250)) ENGINE=MEMORY",
    )
    with pytest.raises(OperationalError, match="full"):
        _run(*["INSERT INTO test_full VALUES (1, REPEAT('x', 250))"] * 1000)
    _run(
        "CREATE TRIGGER test_full_disk AFTER INSERT ON portal_posting_leg FOR EACH ROW "
        "INSERT INTO test_full VALUES (1, REPEAT('x', 250))"
    )


def _mariadb_free() -> None:
    _run("DROP TRIGGER test_full_disk", "DROP TABLE test_full")


def _sqlite_full() -> None:
    """As many pages as there are; the last row of a posting needs more."""
    _run(
        "CREATE TABLE test_full (filler BLOB)",
        "CREATE TRIGGER test_full_disk AFTER INSERT ON portal_posting_leg "
        "BEGIN INSERT INTO test_full VALUES (zeroblob(4000000)); END",
        "PRAGMA max_page_count = 1",  # which SQLite takes as: those in use
    )


def _sqlite_free() -> None:
    _run("PRAGMA max_page_count = 1073741823", "DROP TRIGGER test_full_disk", "DROP TABLE test_full")


def written() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Posting, PostingLeg, OutboxMessage, AuditEvent))


def test_a_full_disk_is_a_503_and_leaves_nothing_half_done() -> None:
    scene, client = Scene.set_up(), Client()
    sign_in(client, scene.user)
    target = f"/move/payments/{scene.draft.pk}/confirm/"
    before, money = written(), all_the_money()
    with full_disk():
        for _time in range(2):
            answer = client.post(target)
            assert (answer.status_code, answer["Retry-After"].isdigit()) == (503, True)
            assert b"<h1" in answer.content
            assert (written(), all_the_money()) == (before, money)
            scene.draft.refresh_from_db()
            assert scene.draft.state == Instruction.State.DRAFT
    assert client.post(target).status_code == 303
    assert Posting.objects.filter(instruction_id=scene.draft.pk).count() == 1
    assert sum(all_the_money().values()) + sum(
        leg.amount for leg in PostingLeg.objects.filter(account=None, posting__instruction_id=scene.draft.pk)
    ) == sum(money.values())
