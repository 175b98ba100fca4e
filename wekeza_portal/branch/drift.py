"""Compares a live database with the branch's known schema, without changing anything.

A *problem* is something the portal would fail or lie on; a *note* is a difference it lives with.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.backends.base.base import BaseDatabaseWrapper

from wekeza_portal import clock
from wekeza_portal.branch import ddl
from wekeza_portal.branch.schema import BRANCH_TABLES, unmanaged_models
from wekeza_portal.branch.written import INSERTED, WRITTEN

CLOCK_TOLERANCE = timedelta(seconds=60)
SAMPLED_ROWS = 200
LATE_ROW = timedelta(days=1)

Columns = Mapping[str, ddl.Column]
# MariaDB and MySQL can alter these into each other without a value changing for the portal.
_ALIKE = ({"timestamp", "datetime"}, {"int", "bigint", "smallint"}, {"text", "mediumtext", "longtext"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference, as a sentence for the person who runs the database."""

    text: str
    is_problem: bool = True


def live_tables(connection: BaseDatabaseWrapper) -> dict[str, Columns]:
    """The branch tables of this database with their columns as they are."""
    rows = _mysql_columns(connection) if connection.vendor == "mysql" else _sqlite_columns(connection)
    found: dict[str, dict[str, ddl.Column]] = {}
    for table, column in rows:
        if table in BRANCH_TABLES:
            found.setdefault(table, {})[column.name] = column
    return dict(found)


def lineage_of(live: Mapping[str, Columns]) -> ddl.Lineage:
    """The known lineage this database resembles more; "live" when it cannot be told."""
    return min(ddl.LINEAGES, key=lambda lineage: _distance(live, lineage))


def differences(live: Mapping[str, Columns], lineage: ddl.Lineage, *, with_types: bool = True) -> list[Finding]:
    """What is missing or different, problems first. `with_types` is off for SQLite, which has no types to compare."""
    found: list[Finding] = []
    for table, expected in ddl.load(lineage).items():
        if table in live:
            found.extend(_table_differences(table, expected.columns, live[table], with_types))
        else:
            found.append(_missing_table(table))
    return sorted(found, key=lambda finding: not finding.is_problem)


def clock_difference(connection: BaseDatabaseWrapper) -> Finding | None:
    """A finding when the database's own clock is not Nairobi's: the branch lets it stamp rows."""
    if connection.vendor != "mysql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOW()")
        database: datetime = cursor.fetchone()[0]
    nairobi = clock.now().replace(tzinfo=None)
    if abs(database - nairobi) <= CLOCK_TOLERANCE:
        return None
    return Finding(
        f"The database's clock says {database:%Y-%m-%d %H:%M:%S}, Nairobi has {nairobi:%Y-%m-%d %H:%M:%S}. Rows that "
        "the branch leaves to the database to stamp carry the wrong time. Set default_time_zone = '+03:00' there."
    )


def id_order(connection: BaseDatabaseWrapper) -> Finding | None:
    """A note when sampled transactions are more than a day older than some row with a smaller id."""
    newest: datetime | None = None
    late = 0
    sample = _sampled_dates(connection)
    for created_at in sample:
        if newest and created_at < newest - LATE_ROW:
            late += 1
        newest = max(newest or created_at, created_at)
    if not late:
        return None
    return Finding(
        f"{late} of {len(sample)} sampled transactions are older than rows before them: ids do not follow dates, so "
        "the portal reads whole accounts to find a period (slower, not wrong).",
        is_problem=False,
    )


def _distance(live: Mapping[str, Columns], lineage: ddl.Lineage) -> int:
    known = ddl.load(lineage)
    tables = len(known.keys() ^ live.keys())
    return tables + sum(len(known[table].columns.keys() ^ live[table].keys()) for table in known.keys() & live.keys())


def _missing_table(table: str) -> Finding:
    if table in WRITTEN:
        return Finding(f"Table {table} is missing, and the portal WRITES it.")
    if table in unmanaged_models():
        return Finding(f"Table {table} is missing, and the portal reads it.")
    return Finding(f"Table {table} is missing; the portal does not use it.", is_problem=False)


def _table_differences(table: str, expected: Columns, live: Columns, with_types: bool) -> Iterator[Finding]:
    for name, column in expected.items():
        if name not in live:
            yield from _missing_column(table, name, with_types)
        elif with_types:
            yield from _column_differences(table, column, live[name])
    for name in live.keys() - expected.keys():
        yield _extra_column(table, live[name])


def _missing_column(table: str, name: str, with_types: bool) -> Iterator[Finding]:
    if name in WRITTEN.get(table, ()):
        yield Finding(f"{table}.{name} is missing, and the portal WRITES it.")
    elif name in _mapped(table):
        yield Finding(f"{table}.{name} is missing, and the portal reads it.")
    elif with_types:
        yield Finding(f"{table}.{name} is not there; the portal can do without it.", is_problem=False)


def _extra_column(table: str, column: ddl.Column) -> Finding:
    if table in INSERTED and not column.fills_itself:
        text = f"{table}.{column.name} is unknown and demands a value: the portal's new rows would be refused."
        return Finding(text)
    return Finding(f"{table}.{column.name} is there in addition to what is known.", is_problem=False)


def _column_differences(table: str, expected: ddl.Column, live: ddl.Column) -> Iterator[Finding]:
    matters = expected.name in _mapped(table)
    where = f"{table}.{expected.name}"
    if expected.enum_values and live.enum_values:
        yield from _enum_differences(where, expected, live, matters)
    elif expected.type != live.type:
        text = f"{where} is {live.type}, known as {expected.type}."
        yield Finding(text, is_problem=matters and not _is_compatible(expected.type, live.type))
    if expected.nullable and not live.nullable:
        yield Finding(f"{where} refuses NULL, known to allow it.", is_problem=table in INSERTED)
    if live.nullable and not expected.nullable:
        yield Finding(f"{where} allows NULL, known to refuse it.", is_problem=False)


def _enum_differences(where: str, expected: ddl.Column, live: ddl.Column, matters: bool) -> Iterator[Finding]:
    missing = [value for value in expected.enum_values if value not in live.enum_values]
    extra = [value for value in live.enum_values if value not in expected.enum_values]
    if missing:
        yield Finding(f"{where} does not take {', '.join(missing)}.", is_problem=matters)
    if extra:
        yield Finding(f"{where} also takes {', '.join(extra)}.", is_problem=False)


def _is_compatible(expected: str, live: str) -> bool:
    if any(expected in group and live in group for group in _ALIKE):
        return True
    wanted, given = _length(expected), _length(live)
    return bool(wanted and given and expected.startswith("varchar") and live.startswith("varchar") and given >= wanted)


def _length(declared: str) -> int:
    return int(declared[8:-1]) if declared.startswith("varchar(") else 0


def _mapped(table: str) -> set[str]:
    model = unmanaged_models().get(table)
    return {field.column or field.name for field in model._meta.local_concrete_fields} if model else set()


def _mysql_columns(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, ddl.Column]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, column_type, is_nullable, column_default, extra"
            " FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"
        )
        for table, name, kind, nullable, default, extra in cursor.fetchall():
            fills_itself = nullable == "YES" or default is not None or "auto_increment" in extra
            yield table, ddl.Column(name.lower(), ddl.normal_type(kind), nullable == "YES", fills_itself)


def _sqlite_columns(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, ddl.Column]]:
    with connection.cursor() as cursor:
        for table in BRANCH_TABLES:
            cursor.execute('SELECT name, type, "notnull" FROM pragma_table_info(%s)', [table])
            for name, kind, not_null in cursor.fetchall():
                yield table, ddl.Column(name, kind.lower(), not not_null, fills_itself=True)


def _sampled_dates(connection: BaseDatabaseWrapper) -> list[datetime]:
    """`created_at` of up to SAMPLED_ROWS transactions spread evenly over the ids, by primary key look-ups alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(transaction_id), MAX(transaction_id) FROM transactions")
        first, last = cursor.fetchone()
        if first is None:
            return []
        step = max(1, (last - first) // SAMPLED_ROWS)
        dates = []
        for start in range(first, last + 1, step):
            cursor.execute(
                "SELECT created_at FROM transactions WHERE transaction_id >= %s ORDER BY transaction_id LIMIT 1",
                [start],
            )
            dates.append(cursor.fetchone()[0])
    return [found for found in dates if found is not None]
