"""The database's pulse, so that a server that hangs is known within moments and customers are told.

A server that hangs (frozen, its disk stuck, the network gone without a word) keeps its connections and answers nothing.
A short time-out on every connection would also cut off long reports and waits for a lock. So each web process has one
thread that asks for a sign of life on a connection of its own. When none comes, every other connection of the process
is shut: whoever waits on one learns now that it is lost. To the server that is a cut cable: it rolls back, or had
committed, and the instruction's id tells which. Until the server answers again nothing is asked of it.
"""

import contextlib
import logging
import os
import socket
import threading
import time
from typing import Any
from weakref import WeakKeyDictionary

from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

logger = logging.getLogger(__name__)

EVERY = 0.3
"""Seconds between two signs of life."""
PATIENCE = 1
"""Seconds without an answer after which the server hangs; the client library counts whole ones."""

_lines: "WeakKeyDictionary[Any, socket.socket]" = WeakKeyDictionary()
"""By connection, a second handle on its socket: only its own thread may touch the connection itself."""
_at_the_lines = threading.Lock()
_hangs = threading.Event()


def refuse_if_it_hangs() -> None:
    """Raises OperationalError at once where asking the database would only mean waiting."""
    if _hangs.is_set():
        raise OperationalError("the database gives no sign of life")


def watch() -> None:
    """Start feeling the pulse in this process; once, after the fork. Does nothing on SQLite."""
    if connection.vendor != "mysql":
        return
    connection_created.connect(_note, weak=False, dispatch_uid="pulse")
    threading.Thread(target=_feel, args=[connection.get_connection_params()], name="pulse", daemon=True).start()


def _note(connection: BaseDatabaseWrapper, **_: Any) -> None:
    raw = connection.connection
    with _at_the_lines:
        _lines[raw] = socket.socket(fileno=os.dup(raw.fileno()))


def _feel(params: dict[str, Any]) -> None:
    import MySQLdb  # type: ignore[import-untyped]  # there only where the database is

    # Waits are bounded on this connection alone.
    params = {**params, "connect_timeout": PATIENCE, "read_timeout": PATIENCE, "write_timeout": PATIENCE}
    own = None
    while True:
        started = time.monotonic()
        try:
            if own is None:
                own = MySQLdb.connect(**params)
            own.query("SELECT 1")
            own.store_result()
        except MySQLdb.Error:
            own = None
            # A server that is down refuses at once, and needs nobody's help to be noticed.
            if time.monotonic() - started >= PATIENCE * 0.9:
                _let_go()
        else:
            _hangs.clear()
        time.sleep(EVERY)


def _let_go() -> None:
    if not _hangs.is_set():
        logger.error("the database gives no sign of life: its connections are shut")
    _hangs.set()
    with _at_the_lines:
        lines = list(_lines.values())
    for line in lines:
        # Closed at the other end already: then nobody waits on it.
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
