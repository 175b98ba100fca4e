"""The side of Daraja on which customers pay us: prompts on their phones (STK) and our paybill (C2B)."""

import base64
import json
import secrets
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from wekeza_portal.rails.simulator.company import Accepted, Reply, Request
from wekeza_portal.rails.simulator.desk import Desk
from wekeza_portal.rails.simulator.mpesa_door import ending_of, error, new_receipt, refused_at_door

PROMPT_ENDINGS = {1: "1", 2: "2", 3: "3", 4: "4", 8: "8", 10: "1001", 17: "17", 19: "1019", 20: "2001", 25: "1025",
                  28: "2028", 32: "1032", 33: "SFC_IC0003", 37: "1037", 86: "8006", 95: "9999",
                  96: "7777"}  # fmt: skip


PROMPT_SECONDS = 60
"""How long a prompt stays on a phone that nobody touches."""
BUSY, DONE_503, TWICE, NEVER = 26, 97, 98, 99


# --- STK ----------------------------------------------------------------------------------------------------------


def prompt(desk: Desk, request: Request) -> Reply:
    needed = ("BusinessShortCode", "Password", "Timestamp", "TransactionType", "Amount", "PartyA", "PartyB")
    if refused := refused_at_door(desk, request, *needed, "PhoneNumber", "CallBackURL", "AccountReference"):
        return refused
    content = request.json()
    if not _signed(desk, content):
        return error("500.001.1001", "Wrong credentials")
    if ending_of(content) == 26:
        return error("500.003.02", "System is busy. Please try again in few minutes.")
    checkout, merchant = f"ws_CO_{time.strftime('%d%m%Y%H%M%S')}{secrets.randbelow(10**9)}", uuid4().hex[:20]
    prompt = {**content, "code": PROMPT_ENDINGS.get(ending_of(content), "0"), "merchant": merchant, "at": time.time()}
    if desk.fault("prompt_asks") and prompt["code"] == "0" and ending_of(content) not in (DONE_503, TWICE, NEVER):
        desk.store.remember(desk.company, "prompt", checkout, {**prompt, "code": ""})
        desk.call_back(content["CallBackURL"], _result(checkout, {**prompt, "code": "1037"}), after=PROMPT_SECONDS)
    else:
        desk.store.remember(desk.company, "prompt", checkout, prompt)
        _report_prompt(desk, checkout, prompt)
    ack = {"MerchantRequestID": merchant, "CheckoutRequestID": checkout, "ResponseCode": "0"}
    words = {"ResponseDescription": "Success. Request accepted for processing", "CustomerMessage": "Success"}
    return error("503.000.00", "Unavailable") if ending_of(content) == 97 else Accepted(200, {**ack, **words})


def _signed(desk: Desk, content: dict[str, Any]) -> bool:
    wanted = f"{content['BusinessShortCode']}{desk.secret}{content['Timestamp']}"
    return bool(base64.b64encode(wanted.encode()).decode() == content["Password"])


def _result(checkout: str, prompt: dict[str, Any]) -> dict[str, Any]:
    code = prompt["code"]
    callback: dict[str, Any] = {
        "MerchantRequestID": prompt["merchant"],
        "CheckoutRequestID": checkout,
        "ResultCode": int(code) if code.isdecimal() else code,
        "ResultDesc": "Done" if code == "0" else "Not done",
    }
    return {"Body": {"stkCallback": callback}}


def _report_prompt(desk: Desk, checkout: str, prompt: dict[str, Any]) -> None:
    """Its result; and, as at Safaricom, what was paid is reported to whoever registered the paybill too."""
    ending, result = ending_of(prompt), _result(checkout, prompt)
    if prompt["code"] == "0":
        receipt = new_receipt()
        desk.store.remember(desk.company, "paid_in", receipt, prompt["Amount"])
        items = {"Amount": prompt["Amount"], "MpesaReceiptNumber": receipt,
                 "TransactionDate": int(time.strftime("%Y%m%d%H%M%S")),
                 "PhoneNumber": int(prompt["PhoneNumber"])}  # fmt: skip
        listed = [{"Name": "Balance"}, *({"Name": name, "Value": value} for name, value in items.items())]
        result["Body"]["stkCallback"]["CallbackMetadata"] = {"Item": listed}
        _confirm(desk, _confirmation(prompt, receipt, ""), ending)
    copies = 2 if ending == TWICE else 1
    desk.call_back(prompt["CallBackURL"], result, copies=copies, lost=ending == NEVER)


def open_prompts(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    """The prompts that stand on phones and wait for a person, newest first: (checkout, prompt)."""
    since = time.time() - PROMPT_SECONDS
    found = desk.store.recall_all(desk.company, "prompt")
    waiting = [(checkout, prompt) for checkout, prompt in found if not prompt["code"] and prompt["at"] > since]
    return sorted(waiting, key=lambda pair: -pair[1]["at"])


def answer_prompt(desk: Desk, checkout: str, code: str) -> bool:
    """What a person did on the phone: "0" the right PIN, or a code of PROMPT_ENDINGS. False for one that is over."""
    if checkout not in dict(open_prompts(desk)) or code not in {"0", *PROMPT_ENDINGS.values()}:
        return False
    prompt = {**desk.store.recall(desk.company, "prompt", checkout), "code": code}
    desk.store.replace(desk.company, "prompt", checkout, prompt)
    desk.call_off(f'"CheckoutRequestID": "{checkout}"')
    _report_prompt(desk, checkout, prompt)
    return True


def prompt_state(desk: Desk, request: Request) -> Reply:
    if refused := refused_at_door(desk, request, "BusinessShortCode", "Password", "Timestamp", "CheckoutRequestID"):
        return refused
    content = request.json()
    prompt = desk.store.recall(desk.company, "prompt", content["CheckoutRequestID"])
    if prompt is None:
        return error("400.002.02", "Bad Request - Invalid CheckoutRequestID")
    is_open = not prompt["code"] and time.time() < prompt["at"] + PROMPT_SECONDS
    if is_open or time.time() < prompt["at"] + desk.fault("prompt_open"):
        return error("500.001.1001", "The transaction is being processed")
    return Reply(
        200,
        {
            "ResponseCode": "0",
            "ResponseDescription": "The service request has been accepted successfully",
            "MerchantRequestID": prompt["merchant"],
            "CheckoutRequestID": content["CheckoutRequestID"],
            "ResultCode": prompt["code"] or "1037",
            "ResultDesc": "Done" if prompt["code"] == "0" else "Not done",
        },
    )


# --- C2B ----------------------------------------------------------------------------------------------------------


def register(desk: Desk, request: Request) -> Reply:
    if refused := refused_at_door(desk, request, "ShortCode", "ResponseType", "ConfirmationURL", "ValidationURL"):
        return refused
    content = request.json()
    if not desk.store.remember(desk.company, "urls", str(content["ShortCode"]), content):
        return error("500.003.1001", "Urls are already registered")
    ack = {"OriginatorCoversationID": uuid4().hex, "ResponseCode": "0", "ResponseDescription": "Success"}
    return Accepted(200, ack)


def pay_in(desk: Desk, request: Request) -> Reply:
    """A customer pays to the paybill; validation is not asked for, as by default in production."""
    if refused := refused_at_door(desk, request, "ShortCode", "CommandID", "Amount", "Msisdn", "BillRefNumber"):
        return refused
    content = request.json()
    if desk.store.recall(desk.company, "urls", str(content["ShortCode"])) is None:
        return error("400.002.02", "Bad Request - Invalid ShortCode")
    paid = {
        "BusinessShortCode": content["ShortCode"],
        "Amount": content["Amount"],
        "PhoneNumber": content["Msisdn"],
        "AccountReference": content["BillRefNumber"],
    }
    receipt = new_receipt()
    desk.store.remember(desk.company, "paid_in", receipt, content["Amount"])
    _confirm(desk, _confirmation(paid, receipt, "JANE WANJIKU"), ending_of(content))
    return Accepted(200, {"OriginatorCoversationID": uuid4().hex, "ResponseCode": "0", "ResponseDescription": "Done"})


def pay_from_phone(desk: Desk, paid: dict[str, Any], name: str, ask: Callable[[str, str], dict[str, Any]]) -> str:
    """A person pays to the paybill by hand: the portal is asked first, then told. Returns what the phone shows.

    `paid` as in a prompt: BusinessShortCode, Amount, PhoneNumber, AccountReference. `ask` posts and reads the answer.
    """
    urls = desk.store.recall(desk.company, "urls", str(paid["BusinessShortCode"]))
    if urls is None:
        return "Nobody has registered this paybill."
    receipt = new_receipt()
    confirmation = _confirmation(paid, receipt, name)
    answer = ask(urls["ValidationURL"], json.dumps({**confirmation, "OrgAccountBalance": ""}))
    if str(answer.get("ResultCode")) != "0":
        return f"Failed: {answer.get('ResultCode')} {answer.get('ResultDesc')}. No money was taken."
    desk.store.remember(desk.company, "paid_in", receipt, paid["Amount"])
    _confirm(desk, confirmation, ending_of(paid))
    return f"{receipt} confirmed. Ksh{paid['Amount']}.00 paid for account {paid['AccountReference']}."


def _confirmation(paid: dict[str, Any], receipt: str, name: str) -> dict[str, Any]:
    first, _space, last = name.partition(" ")
    phone = str(paid["PhoneNumber"])
    return {
        "TransactionType": "Pay Bill",
        "TransID": receipt,
        "TransTime": time.strftime("%Y%m%d%H%M%S"),
        "TransAmount": f"{paid['Amount']}.00",
        "BusinessShortCode": str(paid["BusinessShortCode"]),
        "BillRefNumber": paid["AccountReference"],
        "InvoiceNumber": "",
        "OrgAccountBalance": "1000000.00",
        "ThirdPartyTransID": "",
        "MSISDN": f"{phone[:4]} ***** {phone[-3:]}",
        "FirstName": first,
        "MiddleName": "",
        "LastName": last,
    }


def _confirm(desk: Desk, confirmation: dict[str, Any], ending: int) -> None:
    """Report money to whoever registered the paybill; to nobody where nobody did."""
    urls = desk.store.recall(desk.company, "urls", confirmation["BusinessShortCode"])
    if urls is not None:
        copies = 2 if ending == TWICE else 1
        desk.call_back(urls["ConfirmationURL"], confirmation, copies=copies, lost=ending == NEVER)
