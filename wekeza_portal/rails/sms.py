"""SMS through Africa's Talking (its documentation: docs.africastalking.com, bulk SMS)."""

from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import parse_qs

import httpx
import phonenumbers
from django.conf import settings

from wekeza_portal import http


class Outcome(Enum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider said. `reason` is short and holds neither number nor text; `message_id` is theirs."""

    outcome: Outcome
    reason: str = ""
    message_id: str = ""


ACCEPTED_CODES = {100, 101, 102}
REFUSALS = {
    402: "sender name not known to the provider",
    403: "not a phone number",
    404: "number not supported",
    406: "number blacklisted",
    409: "subscriber wants no messages",
}
# Ours to put right (credit, a hold on the account) or theirs (gateway): the message itself is good.
FAILURES = {401: "risk hold", 405: "no credit left", 407: "no route", 500: "gateway", 501: "gateway", 502: "gateway"}


def normalised(number: str) -> str | None:
    """`number` as +254..., however a Kenyan writes it; other countries need their own +. None if it can't be one."""
    try:
        parsed = phonenumbers.parse(number, "KE")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def send(to: str, text: str) -> Answer:
    """Send `text` to one number. Never raises: what can go wrong is an `Answer`."""
    number = normalised(to)
    if number is None:
        return Answer(Outcome.REFUSED, "not a phone number")
    form = {"username": settings.SMS_USERNAME, "to": number, "message": text, "bulkSMSMode": "1"}
    if settings.SMS_SENDER_ID:
        form["from"] = settings.SMS_SENDER_ID
    headers = {"apiKey": settings.SMS_API_KEY, "Accept": "application/json"}
    try:
        response = http.call("POST", settings.SMS_API_URL, data=form, headers=headers)
    except httpx.HTTPError as error:
        return Answer(Outcome.RETRY, f"no answer: {type(error).__name__}")
    if response.status_code not in (200, 201):
        return Answer(Outcome.RETRY, f"HTTP {response.status_code}")
    return _read(response)


def _read(response: httpx.Response) -> Answer:
    try:
        recipient: dict[str, Any] = response.json()["SMSMessageData"]["Recipients"][0]
        code = int(recipient["statusCode"])
    except (ValueError, LookupError, TypeError):
        return Answer(Outcome.RETRY, "unreadable answer")
    if code in ACCEPTED_CODES:
        return Answer(Outcome.ACCEPTED, message_id=str(recipient.get("messageId", "")))
    if code in REFUSALS:
        return Answer(Outcome.REFUSED, f"{code} {REFUSALS[code]}")
    return Answer(Outcome.RETRY, f"{code} {FAILURES.get(code, 'unknown code')}")


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one message after the provider took it. `reason` is the provider's word, "" unless it failed."""

    message_id: str
    is_final: bool
    arrived: bool
    reason: str


INTERIM = {"Sent", "Submitted", "Buffered"}
FINAL = {"Success": True, "Rejected": False, "Failed": False}


def read_report(body: bytes, headers: dict[str, str]) -> Report:
    """A delivery report (a form). ValueError or LookupError when it is none, or has a status nobody told us of."""
    form = parse_qs(body.decode("utf-8"), strict_parsing=True)
    message_id, status = form["id"][0], form["status"][0]
    if status not in FINAL and status not in INTERIM:
        raise ValueError(f"unknown status {status[:40]!r}")
    arrived = FINAL.get(status, False)
    reason = "" if arrived or status in INTERIM else form.get("failureReason", [status])[0]
    return Report(message_id, is_final=status in FINAL, arrived=arrived, reason=reason[:80])
