"""Rows under a lock. What one money operation has locked it asks for once: until it ends nobody can change it.

Locks are taken in one order: the instruction, then the accounts by primary key, then the limit counters.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import connection

from accounts.models import Account, Instruction
from wekeza_portal import sql


@dataclass(slots=True)
class Held:
    """What the running money operation holds. A new try begins with nothing: its locks went with the rollback.

    `savepoints` says inside which of them the rows were read: going in or out, a rollback may have undone what we
    remember, so it is asked for again.
    """

    savepoints: tuple[str | None, ...] = ()
    instructions: dict[uuid.UUID, Instruction] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)


_held: ContextVar[Held | None] = ContextVar("held", default=None)
_instructions = sql.Rows(Instruction)
_accounts = sql.Rows(Account)


@contextmanager
def holding() -> Iterator[None]:
    """Around one try of a money operation."""
    token = _held.set(Held())
    try:
        yield
    finally:
        _held.reset(token)


def _here() -> Held:
    """What is held where we stand. Outside a money operation nothing is remembered."""
    held = _held.get()
    savepoints = tuple(connection.savepoint_ids)
    if held is None:
        return Held(savepoints)
    if held.savepoints != savepoints:
        held.savepoints = savepoints
        held.instructions.clear()
        held.accounts.clear()
    return held


def lock_instruction(instruction_id: uuid.UUID) -> Instruction | None:
    """The instruction under a lock; None if there is none. The same object for the rest of the money operation."""
    held = _here()
    if instruction_id not in held.instructions:
        key = sql.prepared(Instruction._meta.pk, instruction_id)
        for row in _instructions.where("id = %s", [key], lock=True):
            held.instructions[instruction_id] = row
    return held.instructions.get(instruction_id)


def lock_same_account(account_id: int, number: str, customer_id: int) -> Account | None:
    """The account under a lock, if it still is this customer's own under this number; None otherwise.

    Branch scripts drop and reuse ids.
    """
    account = lock_accounts([account_id]).get(account_id)
    return account if account is not None and is_same(account, number, customer_id) else None


def is_same(account: Account, number: str, customer_id: int) -> bool:
    """Whether it still is this customer's own account under this number."""
    whose = (account.account_number, account.customer_id, account.business_id)
    return whose == (number, customer_id, None)


def lock_accounts(account_ids: Sequence[int]) -> dict[int, Account]:
    """The accounts that exist, locked in primary-key order by one query without joins.

    The same objects for the rest of the money operation, so that a balance is computed from the locked row.
    """
    held = _here()
    missing = sorted(set(account_ids) - set(held.accounts))
    if missing:
        condition = f"account_id IN ({sql.marks(missing)}) ORDER BY account_id"
        for row in _accounts.where(condition, missing, lock=True):
            held.accounts[row.account_id] = row
    return {key: held.accounts[key] for key in account_ids if key in held.accounts}
