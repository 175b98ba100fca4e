"""Sends the callbacks that are due, again when nobody answers, and in the wrong order when asked to."""

import http.client
import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from wekeza_portal.rails.simulator.store import Store

LOOK_EVERY = 0.2
MOST_ATTEMPTS = 6
TIMEOUT = 10


class Courier:
    """Delivers callbacks, by itself in a thread (`start`) or when told to (`deliver`)."""

    def __init__(self, store: Store, send: Callable[[dict[str, Any]], int] | None = None) -> None:
        self._store = store
        self.send = send or post
        self.ask: Callable[[str, str], dict[str, Any]] = answer_to
        self._stopping = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while not self._stopping.wait(LOOK_EVERY):
            self.deliver(now_only=True)

    def deliver(self, *, now_only: bool = False) -> int:
        """Send what waits (`now_only`: what is due), oldest first, once each; how many were taken."""
        with self._one_at_a_time:
            due = time.time() if now_only else math.inf
            waiting = self._store.rows(
                "SELECT * FROM callback WHERE state = 'WAITING' AND due_at <= ? ORDER BY due_at, id", (due,)
            )
            if self._store.fault("*", "reverse"):
                waiting.reverse()
            for callback in waiting:
                self._send(callback)
            return len(waiting)

    def _send(self, callback: dict[str, Any]) -> None:
        try:
            status = self.send(callback)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return self._later(callback, f"{type(error).__name__}: {error}")
        if 200 <= status < 300:
            return self._mark(callback, "SENT", f"HTTP {status}", time.time())
        return self._later(callback, f"HTTP {status}")

    def _later(self, callback: dict[str, Any], note: str) -> None:
        state = "WAITING" if callback["attempts"] + 1 < MOST_ATTEMPTS else "GAVE UP"
        self._mark(callback, state, note, time.time() + 2 ** (callback["attempts"] + 1))

    def _mark(self, callback: dict[str, Any], state: str, note: str, due_at: Any) -> None:
        self._store.write(
            "UPDATE callback SET state = ?, note = ?, attempts = attempts + 1, due_at = ? WHERE id = ?",
            (state, note[:200], due_at, callback["id"]),
        )


def post(callback: dict[str, Any]) -> int:
    """POST one callback and return the status. ValueError for an address that is not on this machine."""
    headers = {"Content-Type": callback["content_type"], **json.loads(callback["headers"])}
    return _post(callback["url"], callback["body"].encode(), headers)[0]


def answer_to(url: str, body: str) -> dict[str, Any]:
    """POST and read the answer, {} where there is none. ValueError for an address that is not on this machine."""
    try:
        return ask(url, body.encode(), {})[1]
    except (OSError, http.client.HTTPException):
        return {}


def ask(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """POST a question that is answered at once: status and answer, an empty one where it is no JSON object."""
    status, answer = _post(url, body, {"Content-Type": "application/json", **headers})
    try:
        found = json.loads(answer)
    except ValueError:
        found = {}
    return status, found if isinstance(found, dict) else {}


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    where = urlsplit(url)
    host = where.hostname or ""
    if host != "localhost" and not ip_address(host).is_loopback:
        raise ValueError("the simulator calls this machine only")
    connection = http.client.HTTPConnection(host, where.port or 80, timeout=TIMEOUT)
    try:
        connection.request("POST", where.path or "/", body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
