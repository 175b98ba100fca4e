"""The written-out schema is read rightly: what the parser says is what the server makes of it."""

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from wekeza_portal.branch import ddl, drift
from wekeza_portal.branch.schema import BRANCH_TABLES, create_branch_tables

DIFFERENT_BETWEEN_LINEAGES = {"users", "transactions", "risk_scores", "loans", "user_policies"}


def test_it_finds_every_table_and_column() -> None:
    live = ddl.load("live")
    assert len(live) == 22
    assert list(live["accounts"].columns) == [
        "account_id",
        "account_number",
        "balance",
        "currency",
        "status",
        "user_id",
        "business_id",
        "created_at",
    ]


def test_every_create_statement_is_a_table_and_no_line_is_lost() -> None:
    for lineage in ddl.LINEAGES:
        for table in ddl.load(lineage).values():
            inside = table.sql.split("\n")[1:-1]
            keys = [line for line in inside if line.startswith(("  PRIMARY", "  UNIQUE", "  KEY", "  CONSTRAINT"))]
            assert len(inside) == len(table.columns) + len(keys), table.name


def test_it_knows_types_nullability_and_enum_values() -> None:
    accounts = ddl.load("live")["accounts"].columns
    assert accounts["balance"].type == "decimal(15,2)"
    assert accounts["balance"].nullable
    assert not accounts["account_number"].nullable
    assert accounts["status"].enum_values == ("ACTIVE", "FROZEN", "DISABLED", "DORMANT")
    assert accounts["account_number"].enum_values == ()


def test_a_column_that_demands_a_value_is_told_from_one_that_fills_itself() -> None:
    columns = ddl.load("live")["transactions"].columns
    assert not columns["amount"].fills_itself
    assert columns["transaction_id"].fills_itself
    assert columns["status"].fills_itself


def test_the_two_lineages_differ_only_where_they_are_known_to() -> None:
    live, scripts = ddl.load("live"), ddl.load("scripts")
    assert set(scripts) - set(live) == {"bulk_transfers"}
    assert set(live) <= set(scripts)
    assert {name for name in live if live[name].sql != scripts[name].sql} == DIFFERENT_BETWEEN_LINEAGES


def test_optional_columns_are_in_one_lineage_only() -> None:
    live, scripts = ddl.load("live"), ddl.load("scripts")
    assert "updated_at" in live["users"].columns
    assert "updated_at" not in scripts["users"].columns
    assert "product_code" in scripts["user_policies"].columns
    assert "product_id" not in scripts["user_policies"].columns


def test_the_list_of_branch_tables_holds_both_lineages() -> None:
    assert set(BRANCH_TABLES) == set(ddl.load("live")) | set(ddl.load("scripts"))


def test_types_are_compared_in_one_spelling() -> None:
    assert ddl.normal_type("INT(11)") == "int"
    assert ddl.normal_type("BOOL") == "tinyint(1)"
    assert ddl.normal_type("JSON") == "longtext"
    assert ddl.normal_type("ENUM('Ab','c')") == "enum('Ab','c')"


@pytest.mark.mariadb
@pytest.mark.parametrize("lineage", ddl.LINEAGES)
def test_the_server_makes_of_it_exactly_what_we_read_in_it(scratch: BaseDatabaseWrapper, lineage: ddl.Lineage) -> None:
    create_branch_tables(scratch, lineage)
    live = drift.live_tables(scratch)
    assert drift.differences(live, lineage) == []
    for table, known in ddl.load(lineage).items():
        for name, column in known.columns.items():
            assert live[table][name] == column, f"{table}.{name}"


@pytest.mark.mariadb
def test_customers_and_fixed_deposits_keep_their_own_collation(scratch: BaseDatabaseWrapper) -> None:
    create_branch_tables(scratch)
    with scratch.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, table_collation FROM information_schema.tables WHERE table_schema=DATABASE()"
        )
        collations = dict(cursor.fetchall())
    assert collations["customers"] == collations["fixed_deposits"] == "utf8mb4_unicode_ci"
    assert collations["users"] != "utf8mb4_unicode_ci"
