"""What Safaricom's Daraja says, read into our words (source: Safaricom's M-Pesa Daraja documentation, v3).

Codes come as integers or strings, lists as objects where there is one entry, parts are missing on failure, and some
names are misspelt at the source. Nothing here calls anybody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings

from wekeza_portal.clock import NAIROBI
from wekeza_portal.rails.base import Outcome, Report, Status
from wekeza_portal.rails.reading import amount_of, code_of

# Result codes of a payment out of our utility account: (reason for staff, reason key for the customer).
REFUSALS: Mapping[str, tuple[str, str]] = {
    "1": ("utility account short of float", "not_possible"),
    "2": ("below M-Pesa's minimum", "too_small"),
    "3": ("above M-Pesa's maximum", "too_large"),
    "4": ("receiver's daily limit", "daily_limit"),
    "8": ("receiver's wallet would be too full", "wallet_full"),
    "11": ("debit party in an invalid state", "not_possible"),
    "21": ("initiator not allowed to do this", "not_possible"),
    "2001": ("initiator's password is wrong", "not_possible"),
    "2006": ("account rule does not permit it", "not_possible"),
    "2028": ("product not permitted", "not_possible"),
    "2040": ("receiver not registered", "not_registered"),
    "8006": ("initiator is locked", "not_possible"),
    "SFC_IC0003": ("operator does not exist", "not_possible"),
}
STOPS_RAIL = {"2001", "8006"}
# Nobody knows after these: another request of the same id, a rule, or a busy system. The original is asked about.
UNDECIDED = {"15": "duplicate detected", "17": "rule limited", "26": "system busy"}

# Result codes of a prompt on the customer's phone.
PROMPT_REFUSALS: Mapping[str, tuple[str, str]] = {
    "1": ("payer has insufficient funds", "no_funds"),
    "2": ("below the minimum", "too_small"),
    "3": ("above the maximum", "too_large"),
    "4": ("payer's daily limit", "daily_limit"),
    "8": ("wallet would be too full", "wallet_full"),
    "17": ("same amount and payer within two minutes", "same_again"),
    "26": ("system busy", "later"),
    "1001": ("another session of the payer is open", "later"),
    "1019": ("expired", "no_answer"),
    "1025": ("the prompt could not be sent", "later"),
    "1032": ("cancelled by the payer", "cancelled"),
    "1037": ("the phone did not answer", "no_answer"),
    "2001": ("wrong PIN", "wrong_pin"),
    "2028": ("product not assigned", "not_possible"),
    "8006": ("payer's credential is locked", "wrong_pin"),
    "9999": ("the prompt could not be sent", "later"),
    "SFC_IC0003": ("operator does not exist", "not_possible"),
}


@dataclass(frozen=True, slots=True)
class Paid:
    """Money that a customer paid to our paybill. `amount` KES, `at` EAT; the phone is masked and identifies nobody."""

    receipt: str
    at: datetime
    amount: Decimal
    account: str
    short_code: str
    payer: str
    masked_phone: str


def moment_of(text: Any) -> datetime:
    """YYYYMMDDHHmmss in Nairobi. ValueError for anything else."""
    return datetime.strptime(str(text), "%Y%m%d%H%M%S").replace(tzinfo=NAIROBI)


def pairs(found: Any, key: str) -> dict[str, Any]:
    """A list of {key, "Value"}, or the one object that stands for such a list, as a mapping; {} for nothing."""
    return dict(_pairs(found, key))


def _pairs(found: Any, key: str) -> Iterator[tuple[str, Any]]:
    for entry in found if isinstance(found, list) else [found]:
        if isinstance(entry, Mapping) and entry.get(key) is not None and entry.get("Value") is not None:
            yield str(entry[key]), entry["Value"]


def result_parameters(result: Mapping[str, Any]) -> dict[str, Any]:
    return pairs((result.get("ResultParameters") or {}).get("ResultParameter"), "Key")


def reference_data(result: Mapping[str, Any]) -> dict[str, Any]:
    return pairs((result.get("ReferenceData") or {}).get("ReferenceItem"), "Key")


def refusal(code: str, table: Mapping[str, tuple[str, str]]) -> Outcome:
    """The outcome of a code that is in the table."""
    reason, customer = table[code]
    return Outcome(Status.REFUSED, code, reason, customer, stops_rail=table is REFUSALS and code in STOPS_RAIL)


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def payment_result(message: Mapping[str, Any]) -> Report:
    """What became of a payment out: the body that came to ResultURL. LookupError or ValueError when unreadable."""
    result = message["Result"]
    code = code_of(result, "ResultCode")
    ids = _ids(result)
    order_id = _uuid(result.get("OriginatorConversationID"))
    if code == "0":
        return Report(_paid(result_parameters(result), ids, str(result.get("TransactionID") or "")), order_id)
    return Report(_with_ids(_unpaid(code), ids), order_id)


def _paid(facts: Mapping[str, Any], ids: Mapping[str, str], receipt: str) -> Outcome:
    name = str(facts.get("ReceiverPartyPublicName") or "").partition(" - ")[2].strip()
    return Outcome(
        Status.PAID,
        "0",
        rail_ids=ids,
        receipt=str(facts.get("TransactionReceipt") or receipt)[:20],
        amount=amount_of(facts.get("TransactionAmount")),
        name=name[:100],
    )


def _unpaid(code: str) -> Outcome:
    if code in REFUSALS:
        return refusal(code, REFUSALS)
    # A code nobody told us of decides nothing: the money may have gone.
    return Outcome(Status.UNKNOWN, code, UNDECIDED.get(code, "unknown result code"), "later")


def _with_ids(outcome: Outcome, ids: Mapping[str, str]) -> Outcome:
    return Outcome(
        outcome.status, outcome.code, outcome.reason, outcome.customer, rail_ids=ids, stops_rail=outcome.stops_rail
    )


def _ids(result: Mapping[str, Any]) -> dict[str, str]:
    """Their ids; the conversation of a result is the one of the request it answers."""
    return {"conversation": str(result["ConversationID"])[:60]} if result.get("ConversationID") else {}


def queue_timeout(message: Mapping[str, Any]) -> Report:
    """The request itself, sent back because it expired in the queue: nobody knows, so it is enquired."""
    inner = message.get("Result", message)
    order_id = _uuid(inner.get("OriginatorConversationID"))
    if order_id is None:
        raise ValueError("no order's id in it")
    return Report(Outcome(Status.UNKNOWN, "timeout", "expired in M-Pesa's queue", "later", _ids(inner)), order_id)


def status_result(message: Mapping[str, Any]) -> Report:
    """The answer to a status query. Which order it is about stands in its Occasion, or among its parameters."""
    result = message["Result"]
    code = code_of(result, "ResultCode")
    facts = result_parameters(result)
    asked = reference_data(result).get("Occasion") or facts.get("OriginatorConversationID")
    outcome = _status(code, facts)
    if outcome.status is Status.NOT_FOUND:  # true only of the moment when that very question was asked
        outcome = _with_ids(outcome, _ids(result))
    return Report(outcome, _uuid(asked))


def _status(code: str, facts: Mapping[str, Any]) -> Outcome:
    if code in settings.MPESA_NOT_FOUND_CODES:
        return Outcome(Status.NOT_FOUND, code, "M-Pesa never had it", "later")
    if code != "0":
        return Outcome(Status.UNKNOWN, code, "M-Pesa could not say", "later")
    state = str(facts.get("TransactionStatus") or "")
    if state == "Completed":
        name = str(facts.get("CreditPartyName") or "").partition(" - ")[2].strip()
        receipt = str(facts.get("ReceiptNo") or "")[:20]
        return Outcome(Status.PAID, "0", receipt=receipt, amount=amount_of(facts.get("Amount")), name=name[:100])
    if state in {"Failed", "Cancelled", "Declined", "Expired"}:
        return Outcome(Status.REFUSED, state, f"M-Pesa says {state}", "not_possible")
    return Outcome(Status.UNKNOWN, state[:20], "still under way at M-Pesa", "later")


def prompt_result(message: Mapping[str, Any]) -> Report:
    """What became of a prompt on a phone. The order is found by rail_ids["checkout"]: they know no id of ours."""
    callback = message["Body"]["stkCallback"]
    ids = {"checkout": str(callback["CheckoutRequestID"])[:60]}
    code = code_of(callback, "ResultCode")
    if code != "0":
        return Report(_with_ids(prompt_refusal(code), ids))
    facts = pairs((callback.get("CallbackMetadata") or {}).get("Item"), "Name")
    receipt = str(facts.get("MpesaReceiptNumber") or "")[:20]
    return Report(Outcome(Status.PAID, "0", rail_ids=ids, receipt=receipt, amount=amount_of(facts.get("Amount"))))


def prompt_refusal(code: str) -> Outcome:
    """A code without success; one that nobody told us of is a failure, kept raw: nothing of ours has moved."""
    if code in PROMPT_REFUSALS:
        return refusal(code, PROMPT_REFUSALS)
    return Outcome(Status.REFUSED, code, "unknown result code", "not_possible")


def reversal_result(message: Mapping[str, Any]) -> Report:
    """What became of a reversal of money paid in. R000001 says that it was reversed before."""
    result = message["Result"]
    code = code_of(result, "ResultCode")
    order_id = _uuid(reference_data(result).get("Occasion"))
    facts = result_parameters(result)
    if code in {"0", "R000001"}:
        receipt = str(result.get("TransactionID") or "")[:20]
        return Report(Outcome(Status.PAID, code, receipt=receipt, amount=amount_of(facts.get("Amount"))), order_id)
    if code == "R000002":
        return Report(Outcome(Status.REFUSED, code, "original receipt is invalid", "not_possible"), order_id)
    return Report(_unpaid(code), order_id)


def paid_in(message: Mapping[str, Any]) -> Paid:
    """Money paid to our paybill (validation and confirmation look the same). LookupError or ValueError: unreadable."""
    amount = amount_of(message["TransAmount"])
    receipt = str(message["TransID"]).strip().upper()
    if not amount or not (receipt.isascii() and receipt.isalnum() and len(receipt) <= 20):
        raise ValueError("no amount or no receipt")
    names = (str(message.get(part) or "").strip() for part in ("FirstName", "MiddleName", "LastName"))
    return Paid(
        receipt=receipt,
        at=moment_of(message["TransTime"]),
        amount=amount,
        account="".join(str(message.get("BillRefNumber") or "").split()).upper()[:20],
        short_code=str(message["BusinessShortCode"])[:20],
        payer=" ".join(name for name in names if name)[:100],
        masked_phone=str(message.get("MSISDN") or "")[:64],
    )
