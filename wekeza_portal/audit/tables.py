"""Tables to which rows are only added, held by the database itself.

A trigger refuses UPDATE and DELETE whoever asks; the serving user is not granted either in the first place. TRUNCATE
and DROP, which fire no trigger, are for the owner of the tables alone.
"""

from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper

_KEYS = {
    "portal_audit_event": "id",
    "portal_audit_seal": "number",
    "portal_posting": "id",
    "portal_posting_leg": "id",
    "portal_proof_balance": "id",
    "portal_proof_explanation": "id",
    "portal_proof_sheet": "id",
    "portal_proof_signature": "id",
}
APPEND_ONLY = tuple(_KEYS)
REFUSED = ("UPDATE", "DELETE")
DENIED = frozenset({1142, 1143})
"""What MySQL and MariaDB answer to a user without the privilege, for a table and for a column of it."""


def trigger_name(table: str, what: str) -> str:
    return f"{table}_no_{what.lower()}"


def missing_guards() -> list[str]:
    """Names of triggers that are not there, of tables that are."""
    there = set(connection.introspection.table_names())
    present = _triggers()
    wanted = [trigger_name(table, what) for table in APPEND_ONLY if table in there for what in REFUSED]
    return [name for name in wanted if name not in present]


def unguarded() -> list[str]:
    """What this user could still do to rows that must stay, such as "UPDATE portal_posting"; empty is right.

    A user without the TRIGGER privilege sees no triggers, so one who has neither them nor a refusal is named as well.
    """
    missing = missing_guards()
    pairs = [(table, what) for table in APPEND_ONLY for what in REFUSED if trigger_name(table, what) in missing]
    return [f"{what} {table}" for table, what in pairs if connection.vendor != "mysql" or _may(table, what)]


def install_guards() -> list[str]:
    """Create the missing triggers and return their names. DatabaseError if this user may not."""
    missing = missing_guards()
    with connection.cursor() as cursor:
        for table in APPEND_ONLY:
            for what in REFUSED:
                if trigger_name(table, what) in missing:
                    _create(cursor, table, what)
    return missing


def _create(cursor: CursorWrapper, table: str, what: str) -> None:
    message = f"{table} is append-only"
    refuse = (
        f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{message}'"
        if connection.vendor == "mysql"
        else f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )
    cursor.execute(f"CREATE TRIGGER {trigger_name(table, what)} BEFORE {what} ON {table} FOR EACH ROW {refuse}")


def _may(table: str, what: str) -> bool:
    """Ask the server by a statement that touches no row."""
    start = f"UPDATE {table} SET {_KEYS[table]} = {_KEYS[table]}" if what == "UPDATE" else f"DELETE FROM {table}"  # noqa: S608
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"{start} WHERE 1 = 0")
    except DatabaseError as error:
        if error.args and error.args[0] in DENIED:
            return False
        raise
    return True


def _triggers() -> set[str]:
    query = (
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
        if connection.vendor == "mysql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {str(row[0]) for row in cursor.fetchall()}
