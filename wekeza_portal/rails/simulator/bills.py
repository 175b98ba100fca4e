"""The company that pays bills and airtime: validate, pay, state, callback.

Prepaid meters and airtime are done at once, everything else is reported later. Numbers that end in 0404 are unknown,
0403 expired. What is due ends like the number: 100 KES for each of its last two digits, 1,500 for 00.
"""

import secrets
from typing import Any

from wekeza_portal.rails.simulator import orders, people
from wekeza_portal.rails.simulator.company import Company, Reply, Request
from wekeza_portal.rails.simulator.desk import Desk

NUMBERS = {people.NOBODY: "UNKNOWN_ACCOUNT", people.CLOSED: "EXPIRED"}


def _refused(desk: Desk, request: Request) -> Reply | None:
    if request.headers.get("x-api-key") != desk.secret:
        return Reply(403, {"code": "FORBIDDEN", "message": "wrong key"})
    return None


def _validate(desk: Desk, request: Request) -> Reply:
    if refused := _refused(desk, request):
        return refused
    content = request.json()
    number = str(content["account"])
    if code := NUMBERS.get(number[-4:]):
        return Reply(422, {"status": "REJECTED", "code": code, "message": "rejected"})
    return Reply(200, {"status": "OK", "name": people.name_of(number), "amount_due": due(number)})


def due(number: str) -> str:
    """KES that the number owes."""
    digits = "".join(digit for digit in number if digit.isdecimal())[-2:]
    return f"{int(digits or 0) * 100 or 1500}.00"


def _pay(desk: Desk, request: Request) -> Reply:
    if refused := _refused(desk, request):
        return refused
    content = request.json()
    biller, account = str(content["biller"]), str(content["account"])
    if not (content.get("paybill") or (content.get("bank") and content.get("bank_account"))):
        return Reply(422, {"code": "BLOCKED", "message": "no place for the money"})
    at_once = biller == "KPLC_PREPAID" or biller.startswith("AIRTIME_")
    return orders.pay(
        desk,
        request,
        receiver=f"{biller}/{account}",
        facts=_facts,
        at_once=at_once,
        unknown="UNKNOWN_ACCOUNT",
    )


def _facts(order: dict[str, Any]) -> dict[str, Any]:
    """A new token for every payment of a prepaid meter, as they are."""
    token = {"token": f"{secrets.randbelow(10**20):020d}"} if order["biller"] == "KPLC_PREPAID" else {}
    return {**orders.owner(order), **token}


def _enquire(desk: Desk, request: Request) -> Reply:
    return _refused(desk, request) or orders.enquire(desk, request)


ROUTES = {
    ("POST", "/v1/validate"): _validate,
    ("POST", "/v1/payments"): _pay,
    ("GET", "/v1/payments/*"): _enquire,
}
COMPANY = Company("bills", "Bills and airtime", ROUTES)
