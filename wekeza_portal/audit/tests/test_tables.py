"""The database itself refuses to change or delete what was posted or audited, and the serving user may do no more
than the portal does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.ledger import money_operation, reverse
from accounts.models import Posting, ProofBalance, ProofExplanation, ProofSheet, ProofSignature
from tests.factories import (
    AccountFactory,
    BankLetterFactory,
    ConsentFactory,
    LegalTextFactory,
    SupportLookFactory,
    TermsAcceptanceFactory,
)
from tests.payments import TELLER, instruct, pay
from wekeza_portal import clock
from wekeza_portal.audit import grants, tables
from wekeza_portal.audit.models import AuditEvent, AuditSeal
from wekeza_portal.audit.sealing import seal_waiting
from wekeza_portal.audit.verifying import verify
from wekeza_portal.money import parse_amount

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def guarded(transactional_db: None) -> Iterator[None]:
    """The triggers, taken away again before the tables are emptied: emptying is what they are there to refuse."""
    tables.install_guards()
    yield
    remove_guards()


def remove_guards() -> None:
    with connection.cursor() as cursor:
        for table in (*tables.APPEND_ONLY, tables.INSTRUCTION):
            for what in tables.REFUSED:
                cursor.execute(f"DROP TRIGGER IF EXISTS {tables.trigger_name(table, what)}")


def paid_and_sealed() -> None:
    """A row in each of the tables."""
    pay(AccountFactory(balance=parse_amount("5000.00")), AccountFactory(), parse_amount("500.00"))
    proved()
    SupportLookFactory()
    agreed_and_confirmed()
    seal_waiting()


def agreed_and_confirmed() -> None:
    """A legal text, terms accepted, a consent, a letter. Emptied tables have no texts of the migrations."""
    texts = {kind: LegalTextFactory(kind=kind, version=90) for kind in ("TERMS", "MARKETING_SMS")}
    TermsAcceptanceFactory(text=texts["TERMS"])
    ConsentFactory(text=texts["MARKETING_SMS"])
    BankLetterFactory()


def proved() -> None:
    """A sheet with a balance, an explanation and a signature."""
    day = clock.today() - timedelta(days=1)
    sheet = ProofSheet(
        day=day, made_at=clock.now(), made_by="test", content={"differences": [{}]}, differences=1, digest="0" * 64
    )
    sheet.save(force_insert=True)
    ProofBalance(sheet=sheet, account_id=1, closing=parse_amount("1.00")).save(force_insert=True)
    ProofExplanation(
        sheet=sheet, number=1, text="x", explained_by=1, explained_by_code="AUD1", explained_at=clock.now()
    ).save(force_insert=True)
    ProofSignature(
        sheet=sheet, position=1, signed_by=1, signed_by_code="AUD1", digest=sheet.digest, signed_at=clock.now()
    ).save(force_insert=True)


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


COLUMNS = {
    "portal_audit_event": "verb = 'x'",
    "portal_audit_seal": "digest = 'x'",
    "portal_bank_letter": "balance = 0",
    "portal_consent": "is_given = 0",
    "portal_legal_text": "text_en = 'x'",
    "portal_posting": "kind = 'x'",
    "portal_posting_leg": "amount = 0",
    "portal_proof_balance": "closing = 0",
    "portal_proof_explanation": "text = 'y'",
    "portal_proof_sheet": "differences = 0",
    "portal_proof_signature": "remark = 'y'",
    "portal_support_look": "page = 'y'",
    "portal_terms_acceptance": "ip = NULL",
}


@pytest.mark.parametrize("table", tables.APPEND_ONLY)
@pytest.mark.usefixtures("guarded")
def test_the_database_refuses_to_change_or_delete_a_row(table: str) -> None:
    paid_and_sealed()
    for statement in (f"UPDATE {table} SET {COLUMNS[table]}", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match=f"{table} is append-only"):
            run(statement)
    assert verify().is_intact


@pytest.mark.parametrize(
    "change",
    ["payload = '{\"to\": 1}'", "amount = 1", "fee = 1", "payee_key = 'x'", "customer_id = 1", "state = 'DRAFT'"],
)
@pytest.mark.usefixtures("guarded")
def test_the_database_refuses_to_rewrite_what_was_posted(change: str) -> None:
    """The payee of a receipt lies in the instruction's payload."""
    paid_and_sealed()
    for statement in (f"UPDATE portal_instruction SET {change}", "DELETE FROM portal_instruction"):
        with pytest.raises(DatabaseError, match="a posted instruction stays as it is"):
            run(statement)


@pytest.mark.usefixtures("guarded")
def test_drafts_are_changed_and_deleted_as_before() -> None:
    draft = instruct(AccountFactory(), parse_amount("500.00"))
    run("UPDATE portal_instruction SET state = 'CANCELLED'")
    run("DELETE FROM portal_instruction")
    assert not type(draft).objects.exists()


@pytest.mark.usefixtures("guarded")
def test_paying_reversing_and_sealing_go_on_as_before() -> None:
    paid_and_sealed()
    posting = Posting.objects.get()
    money_operation(lambda: reverse(posting=posting, reason="sent in error", actor=TELLER))()
    assert seal_waiting() > 0
    assert Posting.objects.count() == 2
    assert verify().head.number == AuditSeal.objects.count() == AuditEvent.objects.count()


def test_the_command_makes_what_is_missing_and_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        call_command("guardtables")
        assert capsys.readouterr().out.count("created ") == 28
        assert tables.missing_guards() == []
        call_command("guardtables")
        assert "created" not in capsys.readouterr().out
    finally:
        remove_guards()
    assert len(tables.missing_guards()) == 28


def warnings() -> list[str]:
    return [str(message.msg) for message in run_checks(databases=["default"]) if message.id == "portal.W014"]


def test_check_warns_when_rows_could_be_changed() -> None:
    (message,) = warnings()
    assert "DELETE portal_posting," in message
    assert "UPDATE portal_audit_seal" in message


@pytest.mark.usefixtures("guarded")
def test_check_is_content_when_they_can_not() -> None:
    assert warnings() == []


# --- The user that serves -------------------------------------------------------------------------

SERVING_NAME = f"serving_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
"""Users belong to the whole server: each worker has its own, or one drops the other's."""
SERVING = f"'{SERVING_NAME}'@'localhost'"


@contextmanager
def connected_as_serving() -> Iterator[None]:
    """Django's own connection, but as a second user of the server, who has what printgrants prints."""
    run(f"CREATE USER {SERVING}")
    for statement in grants.statements(SERVING):
        run(statement)
    owner = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(USER=SERVING_NAME, PASSWORD="")
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(owner)
        run(f"DROP USER {SERVING}")


@pytest.mark.mariadb
def test_with_the_printed_grants_customers_pay_and_the_worker_seals() -> None:
    sender, receiver = AccountFactory(balance=parse_amount("5000.00")), AccountFactory()
    with connected_as_serving():
        pay(sender, receiver, parse_amount("500.00"))
        posting = Posting.objects.get()
        money_operation(lambda: reverse(posting=posting, reason="sent in error", actor=TELLER))()
        seal_waiting()
        assert verify().is_intact
        assert warnings() == [], "without the privilege the triggers are not needed"


REFUSED_TO_SERVING = [
    *(f"UPDATE {table} SET {change}" for table, change in COLUMNS.items()),
    *(f"DELETE FROM {table}" for table in COLUMNS),
    *(f"TRUNCATE {table}" for table in COLUMNS),
    "UPDATE portal_instruction SET payload = '{}'",
    "UPDATE portal_instruction SET content_hash = 'x', state = 'DRAFT'",
    "DROP TABLE portal_posting",
    "ALTER TABLE portal_posting ADD COLUMN x INT",
    "CREATE TABLE portal_other (id INT)",
    "CREATE TRIGGER other BEFORE INSERT ON portal_posting FOR EACH ROW SET @x = 1",
    "UPDATE transactions SET amount = 1",
    "DELETE FROM transactions",
    "UPDATE accounts SET status = 'CLOSED'",
    "INSERT INTO accounts (account_number) VALUES ('ACC1')",
    "DELETE FROM users",
    "UPDATE users SET national_id = '1'",
    "GRANT SELECT ON *.* TO 'other'@'localhost'",
]


@pytest.mark.mariadb
def test_with_the_printed_grants_nothing_else_is_possible() -> None:
    paid_and_sealed()
    with connected_as_serving():
        for statement in REFUSED_TO_SERVING:
            with pytest.raises(DatabaseError) as refusal:
                run(statement)
            assert refusal.value.args[0] in {1044, 1045, 1142, 1143, 1227}, (statement, refusal.value)
        assert verify().is_intact


@pytest.mark.mariadb
def test_who_may_not_create_triggers_is_told_how() -> None:
    with connected_as_serving(), pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        call_command("guardtables")


@pytest.mark.mariadb
def test_the_command_prints_grants_for_every_table_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("printgrants", SERVING)
    lines = capsys.readouterr().out.splitlines()
    name = connection.settings_dict["NAME"]
    assert f"GRANT SELECT, INSERT ON `{name}`.`portal_posting` TO {SERVING};" in lines
    assert f"GRANT SELECT, UPDATE (`balance`) ON `{name}`.`accounts` TO {SERVING};" in lines
    assert f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{name}`.`django_session` TO {SERVING};" in lines
    assert f"GRANT SELECT ON `{name}`.`loan_products` TO {SERVING};" in lines


@pytest.mark.sqlite
def test_sqlite_knows_no_users() -> None:
    with pytest.raises(CommandError, match="knows no users"):
        call_command("printgrants", SERVING)


@pytest.mark.parametrize("user", ["portal", "portal@localhost", "'a'@'b'; DROP", "''@''", "'a`'@'b'", "'a''@'b'"])
def test_a_user_that_is_not_written_as_the_server_writes_it_is_refused(user: str) -> None:
    with pytest.raises(ValueError, match="write the user as"):
        next(grants.statements(user))


def test_every_row_of_the_lists_is_tried() -> None:
    assert set(COLUMNS) == set(tables.APPEND_ONLY)
    made: Any = {model._meta.db_table for model in (AuditEvent, AuditSeal, Posting)}
    assert made < set(tables.APPEND_ONLY)
