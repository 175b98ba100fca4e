"""A bank's own database: we add our tables and leave theirs exactly as they are."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.factories import FixedDepositFactory, LoanPaymentFactory, TransactionFactory
from wekeza_portal.branch import ddl
from wekeza_portal.branch.schema import BRANCH_TABLES, create_branch_tables, existing_branch_tables

OURS = ("portal_", "django_", "auth_")


def _state() -> dict[str, tuple[str, int]]:
    """Definition (with the AUTO_INCREMENT counter) and checksum of every branch table."""
    found = {}
    with connection.cursor() as cursor:
        for table in existing_branch_tables(connection):
            cursor.execute(f"SHOW CREATE TABLE {table}")
            definition = cursor.fetchone()[1]
            cursor.execute(f"CHECKSUM TABLE {table}")
            found[table] = (definition, cursor.fetchone()[1])
    return found


def _tables() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.table_names(cursor))


@pytest.mark.mariadb
@pytest.mark.parametrize("lineage", ddl.LINEAGES)
def test_migrate_and_createbranch_leave_a_banks_tables_as_they_were(
    scratch: BaseDatabaseWrapper, lineage: ddl.Lineage
) -> None:
    create_branch_tables(scratch, lineage)
    for factory in (TransactionFactory, LoanPaymentFactory, FixedDepositFactory):
        factory()
    before = _state()
    call_command("migrate", verbosity=0, skip_checks=True)
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("createbranch")
    assert _state() == before
    assert set(before) == set(ddl.load(lineage))


@pytest.mark.mariadb
def test_the_comparison_sees_a_changed_row_and_a_changed_column(scratch: BaseDatabaseWrapper) -> None:
    create_branch_tables(scratch)
    TransactionFactory()
    before = _state()
    with scratch.cursor() as cursor:
        cursor.execute("UPDATE accounts SET balance = 1")
        cursor.execute("ALTER TABLE users ADD COLUMN seen INT NULL")
    after = _state()
    assert {table for table in before if before[table] != after[table]} == {"accounts", "users"}


def test_migrate_makes_only_tables_of_ours(scratch: BaseDatabaseWrapper) -> None:
    call_command("migrate", verbosity=0, skip_checks=True)
    made = _tables() - {"sqlite_sequence"}
    assert {table for table in made if not table.startswith(OURS)} == set()
    assert "portal_user" in made
    assert not made & set(BRANCH_TABLES)


def test_no_migration_of_ours_ties_a_table_to_the_branchs(scratch: BaseDatabaseWrapper) -> None:
    create_branch_tables(scratch)
    call_command("migrate", verbosity=0, skip_checks=True)
    tied = []
    with scratch.cursor() as cursor:
        for table in sorted(_tables() - set(BRANCH_TABLES)):
            relations = scratch.introspection.get_relations(cursor, table)
            tied += [
                f"{table}.{name}"
                for name, (_, other) in ((n, r[:2]) for n, r in relations.items())
                if other in BRANCH_TABLES
            ]
    assert tied == []


def test_the_sql_files_hold_tables_and_nothing_else() -> None:
    folder = Path(ddl.__file__).parent
    for name in ("schema.sql", "schema_scripts.sql"):
        text = (folder / name).read_text(encoding="utf-8")
        statements = [part.strip() for part in "\n".join(_without_comments(text)).split(";") if part.strip()]
        assert all(statement.startswith("CREATE TABLE ") for statement in statements)
        assert len(statements) == text.count("CREATE TABLE ")
    assert len(ddl.load("scripts")) == len(ddl.load("live")) + 1
    assert ddl.load("scripts")["users"] != ddl.load("live")["users"]


def _without_comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("--")]
