"""A part of a page that may fail alone: it then says so, and never shows a zero nobody counted."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import DatabaseError, connection, transaction

Shown = TypeVar("Shown")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Panel(Generic[Shown]):
    """What a panel shows, or the fact that it can't be shown now (`failed`; `value` is then None)."""

    value: Shown | None = None
    failed: bool = False


def panel(name: str, load: Callable[[], Shown]) -> Panel[Shown]:
    """Run `load`; a database error becomes a failed panel and the rest of the page goes on.

    Inside a transaction a savepoint keeps the failure from spoiling it. Outside one none is opened: reading a page
    must not take SQLite's write lock.
    """
    try:
        if connection.in_atomic_block:
            with transaction.atomic():
                return Panel(load())
        return Panel(load())
    except DatabaseError:
        logger.exception("panel %s can't be shown", name)
        return Panel(failed=True)
