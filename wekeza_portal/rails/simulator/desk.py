"""What a simulated company works with: tokens, executions, callbacks, faults."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from wekeza_portal.rails.simulator.company import Reply, Request
from wekeza_portal.rails.simulator.delivery import ask
from wekeza_portal.rails.simulator.store import Store

TOKEN_SECONDS = 3599


class Desk:
    """One company's place at the simulator.

    `addresses` holds what a company was told out of band: name of the callback -> URL.
    """

    def __init__(self, store: Store, company: str, *, delay: int, secret: str, addresses: Mapping[str, str]) -> None:
        self.store = store
        self.company = company
        self.secret = secret
        self.addresses = addresses
        self.ask = ask
        self._delay = delay

    def fault(self, name: str) -> int:
        return self.store.fault(self.company, name)

    # --- Tokens ---

    def new_token(self) -> str:
        """A fresh access token; the former one is worthless from now on."""
        token = secrets.token_urlsafe(21)
        expires = time.time() + (self.fault("token_seconds") or TOKEN_SECONDS)
        self.store.replace(self.company, "oauth", "token", [token, expires])
        return token

    def has_token(self, request: Request) -> bool:
        """Whether the request carries the one token that is good now."""
        token, expires = self.store.recall(self.company, "oauth", "token") or ["", 0]
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return bool(token) and given == token and time.time() < expires

    def knows_basic(self, request: Request) -> bool:
        """Whether HTTP Basic carries the secret this simulator was started with as user and as password."""
        wanted = base64.b64encode(f"{self.secret}:{self.secret}".encode()).decode()
        return request.headers.get("authorization", "") == f"Basic {wanted}"

    # --- Money ---

    def take(self, originator: str, order: Any) -> bool:
        """Accept an order under its id; False for a duplicate, unless the fault `forgets_ids` is on."""
        fresh = self.store.remember(self.company, "order", originator, order)
        if not fresh and self.fault("forgets_ids"):
            self.store.replace(self.company, "order", originator, order)
            return True
        return fresh

    def execute(self, originator: str, *, reference: str, amount: str, receiver: str) -> None:
        """Move the money. Two executions of one order are what the alarm list is for."""
        self.store.write(
            "INSERT INTO execution (at, company, originator, reference, amount, receiver) VALUES (?, ?, ?, ?, ?, ?)",
            (time.time(), self.company, originator, reference, amount, receiver),
        )

    def executed(self, originator: str) -> dict[str, Any] | None:
        """The execution of this order, None if there was none."""
        sql = "SELECT * FROM execution WHERE company = ? AND originator = ? ORDER BY id LIMIT 1"
        found = self.store.rows(sql, (self.company, originator))
        return found[0] if found else None

    # --- Callbacks ---

    def call_back(
        self,
        url: str,
        content: Any,
        *,
        form: bool = False,
        copies: int = 1,
        lost: bool = False,
        after: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Owe somebody a POST `after` seconds and the delay. `lost`: it is written down and never sent."""
        body = content if isinstance(content, str) else urlencode(content) if form else json.dumps(content)
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        now = time.time()
        due = now + after + (self.fault("delay") or self._delay)
        state = "LOST" if lost or self.fault("lost") else "WAITING"
        for _ in range(max(copies, 1 + self.fault("twice"))):
            self.store.write(
                "INSERT INTO callback (company, url, body, content_type, made_at, due_at, state, headers)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (self.company, url, body, kind, now, due, state, json.dumps(dict(headers or {}))),
            )

    def call_off(self, text: str) -> None:
        """Owe nobody any more what has this text in it."""
        sql = "UPDATE callback SET state = 'CALLED OFF' WHERE company = ? AND state = 'WAITING' AND instr(body, ?) > 0"
        self.store.write(sql, (self.company, text))


def not_found() -> Reply:
    return Reply(404, {"error": "no such address at this company"})
