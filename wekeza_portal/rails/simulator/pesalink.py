"""A partner bank's way into PesaLink: token, account, phone and paybill transfers, name enquiry, status, callback.

By the amount's ending (see endings.py), and 01 AM04, 02 AM02, 03 AC04, 04 AC06, 05 BE01, 06 TM01, 07 DUPL, 40 AC01,
96 a code nobody knows. By the account's ending: see people.py.
"""

import secrets
import time
from typing import Any

from wekeza_portal.rails.simulator import endings, people
from wekeza_portal.rails.simulator.company import Accepted, Company, Reply, Request
from wekeza_portal.rails.simulator.desk import Desk

REJECTS = {1: "AM04", 2: "AM02", 3: "AC04", 4: "AC06", 5: "BE01", 6: "TM01", 7: "DUPL", 40: "AC01", 96: "ZZ96"}
ACCOUNTS = {people.NOBODY: "AC01", people.CLOSED: "AC04", people.BLOCKED: "AC06"}
MOST = 999_999


def _envelope(reference: str, code: str, description: str, **more: Any) -> dict[str, Any]:
    return {
        "MessageReference": reference,
        "MessageDateTime": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "MessageCode": code,
        "MessageDescription": description,
        **more,
    }


def _token(desk: Desk, request: Request) -> Reply:
    if not desk.knows_basic(request) or request.form().get("grant_type") != "client_credentials":
        return Reply(401, {"error": "invalid_client"})
    seconds = desk.fault("token_seconds") or 3599
    return Reply(200, {"access_token": desk.new_token(), "token_type": "Bearer", "expires_in": seconds})


def _receiver(destination: dict[str, Any]) -> str:
    """How the receiver is written down: its account, phone or paybill."""
    if phone := destination.get("PhoneNumber"):
        return str(phone)
    return f"{destination.get('PaybillNumber') or destination['BankCode']}/{destination['AccountNumber']}"


def _transfer(desk: Desk, request: Request) -> Reply:
    content = request.json()
    reference = str(content["MessageReference"])
    if not desk.has_token(request):
        return Reply(401, _envelope(reference, "900901", "Invalid credentials"))
    (destination,) = content["Destinations"]
    amount = destination["Amount"]
    if (
        not 1 <= endings.shillings(amount) <= MOST
        or not content["CallBackUrl"]
        or not content["Source"]["AccountNumber"]
    ):
        return Reply(400, _envelope(reference, "AM02", "INVALID AMOUNT"))
    if endings.ending(amount) == endings.BUSY:
        return Reply(503, _envelope(reference, "-5", "SYSTEM BUSY"))
    order = {**content, "code": _code(destination), "transaction": f"PL{secrets.token_hex(8).upper()}"}
    if not desk.take(reference, order):
        return Reply(409, _envelope(reference, "-12", "DUPLICATE MESSAGE REFERENCE"))
    if order["code"] == "0":
        receiver, number = _receiver(destination), str(destination["ReferenceNumber"])
        desk.execute(reference, reference=number, amount=str(amount), receiver=receiver)
    if endings.ending(amount) != endings.UNDECIDED:
        result = _result(order)
        desk.call_back(content["CallBackUrl"], result, copies=endings.copies(amount), lost=endings.is_lost(amount))
    if endings.ending(amount) == endings.DONE_503:
        return Reply(503, _envelope(reference, "-5", "SYSTEM BUSY"))
    return Accepted(200, _envelope(reference, "0", "REQUEST ACCEPTED FOR PROCESSING"))


def _code(destination: dict[str, Any]) -> str:
    """The result: by the account first, then by the amount; "" while nobody knows."""
    ending = endings.ending(destination["Amount"])
    by_account = ACCOUNTS.get(str(destination.get("AccountNumber") or destination.get("PhoneNumber"))[-4:])
    return by_account or REJECTS.get(ending) or ("" if ending == endings.UNDECIDED else "0")


def _result(order: dict[str, Any], *, with_stage: bool = False) -> dict[str, Any]:
    code = order["code"]
    sent = order["Destinations"][0]
    destination = {**sent, "ResponseCode": code, "ResponseDescription": "SUCCESS" if code == "0" else code}
    if code == "0":
        destination |= {"TransactionID": order["transaction"], "AccountName": _name(sent)}
    if with_stage:
        destination["Status"] = {"0": "COMPLETED", "": "IN_TRANSIT"}.get(code, "REJECTED")
    whole = "0" if code in {"0", ""} else "2"
    words = "FULL SUCCESS" if whole == "0" else "FULL FAILURE"
    more = {"Source": order["Source"], "Destinations": [destination]}
    return _envelope(str(order["MessageReference"]), whole, words, **more)


def _name(destination: dict[str, Any]) -> str:
    return people.name_of(str(destination.get("AccountNumber") or destination.get("PhoneNumber")))


def _status(desk: Desk, request: Request) -> Reply:
    reference = str(request.json()["MessageReference"])
    if not desk.has_token(request):
        return Reply(401, _envelope(reference, "900901", "Invalid credentials"))
    order = desk.store.recall(desk.company, "order", reference)
    if order is None:
        return Reply(404, _envelope(reference, "-13", "MESSAGE REFERENCE DOES NOT EXIST"))
    return Reply(200, _result(order, with_stage=True))


def _validate(desk: Desk, request: Request) -> Reply:
    content = request.json()
    reference = str(content["MessageReference"])
    if not desk.has_token(request):
        return Reply(401, _envelope(reference, "900901", "Invalid credentials"))
    number = str(content.get("AccountNumber") or content["PhoneNumber"])
    if code := ACCOUNTS.get(number[-4:]):
        return Reply(404, _envelope(reference, code, "NOT VALID"))
    bank = {} if "AccountNumber" in content else {"RecipientBankIdentifier": people.bank_of(number).zfill(4)}
    return Reply(200, _envelope(reference, "0", "VALID", AccountName=people.name_of(number), **bank))


ROUTES = {
    ("POST", "/token"): _token,
    ("POST", "/FundsTransfer/External/A2A/PesaLink/1.0.0"): _transfer,
    ("POST", "/FundsTransfer/External/A2M/PesaLink/1.0.0"): _transfer,
    ("POST", "/FundsTransfer/External/A2B/Paybill/1.0.0"): _transfer,
    ("POST", "/Enquiry/TransactionStatus/2.0.0"): _status,
    ("POST", "/Enquiry/Validation/IPSL/1.0.0"): _validate,
}
COMPANY = Company("pesalink", "PesaLink (partner bank)", ROUTES)
