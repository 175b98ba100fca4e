"""Makes the branch's tables where there are none: for tests, for a developer, for the demo bank.

On a database that holds branch tables nothing is ever created, altered or filled, unless the demo bank's own marker
says that they are its tables; then only what is missing is added (a creation that was interrupted goes on).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from wekeza_portal import clock
from wekeza_portal.branch import ddl, introspection
from wekeza_portal.branch.models import DemoMarker

BRANCH_TABLES: tuple[str, ...] = tuple(dict.fromkeys([*ddl.load("live"), *ddl.load("scripts")]))


class BranchTablesPresent(Exception):
    """The database already holds branch tables that the demo bank did not make."""

    def __init__(self, tables: list[str]) -> None:
        super().__init__(f"this database already holds branch tables: {', '.join(tables)}")
        self.tables = tables


def existing_branch_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the branch tables that are there, sorted."""
    with connection.cursor() as cursor:
        return sorted(set(connection.introspection.table_names(cursor)) & set(BRANCH_TABLES))


def create_branch_tables(connection: BaseDatabaseWrapper, lineage: ddl.Lineage = "live") -> list[str]:
    """Create the branch's tables and return the names of those created.

    MySQL and MariaDB run the branch's DDL of that lineage. SQLite builds from the unmanaged models, with CHECKs for
    ENUM values and lengths, which it would not otherwise hold. Raises BranchTablesPresent, having touched nothing, if
    any branch table exists that is not the demo bank's.
    """
    present = existing_branch_tables(connection)
    if present and not demo_tables_are_ours():
        raise BranchTablesPresent(present)
    statements = _ddl_statements(lineage) if connection.vendor == "mysql" else _model_statements(connection, lineage)
    created: dict[str, None] = {}
    with _all_or_nothing(connection), connection.cursor() as cursor:
        for table, statement in statements:
            if table not in present:
                cursor.execute(statement)
                created[table] = None
    introspection.forget()
    return list(created)


def _all_or_nothing(connection: BaseDatabaseWrapper) -> AbstractContextManager[Any]:
    """One transaction where the database can undo a CREATE (SQLite); MySQL commits each table by itself."""
    can_undo = connection.features.can_rollback_ddl
    return transaction.atomic(using=connection.alias) if can_undo else nullcontext()


def truncate_branch_tables(connection: BaseDatabaseWrapper) -> None:
    """Empty every branch table. For tests and for refilling the demo bank, never for a bank's own database."""
    tables = existing_branch_tables(connection)
    is_mysql = connection.vendor == "mysql"
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if is_mysql:
            cursor.execute("SET SESSION foreign_key_checks = 0")
        try:
            for table in tables:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names are our own
        finally:
            if is_mysql:
                cursor.execute("SET SESSION foreign_key_checks = 1")


def claim_for_demo(connection: BaseDatabaseWrapper, made_by: str = "demobank") -> None:
    """Write the marker that makes this database the demo bank's; BranchTablesPresent if it holds somebody's tables.

    Called before the tables are created, so that an interrupted creation is still known as the demo bank's.
    """
    if demo_tables_are_ours():
        return
    present = existing_branch_tables(connection)
    if present:
        raise BranchTablesPresent(present)
    DemoMarker.objects.create(created_at=clock.now(), made_by=made_by)


def demo_tables_are_ours() -> bool:
    """Whether the demo bank itself made the branch tables of the default database. False before `migrate`."""
    return bool(introspection.columns(DemoMarker._meta.db_table)) and DemoMarker.objects.exists()


def unmanaged_models() -> dict[str, type[models.Model]]:
    """The models mapped onto branch tables, by table."""
    found = {m._meta.db_table: m for m in apps.get_models() if not m._meta.managed}
    return {table: found[table] for table in BRANCH_TABLES if table in found}


def _ddl_statements(lineage: ddl.Lineage) -> Iterator[tuple[str, str]]:
    for table in ddl.load(lineage).values():
        yield table.name, table.sql


def _model_statements(connection: BaseDatabaseWrapper, lineage: ddl.Lineage) -> Iterator[tuple[str, str]]:
    schema = ddl.load(lineage)
    editor = connection.SchemaEditorClass(connection, collect_sql=True)
    editor.deferred_sql = []  # what `with` would set; but that refuses to begin inside a transaction on SQLite
    for table, model in unmanaged_models().items():
        checks = "".join(f", CHECK ({rule})" for rule in _rules(schema[table]))
        yield table, f"{editor.table_sql(model)[0].removesuffix(')')}{checks})"
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.ForeignKey):
                yield table, f'CREATE INDEX "{table}_{field.column}" ON "{table}" ("{field.column}")'


def _rules(table: ddl.Table) -> Iterator[str]:
    model_columns = {field.column: field for field in unmanaged_models()[table.name]._meta.local_concrete_fields}
    for column in table.columns.values():
        field = model_columns.get(column.name)
        if field is None:
            continue
        if column.enum_values:
            listed = ", ".join(f"'{value}'" for value in column.enum_values)
            yield f'"{column.name}" IN ({listed})'
        elif column.type.startswith("varchar"):
            yield f'length("{column.name}") <= {column.type[8:-1]}'
