"""The side of Daraja on which customers pay us: prompts on their phones (STK) and our paybill (C2B)."""

import base64
import secrets
import time
from typing import Any
from uuid import uuid4

from wekeza_portal.rails.simulator.company import Accepted, Reply, Request
from wekeza_portal.rails.simulator.desk import Desk
from wekeza_portal.rails.simulator.mpesa_door import ending_of, error, new_receipt, refused_at_door

PROMPT_ENDINGS = {1: "1", 2: "2", 3: "3", 4: "4", 8: "8", 10: "1001", 17: "17", 19: "1019", 20: "2001", 25: "1025",
                  28: "2028", 32: "1032", 33: "SFC_IC0003", 37: "1037", 86: "8006", 95: "9999",
                  96: "7777"}  # fmt: skip


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
    desk.store.remember(desk.company, "prompt", checkout, prompt)
    _report_prompt(desk, checkout, prompt)
    ack = {"MerchantRequestID": merchant, "CheckoutRequestID": checkout, "ResponseCode": "0"}
    words = {"ResponseDescription": "Success. Request accepted for processing", "CustomerMessage": "Success"}
    return error("503.000.00", "Unavailable") if ending_of(content) == 97 else Accepted(200, {**ack, **words})


def _signed(desk: Desk, content: dict[str, Any]) -> bool:
    wanted = f"{content['BusinessShortCode']}{desk.secret}{content['Timestamp']}"
    return bool(base64.b64encode(wanted.encode()).decode() == content["Password"])


def _report_prompt(desk: Desk, checkout: str, prompt: dict[str, Any]) -> None:
    code, ending = prompt["code"], ending_of(prompt)
    callback: dict[str, Any] = {
        "MerchantRequestID": prompt["merchant"],
        "CheckoutRequestID": checkout,
        "ResultCode": int(code) if code.isdecimal() else code,
        "ResultDesc": "Done" if code == "0" else "Not done",
    }
    if code == "0":
        receipt = new_receipt()
        desk.store.remember(desk.company, "paid_in", receipt, prompt["Amount"])
        items = {"Amount": prompt["Amount"], "MpesaReceiptNumber": receipt,
                 "TransactionDate": int(time.strftime("%Y%m%d%H%M%S")),
                 "PhoneNumber": int(prompt["PhoneNumber"])}  # fmt: skip
        listed = [{"Name": "Balance"}, *({"Name": name, "Value": value} for name, value in items.items())]
        callback["CallbackMetadata"] = {"Item": listed}
    copies = 2 if ending == 98 else 1
    desk.call_back(prompt["CallBackURL"], {"Body": {"stkCallback": callback}}, copies=copies, lost=ending == 99)


def prompt_state(desk: Desk, request: Request) -> Reply:
    if refused := refused_at_door(desk, request, "BusinessShortCode", "Password", "Timestamp", "CheckoutRequestID"):
        return refused
    content = request.json()
    prompt = desk.store.recall(desk.company, "prompt", content["CheckoutRequestID"])
    if prompt is None:
        return error("400.002.02", "Bad Request - Invalid CheckoutRequestID")
    if time.time() < prompt["at"] + desk.fault("prompt_open"):
        return error("500.001.1001", "The transaction is being processed")
    return Reply(
        200,
        {
            "ResponseCode": "0",
            "ResponseDescription": "The service request has been accepted successfully",
            "MerchantRequestID": prompt["merchant"],
            "CheckoutRequestID": content["CheckoutRequestID"],
            "ResultCode": prompt["code"],
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
    urls = desk.store.recall(desk.company, "urls", str(content["ShortCode"]))
    if urls is None:
        return error("400.002.02", "Bad Request - Invalid ShortCode")
    receipt, phone = new_receipt(), str(content["Msisdn"])
    desk.store.remember(desk.company, "paid_in", receipt, content["Amount"])
    confirmation = {
        "TransactionType": "Pay Bill",
        "TransID": receipt,
        "TransTime": time.strftime("%Y%m%d%H%M%S"),
        "TransAmount": f"{content['Amount']}.00",
        "BusinessShortCode": str(content["ShortCode"]),
        "BillRefNumber": content["BillRefNumber"],
        "InvoiceNumber": "",
        "OrgAccountBalance": "1000000.00",
        "ThirdPartyTransID": "",
        "MSISDN": f"{phone[:4]} ***** {phone[-3:]}",
        "FirstName": "JANE",
        "MiddleName": "",
        "LastName": "WANJIKU",
    }
    ending = ending_of(content)
    desk.call_back(urls["ConfirmationURL"], confirmation, copies=2 if ending == 98 else 1, lost=ending == 99)
    return Accepted(200, {"OriginatorCoversationID": uuid4().hex, "ResponseCode": "0", "ResponseDescription": "Done"})
