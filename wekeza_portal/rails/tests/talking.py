"""What the tests of every rail need: an order, what the simulator saw, what it would tell us."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx

from wekeza_portal.rails.base import Order, Rail, Report
from wekeza_portal.rails.reading import read
from wekeza_portal.rails.simulator.desk import Desk
from wekeza_portal.rails.simulator.server import Simulator


def an_order(destination: dict[str, str], amount: Any = "1500.00", **changes: Any) -> Order:
    fresh = Order(uuid4(), "7KQ2-M9XD-4TWR", Decimal(str(amount)), destination)
    return replace(fresh, **changes)


def state(sim: Simulator) -> dict[str, Any]:
    """Everything the simulator knows, over its own socket."""
    found: dict[str, Any] = httpx.get(f"{sim.url}/_sim/state.json").json()
    return found


def reports(sim: Simulator, rail: Rail) -> list[Report]:
    """What the simulator would tell us, oldest first, read by the client."""
    bodies = [row["body"] for row in reversed(state(sim)["callbacks"]) if row["state"] == "WAITING"]
    return [rail.parse(f"{rail.name}.result", read(body.encode())) for body in bodies]


def executions(sim: Simulator) -> list[tuple[str, str, str]]:
    """(originator, amount, receiver) of every execution, oldest first."""
    return [(row["originator"], row["amount"], row["receiver"]) for row in reversed(state(sim)["executions"])]


def heard(sim: Simulator, path: str) -> list[dict[str, Any]]:
    """The requests whose path holds `path`, oldest first."""
    return [row for row in reversed(state(sim)["requests"]) if path in row["path"]]


def desk(sim: Simulator, company: str) -> Desk:
    """A company's own place, for what happens there without us."""
    return Desk(sim.store, company, delay=0, secret="simulated", addresses={})  # noqa: S106 - it guards nothing
