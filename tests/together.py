"""Running things at the same time: threads behind a barrier, and processes of their own."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def at_once(tasks: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
    """Run every task in a thread of its own, all released by one barrier; errors are results too.

    Each thread has its own database connection, closed at the end.
    """
    barrier = threading.Barrier(len(tasks))

    def run(task: Callable[[], Result]) -> Result | Exception:
        try:
            barrier.wait(timeout=60)
            return task()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(tasks)) as pool:
        return list(pool.map(run, tasks))


def database_url() -> str:
    """The address of the test database itself, for processes that a test starts."""
    settings = connection.settings_dict
    name = settings["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    socket = settings["OPTIONS"].get("unix_socket") or settings["HOST"]
    return f"mysql://{settings['USER']}@localhost/{name}?unix_socket={socket}"


def start_process(module: str, *arguments: str) -> subprocess.Popen[str]:
    """Start `python -m module arguments` on the test database; it prints "ready", then waits for a line."""
    environment = {**os.environ, "DATABASE_URL": database_url(), "TESTING": "1", "SECRET_KEY": "test-key"}
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def go(process: subprocess.Popen[str]) -> None:
    """Release a process that is waiting at its starting line."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()
