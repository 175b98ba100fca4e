"""What the partner bank says of a PesaLink message, read into our words. Calls nobody."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx

from wekeza_portal.rails.base import Outcome, Receiver, Report, Status
from wekeza_portal.rails.reading import amount_of, code_of, read, text_of, uuid_of
from wekeza_portal.rails.wire import only_asked, refused_at_the_door

DONE = {"0", "00"}
NO_SUCH_MESSAGE = "-13"
# ISO 20022 reject reasons: (reason for staff, reason key for the customer).
REJECTS: Mapping[str, tuple[str, str]] = {
    "AC01": ("no such account", "wrong_account"),
    "AC04": ("account closed", "account_closed"),
    "AC06": ("account blocked", "account_blocked"),
    "AM02": ("over the receiver's limit", "too_large"),
    "AM04": ("our account at the partner bank is short", "not_possible"),
    "BE01": ("name and account differ", "other_name"),
    "TM01": ("after the cut-off", "closed_now"),
}
NO_SUCH_ACCOUNT, PHONE_NOT_LINKED = "wrong_account", "phone_not_linked"
# A duplicate says that the first one is there: that one is asked about.
UNDECIDED = {"DUPL": "they have this message already"}
UNDER_WAY = {"SUBMITTED", "VALIDATING", "APPROVED", "IN_TRANSIT"}
ENDED_BADLY = {"REJECTED", "FAILED"}


def acknowledgement(response: httpx.Response) -> Outcome:
    """ACCEPTED, or a refusal they are sure of. 5xx, 408 and 409 (duplicate) after sending decide nothing."""
    code, reason = _said(response)
    if refused := refused_at_the_door(response, code, reason):
        return _with_customer(refused)
    found = read(response.content)
    if code_of(found, "MessageCode") not in DONE:
        return Outcome(Status.UNKNOWN, code, reason or "not acknowledged", "later")
    return Outcome(Status.ACCEPTED, "0", rail_ids={"message": text_of(found, "MessageReference", 60)})


def state(response: httpx.Response) -> Outcome:
    """The answer to a status enquiry. NOT_FOUND only by the code that says so, not by any 404."""
    code, reason = _said(response)
    if response.status_code == 404 and code == NO_SUCH_MESSAGE:
        return Outcome(Status.NOT_FOUND, code, "PesaLink never had it", "later")
    if refused := refused_at_the_door(response, code, reason):
        return only_asked(refused)
    return _outcome(_destination(read(response.content)))


def result(message: Mapping[str, Any]) -> Report:
    """What became of a payment: the body that came to our address. LookupError or ValueError when unreadable."""
    order_id = uuid_of(message["MessageReference"])
    return Report(_outcome(_destination(message)), order_id)


def receiver(response: httpx.Response, *, by_phone: bool = False) -> Receiver | None:
    """Whose account it is, a refusal where there is none, None for an answer that says neither.

    `by_phone`: a phone number was asked about, so the answer also says which bank it leads to.
    """
    code, _reason = _said(response)
    if code in REJECTS and response.status_code in {200, 400, 404, 422}:
        return Receiver(refusal=_refusal(code, by_phone=by_phone))
    if response.status_code != 200 or code not in DONE:
        return None
    found = read(response.content)
    name = text_of(found, "AccountName")
    return Receiver(name=name, bank=_bank(found) if by_phone else "") if name else None


def _refusal(code: str, *, by_phone: bool) -> str:
    """Why the customer is refused: a phone that leads to no account is no wrong account number."""
    customer = REJECTS[code][1]
    return PHONE_NOT_LINKED if by_phone and customer == NO_SUCH_ACCOUNT else customer


def _bank(message: Mapping[str, Any]) -> str:
    """The Central Bank's two digits of a bank, which PesaLink writes with zeros before them: "0068"."""
    code = text_of(message, "RecipientBankIdentifier", 20)
    return code[-2:].zfill(2) if code.isascii() and code.isdigit() and not code[:-2].strip("0") else code


def _destination(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one destination of a message of ours. ValueError for none or several."""
    found = message["Destinations"]
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], Mapping):
        raise ValueError("not one destination")
    return found[0]


def _outcome(destination: Mapping[str, Any]) -> Outcome:
    stage = text_of(destination, "Status", 20).upper()
    code = text_of(destination, "ResponseCode", 20).upper()
    ids = {"transaction": text_of(destination, "TransactionID", 60)} if destination.get("TransactionID") else {}
    if stage in UNDER_WAY:
        return Outcome(Status.ACCEPTED, stage, "under way at PesaLink", rail_ids=ids)
    if code in DONE and stage in {"", "COMPLETED"}:
        amount = amount_of(destination.get("Amount"))
        receipt, name = text_of(destination, "TransactionID", 64), text_of(destination, "AccountName")
        return Outcome(Status.PAID, "0", rail_ids=ids, receipt=receipt, amount=amount, name=name)
    if not code and not stage:
        raise ValueError("says nothing")
    return replace(_unpaid(code, stage, by_phone=bool(destination.get("PhoneNumber"))), rail_ids=ids)


def _unpaid(code: str, stage: str, *, by_phone: bool) -> Outcome:
    if code in REJECTS:
        return Outcome(Status.REFUSED, code, REJECTS[code][0], _refusal(code, by_phone=by_phone))
    if code not in UNDECIDED and stage in ENDED_BADLY and code not in DONE:
        return Outcome(Status.REFUSED, code or stage, f"PesaLink says {stage}", "not_possible")
    # A code nobody told us of, or two words that contradict each other, decide nothing: the money may have gone.
    return Outcome(Status.UNKNOWN, code or stage, UNDECIDED.get(code, "unknown result code"), "later")


def _said(response: httpx.Response) -> tuple[str, str]:
    """(MessageCode, MessageDescription); empty where there are none."""
    try:
        found = read(response.content)
    except ValueError:
        return "", ""
    return text_of(found, "MessageCode", 20), text_of(found, "MessageDescription", 200)


def _with_customer(refused: Outcome) -> Outcome:
    """A refusal at the door with the customer's reason, where its code is one of the known rejects."""
    if refused.status is Status.REFUSED and refused.code in REJECTS:
        return replace(refused, customer=REJECTS[refused.code][1], stops_rail=False)
    return refused
