"""Tables to which rows are only added, held by the database itself; and instructions, which stay once posted.

A trigger refuses UPDATE and DELETE whoever asks; the serving user is not granted either in the first place. TRUNCATE
and DROP, which fire no trigger, are for the owner of the tables alone.
"""

from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper

_KEYS = {
    "portal_audit_event": "id",
    "portal_audit_seal": "number",
    "portal_bank_letter": "id",
    "portal_consent": "id",
    "portal_legal_text": "id",
    "portal_posting": "id",
    "portal_posting_leg": "id",
    "portal_proof_balance": "id",
    "portal_proof_explanation": "id",
    "portal_proof_sheet": "id",
    "portal_proof_signature": "id",
    "portal_support_look": "id",
    "portal_terms_acceptance": "id",
}
APPEND_ONLY = tuple(_KEYS)
INSTRUCTION = "portal_instruction"
INSTRUCTION_MOVES = ("posted_at", "state", "stepped_up_at")
"""The columns of an instruction that ever change; what it asks for never does, and of a posted one nothing."""
_KEPT = ("id", "customer_id", "kind", "payload", "payee_key", "amount", "fee", "fee_row_id", "content_hash", "state")
REFUSED = ("UPDATE", "DELETE")
DENIED = frozenset({1142, 1143})
"""What MySQL and MariaDB answer to a user without the privilege, for a table and for a column of it."""


def trigger_name(table: str, what: str) -> str:
    return f"{table}_no_{what.lower()}"


def missing_guards() -> list[str]:
    """Names of triggers that are not there, of tables that are."""
    there = set(connection.introspection.table_names())
    present = _triggers()
    return [name for name in (trigger_name(*pair) for pair in _pairs() if pair[0] in there) if name not in present]


def unguarded() -> list[str]:
    """What this user could still do to rows that must stay, such as "UPDATE portal_posting"; empty is right.

    A user without the TRIGGER privilege sees no triggers, so one who has neither them nor a refusal is named as well.
    Such a one is not asked about deleting instructions, which drafts need: a posted one's trigger is out of its sight.
    """
    missing = missing_guards()
    pairs = [(table, what) for table, what in _pairs() if trigger_name(table, what) in missing]
    if connection.vendor == "mysql":
        pairs = [pair for pair in pairs if pair != (INSTRUCTION, "DELETE")]
    return [f"{what} {table}" for table, what in pairs if connection.vendor != "mysql" or _may(table, what)]


def install_guards() -> list[str]:
    """Create the missing triggers and return their names. DatabaseError if this user may not."""
    missing = missing_guards()
    with connection.cursor() as cursor:
        for table, what in _pairs():
            if trigger_name(table, what) in missing:
                _create(cursor, table, what)
    return missing


def _pairs() -> list[tuple[str, str]]:
    return [(table, what) for table in (*APPEND_ONLY, INSTRUCTION) for what in REFUSED]


def _create(cursor: CursorWrapper, table: str, what: str) -> None:
    if table == INSTRUCTION:
        message, condition = "a posted instruction stays as it is", _writes_a_posted_one(what)
    else:
        message, condition = f"{table} is append-only", "1 = 1"
    begin = f"CREATE TRIGGER {trigger_name(table, what)} BEFORE {what} ON {table} FOR EACH ROW"
    if connection.vendor == "mysql":
        refuse = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{message}'"
        cursor.execute(f"{begin} IF {condition} THEN {refuse}; END IF")
    else:
        cursor.execute(f"{begin} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END")


def _writes_a_posted_one(what: str) -> str:
    """Whether the row was posted and would be deleted or say something else. Drafts run out and are deleted."""
    if what == "DELETE":
        return "OLD.state = 'POSTED'"
    same = "NEW.{0} <=> OLD.{0}" if connection.vendor == "mysql" else "NEW.{0} IS OLD.{0}"
    kept = " AND ".join(same.format(column) for column in _KEPT)
    return f"OLD.state = 'POSTED' AND NOT ({kept})"


def _may(table: str, what: str) -> bool:
    """Ask the server by a statement that touches no row."""
    column = "payload" if table == INSTRUCTION else _KEYS[table]
    start = f"UPDATE {table} SET {column} = {column}" if what == "UPDATE" else f"DELETE FROM {table}"  # noqa: S608 - own names
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
