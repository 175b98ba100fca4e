"""Companies that speak the contract of wekeza_portal/rails/orders.py.

By the amount's ending (see endings.py): 01 FLOAT, 02 TOO_SMALL, 03 TOO_LARGE, 04 EXPIRED, 05 WRONG_AMOUNT, 06 BLOCKED,
08 WALLET_FULL, 40 the number is unknown, 96 a code nobody knows.
"""

import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID

from wekeza_portal.rails.simulator import endings, people
from wekeza_portal.rails.simulator.company import Accepted, Reply, Request
from wekeza_portal.rails.simulator.desk import Desk

REJECTS = {1: "FLOAT", 2: "TOO_SMALL", 3: "TOO_LARGE", 4: "EXPIRED", 5: "WRONG_AMOUNT", 6: "BLOCKED", 8: "WALLET_FULL",
           96: "STRANGE"}  # fmt: skip
REPORTED_LATER = {endings.TWICE, endings.NEVER}

Facts = Callable[[dict[str, Any]], dict[str, Any]]


def pay(desk: Desk, request: Request, *, receiver: str, facts: Facts, at_once: bool, unknown: str) -> Reply:
    """Take an order. `facts` of it are told when it is paid: name, token. `unknown` is the code of a 40."""
    content = request.json()
    originator = UUID(str(content["id"])).hex
    amount = str(content["amount"])
    ending = endings.ending(amount)
    if ending == endings.BUSY:
        return Reply(503, {"code": "BUSY", "message": "busy"})
    code = unknown if ending == 40 else REJECTS.get(ending, "")
    order = {**content, "id": originator, "code": code, "receipt": f"R{secrets.token_hex(5).upper()}"}
    order["facts"] = facts(content)
    if not desk.take(originator, order):
        return Reply(409, {"code": "DUPLICATE", "message": "this id was sent before"})
    if not code and ending != endings.UNDECIDED:
        reference = str(content["reference"])
        desk.execute(originator, reference=reference, amount=amount, receiver=receiver)
    later = not at_once or ending in REPORTED_LATER
    if later and ending != endings.UNDECIDED:
        lost, twice = endings.is_lost(amount), endings.copies(amount)
        desk.call_back(str(content["callback_url"]), state(order), lost=lost, copies=twice)
    if ending == endings.DONE_503:
        return Reply(503, {"code": "BUSY", "message": "busy"})
    now = {"id": originator, "status": "PENDING"} if later or ending == endings.UNDECIDED else state(order)
    return Accepted(200, now)


def state(order: dict[str, Any]) -> dict[str, Any]:
    """What became of an order."""
    common = {"id": order["id"], "amount": order["amount"]}
    if endings.ending(order["amount"]) == endings.UNDECIDED:
        return {**common, "status": "PENDING"}
    if order["code"]:
        return {**common, "status": "REJECTED", "code": order["code"], "message": "rejected"}
    return {**common, "status": "PAID", "receipt": order["receipt"], **order["facts"]}


def enquire(desk: Desk, request: Request) -> Reply:
    """The state of the order whose id ends the path."""
    order = desk.store.recall(desk.company, "order", request.path.rpartition("/")[2])
    if order is None:
        return Reply(404, {"code": "NOT_FOUND", "message": "no such order"})
    return Reply(200, state(order))


def owner(order: dict[str, Any]) -> dict[str, Any]:
    """Whose account or phone was paid."""
    return {"name": people.name_of(str(order.get("account") or order.get("phone")))}
