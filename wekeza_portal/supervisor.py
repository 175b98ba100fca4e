"""Starts the portal's processes together and stops them together: one that dies takes the others with it."""

import contextlib
import ctypes
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

from django.conf import settings

GRACE_SECONDS = 12.0
"""What a process gets to finish its requests before it is killed; a little more than gunicorn's own patience."""
LOOK_EVERY = 0.1
IS_WINDOWS = sys.platform == "win32"


class Children:
    """Child processes as one thing. A context manager: on leaving, for whatever reason, none is left running.

    Each child runs in a session of its own, so that Ctrl-C reaches it through us and once. On Linux the kernel stops
    the children even when this process is killed without a word.
    """

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Children":
        for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK"):
            if number := getattr(signal, name, None):
                signal.signal(number, lambda *_: self.stopping.set())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], extra: Mapping[str, str]) -> None:
        """Start `command` under `name`, with `extra` on top of our own environment."""
        environment = {**os.environ, **extra}
        # preexec_fn is safe here: this process has one thread.
        self._running[name] = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            cwd=settings.BASE_DIR,
            env=environment,
            start_new_session=not IS_WINDOWS,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )

    def dead(self) -> str | None:
        """The name of a child that has ended, if any has."""
        return next((name for name, process in self._running.items() if process.poll() is not None), None)

    def watch(self) -> str | None:
        """Wait until we are told to stop (None) or a child ends by itself (its name)."""
        while not self.stopping.wait(LOOK_EVERY):
            if name := self.dead():
                return name
        return None

    def stop(self) -> None:
        """Ask every child to end, wait, and kill what does not."""
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._kill(process)
        self._running.clear()

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        """The child and, because it leads a group, those it started."""
        if IS_WINDOWS:
            process.kill()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def answers(port: int, host: str) -> bool:
    """Whether /healthz on this machine answers 200 for the host name `host`."""
    everywhere = settings.BIND in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection("127.0.0.1" if everywhere else settings.BIND, port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        response = connection.getresponse()
        response.read()  # to its end: whoever hangs up early is an error to the other side
        return response.status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
