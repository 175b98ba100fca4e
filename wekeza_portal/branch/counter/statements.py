"""The branch software's own SQL, as it was recorded: unlocked, relative, in its order, hardly checked.

Every function refuses to run anywhere but on a demo bank.
"""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from wekeza_portal import clock
from wekeza_portal.branch.schema import demo_tables_are_ours

SUPERVISOR = "SUP001"
RESET_TO = "newpass123"
"""What the branch sets after a reset: a literal that the portal knows and refuses."""
ROWS_SHOWN = 20

INSERT_ROW = (
    "INSERT INTO transactions (account_id, txn_type, amount, reference_code, description, created_at)"
    " SELECT account_id, %s, %s, %s, %s, %s FROM accounts WHERE account_number = %s"
)
CREDIT = "UPDATE accounts SET balance = balance + %s WHERE account_number = %s"
DEBIT = "UPDATE accounts SET balance = balance - %s WHERE account_number = %s"
DECIDE = (
    "UPDATE authorization_queue SET status = %s, approved_by = %s, approved_at = %s, rejection_reason = %s"
    " WHERE queue_id = %s"
)
REJECT_LOAN = (
    "UPDATE loan_applications SET status = 'REJECTED' WHERE application_id ="
    " (SELECT reference_id FROM authorization_queue WHERE queue_id = %s)"
)
SET_STATUS = "UPDATE accounts SET status = %s WHERE account_number = %s"
OWNER = "(SELECT user_id FROM accounts WHERE account_number = %s)"
SET_DETAIL = {
    "phone_number": f"UPDATE users SET phone_number = %s WHERE user_id = {OWNER}",  # noqa: S608 - own names
    "full_name": f"UPDATE users SET full_name = %s WHERE user_id = {OWNER}",  # noqa: S608 - own names
    "national_id": f"UPDATE users SET national_id = %s WHERE user_id = {OWNER}",  # noqa: S608 - own names
    "email": f"UPDATE users SET email = %s WHERE user_id = {OWNER}",  # noqa: S608 - own names
}
RESET = f"UPDATE users SET password_hash = %s WHERE user_id = {OWNER}"  # noqa: S608 - own names


class NotADemoBank(RuntimeError):
    """These statements are never run on a bank's own tables."""


def is_open() -> bool:
    """Whether there is a counter to play: DEMO is on and demobank made the tables."""
    return bool(settings.DEMO) and demo_tables_are_ours()


def deposit(account: str, amount: Decimal) -> int:
    """Cash over the counter; how many accounts it reached (0: the branch reports success, nothing happened)."""
    return _move(CREDIT, "DEPOSIT", "DEP", "Cash deposit - Approved", account, amount)


def cheque(account: str, amount: Decimal) -> int:
    """A cheque, credited at once and never held."""
    number = uuid.uuid4().int % 1_000_000
    return _move(CREDIT, "CHEQUE_DEPOSIT", "CHQ", f"Cheque deposit - {number:06} - Approved", account, amount)


def withdraw(account: str, amount: Decimal) -> int:
    """Cash out; the one operation whose balance the branch looks at (without a lock)."""
    found = _ask("SELECT balance FROM accounts WHERE account_number = %s", [account])
    if not found or Decimal(str(found[0]["balance"] or 0)) < amount:
        return 0
    return _move(DEBIT, "WITHDRAWAL", "WDL", "Cash withdrawal - Approved", account, amount)


def decide(queue_id: str, status: str, reason: str = "") -> int:
    """APPROVED, REJECTED, as often as one likes: the branch does not ask whether it was decided before."""
    parameters = [status, SUPERVISOR, _now(), reason or None, queue_id]
    statements: list[tuple[str, Sequence[Any]]] = [(DECIDE, parameters)]
    if status == "REJECTED":
        statements.append((REJECT_LOAN, [queue_id]))
    return _run(statements)


def flip(queue_id: str) -> int:
    """Turn a decision into its opposite."""
    found = _ask("SELECT status FROM authorization_queue WHERE queue_id = %s", [queue_id])
    if not found or found[0]["status"] == "PENDING":
        return 0
    return decide(queue_id, "REJECTED" if found[0]["status"] == "APPROVED" else "APPROVED", "Decided again")


def set_status(account: str, status: str) -> int:
    """FROZEN or ACTIVE, for one account."""
    return _run([(SET_STATUS, [status, account])])


def change_detail(account: str, detail: str, value: str) -> int:
    """Write a customer's name, national ID, phone or e-mail by hand. KeyError for any other column."""
    return _run([(SET_DETAIL[detail], [value, account])])


def reset_password(account: str) -> int:
    """Put the branch's literal in place of the customer's secret."""
    return _run([(RESET, [RESET_TO, account])])


def latest_items() -> list[dict[str, Any]]:
    """The newest rows of the queue."""
    return _ask(
        "SELECT queue_id, transaction_type, maker_id, maker_name, amount, description, status, priority, created_at"
        " FROM authorization_queue ORDER BY created_at DESC, queue_id DESC LIMIT %s",
        [ROWS_SHOWN],
    )


def latest_rows() -> list[dict[str, Any]]:
    """The newest rows of the branch's ledger."""
    return _ask(
        "SELECT t.transaction_id, a.account_number, t.txn_type, t.amount, t.reference_code, t.created_at"
        " FROM transactions t JOIN accounts a ON a.account_id = t.account_id"
        " ORDER BY t.transaction_id DESC LIMIT %s",
        [ROWS_SHOWN],
    )


def _move(statement: str, word: str, prefix: str, description: str, account: str, amount: Decimal) -> int:
    reference = f"{prefix}{uuid.uuid4().hex[:8].upper()}"
    row = [word, str(amount), reference, description, _now(), account]
    return _run([(INSERT_ROW, row), (statement, [str(amount), account])])


def _run(statements: Sequence[tuple[str, Sequence[Any]]]) -> int:
    """All in one transaction; how many rows the first one reached."""
    if not is_open():
        raise NotADemoBank()
    with transaction.atomic(), connection.cursor() as cursor:
        reached: list[int] = []
        for sql, parameters in statements:
            cursor.execute(sql, parameters)
            reached.append(cursor.rowcount)
        return reached[0]


def _ask(sql: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _now() -> Any:
    """Nairobi wall clock without a zone, as the branch's programs write it."""
    return connection.ops.adapt_datetimefield_value(clock.now())
