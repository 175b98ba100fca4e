"""Safaricom's Daraja: token, B2C, STK push and query, C2B, transaction status, reversal.

What becomes of an order is read from the last two digits of its amount: see ENDINGS, and 26 busy (500.003.02), 37 queue
time-out (B2C) or no answer (STK), 96 unknown code, 97 done but answered with 503, 98 reported twice, 99 never reported.
"""

import base64
import secrets
import string
import time
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import padding

from wekeza_portal.rails.simulator import mpesa_keys
from wekeza_portal.rails.simulator.company import Accepted, Company, Reply, Request
from wekeza_portal.rails.simulator.desk import Desk

ENDINGS = {1: "1", 2: "2", 3: "3", 4: "4", 8: "8", 11: "11", 15: "15", 17: "17", 20: "2001", 21: "21", 28: "2028",
           33: "SFC_IC0003", 40: "2040", 66: "2006", 86: "8006", 96: "7777"}  # fmt: skip
PROMPT_ENDINGS = {1: "1", 2: "2", 3: "3", 4: "4", 8: "8", 10: "1001", 17: "17", 19: "1019", 20: "2001", 25: "1025",
                  28: "2028", 32: "1032", 33: "SFC_IC0003", 37: "1037", 86: "8006", 95: "9999",
                  96: "7777"}  # fmt: skip
NOT_FOUND = "2032"
"""What the simulator answers about an order it never had; see the setting MPESA_NOT_FOUND_CODES."""
NAME = "JANE WANJIKU"


def _receipt() -> str:
    return "S" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(9))


def _conversation() -> str:
    return f"AG_{time.strftime('%Y%m%d')}_{secrets.token_hex(10)}"


def _error(code: str, message: str) -> Reply:
    return Reply(int(code[:3]), {"requestId": uuid4().hex, "errorCode": code, "errorMessage": message})


def _token(desk: Desk, request: Request) -> Reply:
    if not desk.knows_basic(request):
        return _error("400.008.01", "Invalid Authentication passed")
    if request.query.get("grant_type") != "client_credentials":
        return _error("400.008.02", "Invalid grant type passed")
    seconds = desk.fault("token_seconds") or 3599
    return Reply(200, {"access_token": desk.new_token(), "expires_in": str(seconds)})


def _ending(content: dict[str, Any]) -> int:
    return int(content["Amount"]) % 100


def _missing(content: dict[str, Any], *names: str) -> str | None:
    return next((name for name in names if not content.get(name)), None)


def _refused(desk: Desk, request: Request, *needed: str) -> Reply | None:
    """The refusal at the door, None when the request may come in."""
    if not desk.has_token(request):
        return _error("404.001.03", "Invalid Access Token")
    content = request.json()
    if name := _missing(content, *needed):
        return _error("400.002.02", f"Bad Request - Invalid {name}")
    if "Amount" in needed and (not isinstance(content["Amount"], int) or content["Amount"] < 1):
        return _error("400.002.02", "Bad Request - Invalid Amount")
    return None


def _opens(desk: Desk, credential: str) -> bool:
    """Whether the credential is the initiator's password, encrypted for our certificate."""
    try:
        password = mpesa_keys.private_key(desk).decrypt(base64.b64decode(credential), padding.PKCS1v15())
    except ValueError:
        return False
    return password == desk.secret.encode()


# --- B2C ----------------------------------------------------------------------------------------------------------


def _pay(desk: Desk, request: Request) -> Reply:
    needed = ("OriginatorConversationID", "InitiatorName", "SecurityCredential", "CommandID", "Amount", "PartyA")
    if refused := _refused(desk, request, *needed, "PartyB", "Remarks", "QueueTimeOutURL", "ResultURL"):
        return refused
    content = request.json()
    if not str(content["PartyB"]).isdecimal() or len(str(content["PartyB"])) != 12:
        return _error("400.002.02", "Bad Request - Invalid PartyB")
    if _ending(content) == 26:
        return _error("500.003.02", "System is busy. Please try again in few minutes.")
    order = {**content, "conversation": _conversation(), "code": _payment_code(desk, content), "receipt": _receipt()}
    originator = str(content["OriginatorConversationID"])
    if not desk.take(originator, order):
        return _error("500.002.1001", "Duplicate OriginatorConversationID")
    if order["code"] == "0" and _ending(content) != 37:
        reference, amount = str(content.get("Occassion", "")), str(content["Amount"])
        desk.execute(originator, reference=reference, amount=amount, receiver=str(content["PartyB"]))
    _report_payment(desk, order)
    ack = _acknowledged(order["conversation"], originator)
    return _error("503.000.00", "Service unavailable") if _ending(content) == 97 else ack


def _payment_code(desk: Desk, content: dict[str, Any]) -> str:
    if not _opens(desk, content["SecurityCredential"]):
        return "2001"
    return ENDINGS.get(_ending(content), "0")


def _acknowledged(conversation: str, originator: str) -> Reply:
    return Accepted(
        200,
        {
            "ConversationID": conversation,
            "OriginatorConversationID": originator,
            "ResponseCode": "0",
            "ResponseDescription": "Accept the service request successfully.",
        },
    )


def _report_payment(desk: Desk, order: dict[str, Any]) -> None:
    if _ending(order) == 37:
        ids = {"OriginatorConversationID": order["OriginatorConversationID"], "ConversationID": order["conversation"]}
        desk.call_back(order["QueueTimeOutURL"], ids)
        return
    result = {
        "ResultType": 0,
        "ResultCode": int(order["code"]) if order["code"].isdecimal() else order["code"],
        "ResultDesc": "The service request is processed successfully." if order["code"] == "0" else "Failed",
        "OriginatorConversationID": order["OriginatorConversationID"],
        "ConversationID": order["conversation"],
        "TransactionID": order["receipt"],
        "ReferenceData": {"ReferenceItem": {"Key": "QueueTimeoutURL", "Value": "https://internalapi/"}},
    }
    if order["code"] == "0":
        result["ResultParameters"] = {"ResultParameter": _payment_facts(order)}
    ending = _ending(order)
    desk.call_back(order["ResultURL"], {"Result": result}, copies=2 if ending == 98 else 1, lost=ending == 99)


def _payment_facts(order: dict[str, Any]) -> list[dict[str, Any]]:
    facts = {
        "TransactionAmount": order["Amount"],
        "TransactionReceipt": order["receipt"],
        "ReceiverPartyPublicName": f"{order['PartyB']} - {NAME}",
        "TransactionCompletedDateTime": time.strftime("%d.%m.%Y %H:%M:%S"),
        "B2CUtilityAccountAvailableFunds": 1000000.00,
        "B2CWorkingAccountAvailableFunds": 900000.00,
        "B2CRecipientIsRegisteredCustomer": "Y",
        "B2CChargesPaidAccountAvailableFunds": 0.00,
    }
    return [{"Key": key, "Value": value} for key, value in facts.items()]


# --- Status and reversal ------------------------------------------------------------------------------------------


def _status(desk: Desk, request: Request) -> Reply:
    needed = ("Initiator", "SecurityCredential", "CommandID", "PartyA", "IdentifierType", "ResultURL", "Remarks")
    if refused := _refused(desk, request, *needed):
        return refused
    content = request.json()
    asked = str(content.get("OriginalConversationID") or content.get("OriginatorConversationID") or "")
    order = desk.store.recall(desk.company, "order", asked)
    originator, conversation = uuid4().hex, _conversation()
    result: dict[str, Any] = {
        "ResultType": "0",
        "ResultCode": "0" if order else NOT_FOUND,
        "ResultDesc": "The service request is processed successfully." if order else "No such transaction",
        "OriginatorConversationID": originator,
        "ConversationID": conversation,
        "TransactionID": _receipt(),
        "ReferenceData": {"ReferenceItem": [{"Key": "Occasion", "Value": content.get("Occasion", "")}]},
    }
    if order:
        result["ResultParameters"] = {"ResultParameter": _status_facts(order, done=bool(desk.executed(asked)))}
    desk.call_back(content["ResultURL"], {"Result": result})
    return _acknowledged(conversation, originator)


def _status_facts(order: dict[str, Any], *, done: bool) -> list[dict[str, Any]]:
    facts = {
        "ReceiptNo": order["receipt"],
        "ConversationID": order["conversation"],
        "OriginatorConversationID": order["OriginatorConversationID"],
        "FinalisedTime": int(time.strftime("%Y%m%d%H%M%S")),
        "Amount": order["Amount"],
        "TransactionStatus": "Completed" if done else "Failed",
        "CreditPartyName": f"{order['PartyB']} - {NAME}",
        "DebitPartyName": f"{order['PartyA']} - Wekeza",
    }
    listed: list[dict[str, Any]] = [{"Key": key, "Value": value} for key, value in facts.items()]
    return [{"Key": "DebitPartyCharges"}, *listed]


def _reverse(desk: Desk, request: Request) -> Reply:
    needed = ("Initiator", "SecurityCredential", "CommandID", "TransactionID", "Amount", "ReceiverParty", "ResultURL")
    if refused := _refused(desk, request, *needed, "RecieverIdentifierType", "QueueTimeOutURL", "Remarks"):
        return refused
    content = request.json()
    receipt = str(content["TransactionID"])
    paid = desk.store.recall(desk.company, "paid_in", receipt)
    first = paid is not None and desk.store.remember(desk.company, "reversed", receipt, True)
    code = "0" if first else "R000001" if paid else "R000002"
    conversation, originator = _conversation(), uuid4().hex
    result: dict[str, Any] = {
        "ResultType": 0,
        "ResultCode": int(code) if code == "0" else code,
        "ResultDesc": "Done" if first else "Not done",
        "OriginatorConversationID": originator,
        "ConversationID": conversation,
        "TransactionID": _receipt(),
        "ReferenceData": {"ReferenceItem": {"Key": "Occasion", "Value": content.get("Occasion", "")}},
    }
    if first:
        result["ResultParameters"] = {"ResultParameter": [{"Key": "Amount", "Value": content["Amount"]}]}
    desk.call_back(content["ResultURL"], {"Result": result})
    return _acknowledged(conversation, originator)


# --- STK ----------------------------------------------------------------------------------------------------------


def _prompt(desk: Desk, request: Request) -> Reply:
    needed = ("BusinessShortCode", "Password", "Timestamp", "TransactionType", "Amount", "PartyA", "PartyB")
    if refused := _refused(desk, request, *needed, "PhoneNumber", "CallBackURL", "AccountReference"):
        return refused
    content = request.json()
    if not _signed(desk, content):
        return _error("500.001.1001", "Wrong credentials")
    if _ending(content) == 26:
        return _error("500.003.02", "System is busy. Please try again in few minutes.")
    checkout, merchant = f"ws_CO_{time.strftime('%d%m%Y%H%M%S')}{secrets.randbelow(10**9)}", uuid4().hex[:20]
    prompt = {**content, "code": PROMPT_ENDINGS.get(_ending(content), "0"), "merchant": merchant, "at": time.time()}
    desk.store.remember(desk.company, "prompt", checkout, prompt)
    _report_prompt(desk, checkout, prompt)
    ack = {"MerchantRequestID": merchant, "CheckoutRequestID": checkout, "ResponseCode": "0"}
    words = {"ResponseDescription": "Success. Request accepted for processing", "CustomerMessage": "Success"}
    return _error("503.000.00", "Unavailable") if _ending(content) == 97 else Accepted(200, {**ack, **words})


def _signed(desk: Desk, content: dict[str, Any]) -> bool:
    wanted = f"{content['BusinessShortCode']}{desk.secret}{content['Timestamp']}"
    return bool(base64.b64encode(wanted.encode()).decode() == content["Password"])


def _report_prompt(desk: Desk, checkout: str, prompt: dict[str, Any]) -> None:
    code, ending = prompt["code"], _ending(prompt)
    callback: dict[str, Any] = {
        "MerchantRequestID": prompt["merchant"],
        "CheckoutRequestID": checkout,
        "ResultCode": int(code) if code.isdecimal() else code,
        "ResultDesc": "Done" if code == "0" else "Not done",
    }
    if code == "0":
        receipt = _receipt()
        desk.store.remember(desk.company, "paid_in", receipt, prompt["Amount"])
        items = {"Amount": prompt["Amount"], "MpesaReceiptNumber": receipt,
                 "TransactionDate": int(time.strftime("%Y%m%d%H%M%S")),
                 "PhoneNumber": int(prompt["PhoneNumber"])}  # fmt: skip
        listed = [{"Name": "Balance"}, *({"Name": name, "Value": value} for name, value in items.items())]
        callback["CallbackMetadata"] = {"Item": listed}
    copies = 2 if ending == 98 else 1
    desk.call_back(prompt["CallBackURL"], {"Body": {"stkCallback": callback}}, copies=copies, lost=ending == 99)


def _prompt_state(desk: Desk, request: Request) -> Reply:
    if refused := _refused(desk, request, "BusinessShortCode", "Password", "Timestamp", "CheckoutRequestID"):
        return refused
    content = request.json()
    prompt = desk.store.recall(desk.company, "prompt", content["CheckoutRequestID"])
    if prompt is None:
        return _error("400.002.02", "Bad Request - Invalid CheckoutRequestID")
    if time.time() < prompt["at"] + desk.fault("prompt_open"):
        return _error("500.001.1001", "The transaction is being processed")
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


def _register(desk: Desk, request: Request) -> Reply:
    if refused := _refused(desk, request, "ShortCode", "ResponseType", "ConfirmationURL", "ValidationURL"):
        return refused
    content = request.json()
    if not desk.store.remember(desk.company, "urls", str(content["ShortCode"]), content):
        return _error("500.003.1001", "Urls are already registered")
    ack = {"OriginatorCoversationID": uuid4().hex, "ResponseCode": "0", "ResponseDescription": "Success"}
    return Accepted(200, ack)


def _pay_in(desk: Desk, request: Request) -> Reply:
    """A customer pays to the paybill; validation is not asked for, as by default in production."""
    if refused := _refused(desk, request, "ShortCode", "CommandID", "Amount", "Msisdn", "BillRefNumber"):
        return refused
    content = request.json()
    urls = desk.store.recall(desk.company, "urls", str(content["ShortCode"]))
    if urls is None:
        return _error("400.002.02", "Bad Request - Invalid ShortCode")
    receipt, phone = _receipt(), str(content["Msisdn"])
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
    ending = _ending(content)
    desk.call_back(urls["ConfirmationURL"], confirmation, copies=2 if ending == 98 else 1, lost=ending == 99)
    return Accepted(200, {"OriginatorCoversationID": uuid4().hex, "ResponseCode": "0", "ResponseDescription": "Done"})


def _certificate(desk: Desk, request: Request) -> Reply:
    """Not at Safaricom's: there the certificate is downloaded from the portal."""
    return Reply(200, mpesa_keys.certificate(desk), "application/x-pem-file")


COMPANY = Company(
    "mpesa",
    "Safaricom M-Pesa (Daraja)",
    {
        ("GET", "/oauth/v1/generate"): _token,
        ("POST", "/mpesa/b2c/v3/paymentrequest"): _pay,
        ("POST", "/mpesa/transactionstatus/v1/query"): _status,
        ("POST", "/mpesa/reversal/v1/request"): _reverse,
        ("POST", "/mpesa/stkpush/v1/processrequest"): _prompt,
        ("POST", "/mpesa/stkpushquery/v1/query"): _prompt_state,
        ("POST", "/mpesa/c2b/v2/registerurl"): _register,
        ("POST", "/mpesa/c2b/v2/simulate"): _pay_in,
        ("GET", "/certificate.pem"): _certificate,
    },
)
