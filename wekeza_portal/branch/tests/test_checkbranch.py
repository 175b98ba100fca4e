"""checkbranch says what is missing or different, and stays quiet where all is well."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.factories import AccountFactory, TransactionFactory
from wekeza_portal import clock
from wekeza_portal.branch import ddl
from wekeza_portal.branch.schema import create_branch_tables, existing_branch_tables


def _check() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("checkbranch", stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def _run(connection: BaseDatabaseWrapper, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def bank(scratch: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    """A branch database of the live lineage whose clock is Nairobi's."""
    create_branch_tables(scratch)
    if scratch.vendor == "mysql":
        _run(scratch, "SET SESSION time_zone = '+03:00'")
    return scratch


def test_it_finds_nothing_wrong_with_a_bank_as_it_should_be(bank: BaseDatabaseWrapper) -> None:
    code, text = _check()
    assert code == 0, text
    assert "everything the portal needs is there" in text
    assert "PROBLEM" not in text


def test_an_empty_database_is_a_problem(scratch: BaseDatabaseWrapper) -> None:
    code, text = _check()
    assert code == 1
    assert "no branch tables at all" in text


@pytest.mark.mariadb
@pytest.mark.parametrize("lineage", ddl.LINEAGES)
def test_it_says_which_lineage_it_met(scratch: BaseDatabaseWrapper, lineage: ddl.Lineage) -> None:
    create_branch_tables(scratch, lineage)
    _run(scratch, "SET SESSION time_zone = '+03:00'")
    code, text = _check()
    assert code == 0, text
    assert f'lineage "{lineage}"' in text


def test_it_finds_a_missing_table_that_the_portal_reads(bank: BaseDatabaseWrapper) -> None:
    _run(bank, "DROP TABLE premium_payments")
    code, text = _check()
    assert code == 1
    assert "PROBLEM  Table premium_payments is missing, and the portal reads it." in text


@pytest.mark.mariadb
def test_a_missing_table_that_nobody_needs_is_only_a_note(bank: BaseDatabaseWrapper) -> None:
    _run(bank, "DROP TABLE agent_commissions")
    code, text = _check()
    assert code == 0
    assert "note     Table agent_commissions is missing" in text


def test_it_says_clearly_that_a_column_the_portal_writes_is_gone(bank: BaseDatabaseWrapper) -> None:
    _run(bank, "ALTER TABLE accounts RENAME COLUMN balance TO booked_balance")
    code, text = _check()
    assert code == 1
    assert "PROBLEM  accounts.balance is missing, and the portal WRITES it." in text


@pytest.mark.mariadb
def test_it_finds_a_dropped_column_that_the_portal_reads(bank: BaseDatabaseWrapper) -> None:
    _run(bank, "ALTER TABLE loan_accounts DROP COLUMN days_overdue")
    code, text = _check()
    assert code == 1
    assert "PROBLEM  loan_accounts.days_overdue is missing, and the portal reads it." in text


@pytest.mark.mariadb
def test_a_missing_optional_column_is_only_a_note(bank: BaseDatabaseWrapper) -> None:
    _run(bank, "ALTER TABLE users DROP COLUMN updated_at")
    code, text = _check()
    assert code == 0
    assert "note     users.updated_at is not there; the portal can do without it." in text


@pytest.mark.mariadb
def test_it_finds_a_changed_type_and_a_shorter_text(bank: BaseDatabaseWrapper) -> None:
    _run(
        bank,
        "ALTER TABLE accounts MODIFY balance DOUBLE NULL",
        "ALTER TABLE transactions MODIFY description VARCHAR(100) NULL",
        "ALTER TABLE transactions MODIFY txn_type VARCHAR(80) NOT NULL",
    )
    code, text = _check()
    assert code == 1
    assert "PROBLEM  accounts.balance is double, known as decimal(15,2)." in text
    assert "PROBLEM  transactions.description is varchar(100), known as varchar(255)." in text
    assert "note     transactions.txn_type is varchar(80)" in text


@pytest.mark.mariadb
def test_it_finds_enum_values_that_are_gone_and_notes_new_ones(bank: BaseDatabaseWrapper) -> None:
    _run(bank, "ALTER TABLE accounts MODIFY status ENUM('ACTIVE','FROZEN','DISABLED','CLOSED') NULL")
    code, text = _check()
    assert code == 1
    assert "PROBLEM  accounts.status does not take DORMANT." in text
    assert "note     accounts.status also takes CLOSED." in text


@pytest.mark.mariadb
def test_an_unknown_column_that_demands_a_value_would_stop_our_rows(bank: BaseDatabaseWrapper) -> None:
    _run(bank, "ALTER TABLE transactions ADD COLUMN channel VARCHAR(10) NOT NULL")
    _run(bank, "ALTER TABLE accounts ADD COLUMN account_type VARCHAR(10) NULL")
    code, text = _check()
    assert code == 1
    assert "PROBLEM  transactions.channel is unknown and demands a value" in text
    assert "note     accounts.account_type is there in addition" in text


@pytest.mark.mariadb
def test_it_finds_a_column_that_no_longer_takes_null(bank: BaseDatabaseWrapper) -> None:
    _run(bank, "ALTER TABLE transactions MODIFY approved_by VARCHAR(50) NOT NULL")
    code, text = _check()
    assert code == 1
    assert "PROBLEM  transactions.approved_by refuses NULL, known to allow it." in text


@pytest.mark.mariadb
def test_it_finds_a_clock_that_is_not_nairobis(bank: BaseDatabaseWrapper) -> None:
    _run(bank, "SET SESSION time_zone = '+00:00'")
    code, text = _check()
    assert code == 1
    assert "PROBLEM  The database's clock says" in text
    assert "default_time_zone" in text


def test_it_notes_ids_that_do_not_follow_dates(bank: BaseDatabaseWrapper) -> None:
    account = AccountFactory()
    for days in (0, 30):
        TransactionFactory(account=account, created_at=clock.now() - timedelta(days=days))
    code, text = _check()
    assert code == 0
    assert "1 of 2 sampled transactions are older" in text


def test_rows_that_commit_a_little_late_are_not_noted(bank: BaseDatabaseWrapper) -> None:
    account = AccountFactory()
    for minutes in (60, 0, 15):
        TransactionFactory(account=account, created_at=clock.now() - timedelta(minutes=minutes))
    assert "sampled transactions" not in _check()[1]


def test_it_changes_nothing(bank: BaseDatabaseWrapper) -> None:
    before = existing_branch_tables(bank)
    _check()
    assert existing_branch_tables(bank) == before
    assert not AccountFactory._meta.model.objects.exists()
