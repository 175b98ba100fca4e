"""What crosses the import rules: each app registers here, in AppConfig.ready(), what others call by name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Generic, TypeVar

from django.db import transaction

from wekeza_portal.jobs.schedules import Schedule

Entry = TypeVar("Entry")


class Registry(Generic[Entry]):
    """Named entries, each registered once. LookupError on a second registration or an unknown name."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._entries: dict[str, Entry] = {}

    def register(self, name: str, entry: Entry) -> None:
        if name in self._entries:
            raise LookupError(f"{self._what} {name!r} is registered twice")
        self._entries[name] = entry

    def get(self, name: str) -> Entry:
        try:
            return self._entries[name]
        except KeyError:
            raise LookupError(f"no {self._what} named {name!r}") from None

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def items(self) -> list[tuple[str, Entry]]:
        """All entries in the order of their names."""
        return sorted(self._entries.items())


@dataclass(frozen=True, slots=True)
class InstructionKind:
    """How one kind of instruction is done and shown. The callables take the accounts.Instruction."""

    execute: Callable[[Any, Any], Any]
    """(instruction, actor) -> accounts.ledger.Receipt, called inside the money operation."""
    describe: Callable[[Any], str]
    """What it does in one phrase, in the active language: "KES 500.00 to WANJIKU M., ACC1000015"."""
    review_url: Callable[[Any], str]
    receipt_url: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class ApprovalExecutor:
    """What the portal does once the branch approves a customer's request. They take the accounts.ApprovalRequest.

    Called under the lock of that row, inside a money operation: what they write commits with the request's new state.
    """

    effect_of: Callable[[Any], str]
    """What shows that it is done already, by whomever, in a few words for staff; "" if nothing does."""
    apply: Callable[[Any], str]
    """Do it and say what was done; "" if people do it by hand. A PortalError means: not now, try again later."""
    describe: Callable[[Any], str]
    """What was asked for in one phrase, in the active language."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is due at certain times: see wekeza_portal.jobs.engine."""

    title: Any
    """For staff, lazily translated."""
    schedule: Schedule
    run: Callable[[date], int]
    """(business date in Nairobi) -> how many rows it handled. Idempotent for its date; outside any transaction."""
    lease: timedelta = timedelta(minutes=5)
    """How long a claim holds without a sign of life (running.breathe, for_each_due): longer than a run without any."""


instruction_kinds: Registry[InstructionKind] = Registry("instruction kind")
worker_steps: Registry[Callable[[], int]] = Registry("worker step")
"""Work done by the worker in every round; each returns how many rows it handled."""
jobs: Registry[Job] = Registry("job")
"""By the name under which their runs are kept, at most 60 characters."""
demo_seeders: Registry[Callable[[Any], None]] = Registry("demo seeder")
"""Called with the wekeza_portal.branch.demobank.DemoBank in the order of their names ("10-accounts", ...)."""
approval_executors: Registry[ApprovalExecutor] = Registry("approval executor")
"""By the `kind` of accounts.ApprovalRequest."""
movement_listeners: Registry[Callable[[Any], None]] = Registry("movement listener")
"""Called once for each new row of the branch's `transactions` (accounts.AccountTransaction), whoever wrote it, in the
transaction that marks the row as seen."""


class CallbackIgnored(Exception):
    """Raised by a callback's handler: understood, but nothing of ours. The text says why; the callback is kept.

    `look_again`: what it speaks of may be committed a moment later, so it is tried twice more before that is final.
    """

    def __init__(self, reason: str, *, look_again: bool = False) -> None:
        super().__init__(reason)
        self.look_again = look_again


def _accepted(body: bytes) -> dict[str, Any]:
    return {"ResultCode": 0, "ResultDesc": "Accepted"}


@dataclass(frozen=True, slots=True)
class CallbackHandler:
    """What becomes of one kind of callback. Called by the worker, never by the request that brought it."""

    parse: Callable[[bytes, dict[str, str]], Any]
    """(body, headers) -> the message. ValueError, LookupError or TypeError: unreadable, closed as FAILED."""
    handle: Callable[[Any], str]
    """Do it once, in the transaction that closes the callback; returns a remark for staff or "". CallbackIgnored: not
    ours. Any other error: nothing is written and it is tried again later."""
    answer: Callable[[bytes], dict[str, Any]] = _accepted
    """What the caller is answered at once, as JSON."""
    operation: Callable[[Callable[..., int]], Callable[..., int]] = transaction.atomic
    """The transaction around it. What posts money names accounts.ledger.money_operation here."""


callback_handlers: Registry[CallbackHandler] = Registry("callback handler")
"""By rail ("sms") or rail and kind ("mpesa.result"); each name has a secret address of its own."""
