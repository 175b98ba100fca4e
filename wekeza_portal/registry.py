"""What crosses the import rules: each app registers here, in AppConfig.ready(), what others call by name."""

from collections.abc import Callable
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


instruction_kinds: Registry[InstructionKind] = Registry("instruction kind")
worker_steps: Registry[Callable[[], int]] = Registry("worker step")
"""Work done by the worker in every round; each returns how many rows it handled."""
demo_seeders: Registry[Callable[[Any], None]] = Registry("demo seeder")
"""Called with the wekeza_portal.branch.demobank.DemoBank in the order of their names ("10-accounts", ...)."""
