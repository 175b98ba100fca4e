"""What Airtel Money says of a disbursement, read into our words. Calls nobody.

An answer carries a status of the transaction (TS, TF, TA, TIP, TE, TU) and a code (DP009000010xx). Only where both
allow it is an order paid or refused.
"""

import re
from collections.abc import Mapping
from typing import Any

import httpx

from wekeza_portal.rails.base import Outcome, Receiver, Status
from wekeza_portal.rails.reading import UNREADABLE, read, text_of
from wekeza_portal.rails.wire import only_asked, refused_at_the_door

PREFIX = re.compile(r"DP0*9000010([0-9]{2})", re.ASCII)
# The last two digits of DP009000010xx: (reason for staff, reason key for the customer).
REFUSALS: Mapping[str, tuple[str, str]] = {
    "03": ("receiver's daily limit", "daily_limit"),
    "04": ("amount out of range", "amount_refused"),
    "05": ("failed", "not_possible"),
    "07": ("our wallet is short of float", "not_possible"),
    "09": ("receiver is no valid one", "not_registered"),
    "10": ("receiver not allowed to take it", "account_blocked"),
    "12": ("not a number of theirs", "not_registered"),
    "13": ("refused", "not_possible"),
    "16": ("our signature does not fit", "not_possible"),
}
UNDECIDED: Mapping[str, str] = {
    "00": "ambiguous",
    "11": "invalid or duplicate",
    "14": "timed out there",
    "15": "not found",
    "17": "they have this id already",
}
NOT_FOUND = "15"
STOPS_RAIL = {"16"}


def sent(response: httpx.Response) -> Outcome:
    """The answer to a disbursement. 5xx, ambiguous and duplicate decide nothing."""
    stage, code, raw, facts = _said(response)
    if stage or code:
        return _outcome(stage, code, raw, facts)
    refused = refused_at_the_door(response, raw, facts.get("reason", ""))
    return refused or Outcome(Status.UNKNOWN, raw or str(response.status_code), "says nothing", "later")


def state(response: httpx.Response) -> Outcome:
    """The answer to an enquiry. An order that expired was never done; one they do not know was never there."""
    stage, code, raw, facts = _said(response)
    if code == NOT_FOUND and stage in {"", "TF"}:
        return Outcome(Status.NOT_FOUND, raw, "Airtel Money never had it", "later")
    if stage == "TE":
        return Outcome(Status.REFUSED, raw or stage, "expired there", "later")
    if stage or code:
        return _outcome(stage, code, raw, facts)
    refused = refused_at_the_door(response, raw, facts.get("reason", ""))
    return only_asked(refused) if refused else Outcome(Status.UNKNOWN, raw, "says nothing", "later")


def subscriber(response: httpx.Response) -> Receiver | None:
    """Who has this number, or the refusal; None for an answer that says neither."""
    if response.status_code == 404:
        return Receiver(refusal="not_registered")
    if response.status_code != 200:
        return None
    found: Mapping[str, Any] = read(response.content)["data"]
    registered = (found.get("registration") or {}).get("status") or found.get("reg_status")
    if registered != "SUBSCRIBED":
        return Receiver(refusal="not_registered") if registered else None
    if found.get("is_barred"):
        return Receiver(refusal="account_blocked")
    name = f"{text_of(found, 'first_name', 50)} {text_of(found, 'last_name', 50)}".strip()
    return Receiver(name=name) if name else None


def _said(response: httpx.Response) -> tuple[str, str, str, dict[str, str]]:
    """(transaction's status, last two digits of the code, the code as it came, further facts); all may be empty."""
    try:
        found = read(response.content)
        transaction = (found.get("data") or {}).get("transaction") or {}
        status = found.get("status") or {}
        raw = text_of(status, "response_code", 30)
        facts = {
            "receipt": text_of(transaction, "airtel_money_id", 64),
            "their_reference": text_of(transaction, "reference_id", 60),
            "reason": text_of(status, "message", 200),
        }
        stage = text_of(transaction, "status", 10).upper()
    except UNREADABLE:
        return "", "", "", {}
    known = PREFIX.fullmatch(raw)
    return stage, known.group(1) if known else "", raw, facts


def _outcome(stage: str, code: str, raw: str, facts: Mapping[str, str]) -> Outcome:
    ids = {"airtel": facts["their_reference"]} if facts["their_reference"] else {}
    shown = raw or stage
    if stage == "TS" and code in {"01", ""}:
        return Outcome(Status.PAID, shown, rail_ids=ids, receipt=facts["receipt"])
    if stage == "TIP" or (stage == "" and code == "06"):
        return Outcome(Status.ACCEPTED, shown, "in process", rail_ids=ids)
    if stage in {"TF", ""} and code in REFUSALS:
        reason, customer = REFUSALS[code]
        return Outcome(Status.REFUSED, shown, reason, customer, rail_ids=ids, stops_rail=code in STOPS_RAIL)
    if stage == "TF" and code not in UNDECIDED and code != "01":
        return Outcome(Status.REFUSED, shown, facts["reason"] or "failed", "not_possible", rail_ids=ids)
    # TA, TU, an expired one that was just sent, and words that contradict each other: the money may have gone.
    return Outcome(Status.UNKNOWN, shown, UNDECIDED.get(code, "ambiguous"), "later", rail_ids=ids)
