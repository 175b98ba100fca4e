"""Writing a posting: the branch's rows and balances, our journal, the instruction's new state. SQL of our own.

The only place that changes `accounts.balance` or inserts into `transactions`. Called by the ledger with everything
locked and looked at; computes in `Decimal` from the locked rows and writes plain figures, never an expression.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.books.legs import Leg, Receipt, ReceiptLeg
from accounts.models import Account, AccountTransaction, Instruction, Posting, PostingLeg
from wekeza_portal import sql
from wekeza_portal.actors import Actor
from wekeza_portal.money import ZERO, exact

_AMOUNT = AccountTransaction._meta.get_field("amount")
_BALANCE = Account._meta.get_field("balance")
_CREATED_AT = AccountTransaction._meta.get_field("created_at")
_POSTED_AT = Instruction._meta.get_field("posted_at")


@dataclass(frozen=True, slots=True)
class Entry:
    """The head of a posting that is about to be written."""

    instruction: Instruction
    reference: str
    kind: str
    content_hash: str
    posted_at: datetime
    actor: Actor
    reverses: Posting | None = None

    @property
    def business_date(self) -> date:
        return self.posted_at.date()


def write(entry: Entry, legs: Sequence[Leg], accounts: Mapping[int, Account]) -> Receipt:
    """Write everything a posting consists of, bring the locked accounts' balances forward, and give its receipt."""
    posted = tuple(_posted(entry, place, leg, accounts) for place, leg in enumerate(legs, start=1))
    row_ids = write_rows(entry, legs, posted)
    _write_journal(entry, posted, row_ids)
    write_balances(accounts)
    _mark_posted(entry)
    return Receipt(reference=entry.reference, posted_at=entry.posted_at, kind=entry.kind, legs=posted)


def _posted(entry: Entry, place: int, leg: Leg, accounts: Mapping[int, Account]) -> ReceiptLeg:
    """The leg as it will stand, after its account's balance was brought forward in memory."""
    if leg.account_id is None:
        return ReceiptLeg(None, leg.internal, leg.signed, None, "")
    account = accounts[leg.account_id]
    account.balance = exact((account.balance or ZERO) + leg.signed)
    return ReceiptLeg(leg.account_id, "", leg.signed, account.balance, f"{entry.reference}-{place}")


def write_rows(entry: Entry, legs: Sequence[Leg], posted: Sequence[ReceiptLeg]) -> dict[str, int]:
    """One row of the branch's `transactions` for each customer leg; the ids given to them by reference_code."""
    created_at = sql.prepared(_CREATED_AT, entry.posted_at)
    rows: list[list[Any]] = [
        [leg.account_id, leg.txn_type, sql.prepared(_AMOUNT, leg.amount), done.branch_reference,
         leg.description[:255], created_at]
        for leg, done in zip(legs, posted, strict=True)
        if leg.account_id is not None
    ]  # fmt: skip
    if not rows:
        return {}
    if connection.features.can_return_rows_from_bulk_insert:
        return _insert_returning(rows)
    return {row[3]: _insert_one(row) for row in rows}


_INSERT_ROWS = (
    "INSERT INTO transactions (account_id, txn_type, amount, reference_code, description, created_at) VALUES "
)
_ONE_ROW = "(%s, %s, %s, %s, %s, %s)"


def _insert_returning(rows: Sequence[Sequence[Any]]) -> dict[str, int]:
    """MariaDB and SQLite tell the ids of many rows; by reference_code, since their order is not promised."""
    text = f"{_INSERT_ROWS}{', '.join([_ONE_ROW] * len(rows))} RETURNING transaction_id, reference_code"
    return {reference: row_id for row_id, reference in sql.run(text, [value for row in rows for value in row])}


def _insert_one(row: Sequence[Any]) -> int:
    """MySQL tells the id of the last row only."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_ROWS + _ONE_ROW, row)
        return int(cursor.lastrowid)


def _write_journal(entry: Entry, posted: Sequence[ReceiptLeg], row_ids: Mapping[str, int]) -> None:
    posting_id = sql.insert(
        Posting,
        [
            {
                "instruction_id": entry.instruction.id,
                "reference": entry.reference,
                "kind": entry.kind,
                "content_hash": entry.content_hash,
                "posted_at": entry.posted_at,
                "business_date": entry.business_date,
                "actor_kind": entry.actor.kind,
                "actor_id": entry.actor.id,
                "reverses": entry.reverses.pk if entry.reverses else None,
            }
        ],
    )
    sql.insert(
        PostingLeg,
        [
            {
                "posting": posting_id,
                "position": place,
                "account": leg.account_id,
                "internal_account": leg.internal,
                "amount": leg.amount,
                "balance_after": leg.balance_after,
                "transaction_id": row_ids.get(leg.branch_reference),
            }
            for place, leg in enumerate(posted, start=1)
        ],
    )


def write_balances(accounts: Mapping[int, Account]) -> None:
    """The new balance of every locked account, in one statement."""
    if not accounts:
        return
    choices = " ".join(["WHEN %s THEN %s"] * len(accounts))
    figures: list[tuple[int, Decimal]] = [
        (key, sql.prepared(_BALANCE, account.balance)) for key, account in accounts.items()
    ]
    sql.run(
        f"UPDATE accounts SET balance = CASE account_id {choices} END WHERE account_id IN ({sql.marks(figures)})",  # noqa: S608 - own names
        [*(value for pair in figures for value in pair), *accounts],
    )


def _mark_posted(entry: Entry) -> None:
    instruction = entry.instruction
    instruction.state = Instruction.State.POSTED
    instruction.posted_at = entry.posted_at
    sql.run(
        "UPDATE portal_instruction SET state = %s, posted_at = %s WHERE id = %s",
        [
            instruction.state,
            sql.prepared(_POSTED_AT, entry.posted_at),
            sql.prepared(Instruction._meta.pk, instruction.id),
        ],
    )
