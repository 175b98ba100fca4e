"""What crosses the import rules: each app registers here, in AppConfig.ready(), what others call by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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
class MoneyTrail:
    """What one part of the portal knows about a payment, for the staff's page that follows one.

    A rail registers one: its own ids lead to a payment, and its requests and callbacks are shown beside it. Never give
    out a secret's text.
    """

    find: Callable[[str], Sequence[str]]
    """What was typed, as it was typed (receipt, callback id) -> references of ours or instruction ids; most likely
    first. Empty when it is none of this part's."""
    rows: Callable[[str, str], Sequence[tuple[Any, Any, bool]]]
    """(our reference or "", instruction id or "") -> (words, value, is it alarming?), in the order of time."""
    title: Any
    """Heading of those rows, such as "Callbacks from M-PESA"."""


money_trails: Registry[MoneyTrail] = Registry("money trail")
instruction_kinds: Registry[InstructionKind] = Registry("instruction kind")
worker_steps: Registry[Callable[[], int]] = Registry("worker step")
"""Work done by the worker in every round; each returns how many rows it handled."""
demo_seeders: Registry[Callable[[Any], None]] = Registry("demo seeder")
"""Called with the wekeza_portal.branch.demobank.DemoBank in the order of their names ("10-accounts", ...)."""
approval_executors: Registry[ApprovalExecutor] = Registry("approval executor")
"""By the `kind` of accounts.ApprovalRequest."""
movement_listeners: Registry[Callable[[Any], None]] = Registry("movement listener")
"""Called once for each new row of the branch's `transactions` (accounts.AccountTransaction), whoever wrote it, in the
transaction that marks the row as seen."""
