"""What the live database really has: the branch's lineages differ in columns, and a portal can't know which it meets.

Columns are read once per process and remembered; a branch table that changes while we run is seen at the next start.
"""

from datetime import datetime
from typing import Any

from django.db import connection

_known: dict[tuple[str, str], frozenset[str]] = {}


def columns(table: str) -> frozenset[str]:
    """Names of the columns of `table`, in lower case; empty if there is no such table (which is not remembered)."""
    key = (str(connection.settings_dict["NAME"]), table)
    if key not in _known:
        found = _read_columns(table)
        if not found:
            return found
        _known[key] = found
    return _known[key]


def has_column(table: str, column: str) -> bool:
    """Whether this database has the optional column."""
    return column in columns(table)


def forget() -> None:
    """Read again at the next question: after tables were made, and in tests."""
    _known.clear()


def stamp_updated_at(table: str, key_column: str, key: Any, at: datetime) -> None:
    """Write `updated_at`, where the table has it, so that no timestamp is left to the database's own clock."""
    if not has_column(table, "updated_at"):
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(table)} SET updated_at = %s WHERE {quote(key_column)} = %s",  # noqa: S608 - own names
            [connection.ops.adapt_datetimefield_value(at), key],
        )


def _read_columns(table: str) -> frozenset[str]:
    if connection.vendor == "mysql":
        query = "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = %s"
    else:
        query = "SELECT name FROM pragma_table_info(%s)"
    with connection.cursor() as cursor:
        cursor.execute(query, [table])
        return frozenset(row[0].lower() for row in cursor.fetchall())
