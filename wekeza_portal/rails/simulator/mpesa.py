"""Safaricom's Daraja: token, B2C, transaction status, reversal; what customers pay in is next door.

What becomes of an order is read from the last two digits of its amount: see ENDINGS and PROMPT_ENDINGS, and 26 busy
(500.003.02), 37 queue time-out (B2C) or no answer (STK), 96 unknown code, 97 done but answered with 503, 98 reported
twice, 99 never reported.
"""

import base64
import time
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import padding

from wekeza_portal.rails.simulator import mpesa_customers, mpesa_keys
from wekeza_portal.rails.simulator.company import Accepted, Company, Reply, Request
from wekeza_portal.rails.simulator.desk import Desk
from wekeza_portal.rails.simulator.mpesa_door import ending_of, error, new_conversation, new_receipt, refused_at_door

ENDINGS = {1: "1", 2: "2", 3: "3", 4: "4", 8: "8", 11: "11", 15: "15", 17: "17", 20: "2001", 21: "21", 28: "2028",
           33: "SFC_IC0003", 40: "2040", 66: "2006", 86: "8006", 96: "7777"}  # fmt: skip
NOT_FOUND = "2032"
"""What the simulator answers about an order it never had; see the setting MPESA_NOT_FOUND_CODES."""
NAME = "JANE WANJIKU"


def _token(desk: Desk, request: Request) -> Reply:
    if not desk.knows_basic(request):
        return error("400.008.01", "Invalid Authentication passed")
    if request.query.get("grant_type") != "client_credentials":
        return error("400.008.02", "Invalid grant type passed")
    seconds = desk.fault("token_seconds") or 3599
    return Reply(200, {"access_token": desk.new_token(), "expires_in": str(seconds)})


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
    if refused := refused_at_door(desk, request, *needed, "PartyB", "Remarks", "QueueTimeOutURL", "ResultURL"):
        return refused
    content = request.json()
    if not str(content["PartyB"]).isdecimal() or len(str(content["PartyB"])) != 12:
        return error("400.002.02", "Bad Request - Invalid PartyB")
    if ending_of(content) == 26:
        return error("500.003.02", "System is busy. Please try again in few minutes.")
    order = {
        **content,
        "conversation": new_conversation(),
        "code": _payment_code(desk, content),
        "receipt": new_receipt(),
    }
    originator = str(content["OriginatorConversationID"])
    if not desk.take(originator, order):
        return error("500.002.1001", "Duplicate OriginatorConversationID")
    if order["code"] == "0" and ending_of(content) != 37:
        reference, amount = str(content.get("Occassion", "")), str(content["Amount"])
        desk.execute(originator, reference=reference, amount=amount, receiver=str(content["PartyB"]))
    _report_payment(desk, order)
    ack = _acknowledged(order["conversation"], originator)
    return error("503.000.00", "Service unavailable") if ending_of(content) == 97 else ack


def _payment_code(desk: Desk, content: dict[str, Any]) -> str:
    if not _opens(desk, content["SecurityCredential"]):
        return "2001"
    return ENDINGS.get(ending_of(content), "0")


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
    if ending_of(order) == 37:
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
    ending = ending_of(order)
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
    if refused := refused_at_door(desk, request, *needed):
        return refused
    content = request.json()
    asked = str(content.get("OriginalConversationID") or content.get("OriginatorConversationID") or "")
    order = desk.store.recall(desk.company, "order", asked)
    originator, conversation = uuid4().hex, new_conversation()
    result: dict[str, Any] = {
        "ResultType": "0",
        "ResultCode": "0" if order else NOT_FOUND,
        "ResultDesc": "The service request is processed successfully." if order else "No such transaction",
        "OriginatorConversationID": originator,
        "ConversationID": conversation,
        "TransactionID": new_receipt(),
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
    if refused := refused_at_door(desk, request, *needed, "RecieverIdentifierType", "QueueTimeOutURL", "Remarks"):
        return refused
    content = request.json()
    receipt = str(content["TransactionID"])
    paid = desk.store.recall(desk.company, "paid_in", receipt)
    first = paid is not None and desk.store.remember(desk.company, "reversed", receipt, True)
    code = "0" if first else "R000001" if paid else "R000002"
    conversation, originator = new_conversation(), uuid4().hex
    result: dict[str, Any] = {
        "ResultType": 0,
        "ResultCode": int(code) if code == "0" else code,
        "ResultDesc": "Done" if first else "Not done",
        "OriginatorConversationID": originator,
        "ConversationID": conversation,
        "TransactionID": new_receipt(),
        "ReferenceData": {"ReferenceItem": {"Key": "Occasion", "Value": content.get("Occasion", "")}},
    }
    if first:
        result["ResultParameters"] = {"ResultParameter": [{"Key": "Amount", "Value": content["Amount"]}]}
    desk.call_back(content["ResultURL"], {"Result": result})
    return _acknowledged(conversation, originator)


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
        ("POST", "/mpesa/stkpush/v1/processrequest"): mpesa_customers.prompt,
        ("POST", "/mpesa/stkpushquery/v1/query"): mpesa_customers.prompt_state,
        ("POST", "/mpesa/c2b/v2/registerurl"): mpesa_customers.register,
        ("POST", "/mpesa/c2b/v2/simulate"): mpesa_customers.pay_in,
        ("GET", "/certificate.pem"): _certificate,
    },
)
