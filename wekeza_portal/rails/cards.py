"""The company that makes our cards and asks us about each use: the contract is docs/cards.md.

Every message, in either direction, is signed with the key that both hold: X-Signature is the HMAC-SHA256, in hex, of
the parts that `signature` names. A card number or PIN never comes here: cards have a token and four digits.
"""

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx
from django.conf import settings

from wekeza_portal.rails import credentials
from wekeza_portal.rails.reading import UNREADABLE, read, text_of
from wekeza_portal.rails.wire import Line, NoAnswer

NAME, TITLE = "cards", "The card processor"
AUTHORISE, REPORT = "cards.authorise", "cards.report"
"""Names of the two addresses it is told."""
CLOCKS_APART = 300
"""Seconds between its clock and ours above which a question is not believed."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_FOUR = re.compile(r"[0-9]{4}", re.ASCII)
_CARD_NUMBER = re.compile(r"(?:[0-9][ -]?){12,18}[0-9]", re.ASCII)


class WrongSignature(Exception):
    """The message was not signed by the processor, or too long ago."""


@dataclass(frozen=True, slots=True)
class Made:
    """A card as the processor has it: `token`, the last four digits, the last day it works."""

    token: str
    last_four: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a call: `made` where a card was asked for, `url` where a look, `refusal` its code if it said no.

    None of them: it is not known what came of it, and the same may be asked again under the same id.
    """

    made: Made | None = None
    url: str = ""
    refusal: str = ""
    is_done: bool = False
    reason: str = ""


def signature(method: str, what: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The signature of one message. `what` is the path of a call to it, the name of the address of one to us."""
    key = settings.CARDS_KEY.encode()
    head = "\n".join([method, what, timestamp, nonce, ""]).encode()
    return hmac.new(key, head + body, hashlib.sha256).hexdigest()


def signed(method: str, what: str, body: bytes) -> dict[str, str]:
    """The headers of a message of this moment."""
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    signs = signature(method, what, timestamp, nonce, body)
    return {"X-Timestamp": timestamp, "X-Nonce": nonce, "X-Signature": signs}


def refuse_unless_signed(what: str, body: bytes, headers: Mapping[str, str], *, now_only: bool) -> None:
    """Raises WrongSignature for a POST to our address `what` that the processor did not sign.

    `now_only`: nor for one signed longer ago than CLOCKS_APART. Reports are read later and may be older.
    """
    given = {name.lower(): value for name, value in headers.items()}
    timestamp, nonce = given.get("x-timestamp", ""), given.get("x-nonce", "")
    wanted = signature("POST", what, timestamp, nonce, body)
    if not settings.CARDS_KEY or not hmac.compare_digest(given.get("x-signature", "").encode(), wanted.encode()):
        raise WrongSignature("the signature does not fit")
    if now_only and not (timestamp.isascii() and timestamp.isdigit() and _is_fresh(int(timestamp))):
        raise WrongSignature("signed too long ago")


def _is_fresh(timestamp: int) -> bool:
    return abs(time.time() - timestamp) <= CLOCKS_APART


def may_be_asked() -> bool:
    """Whether the processor is set up, so that cards may be offered."""
    return credentials.may_be_offered(NAME)


def order(card_id: UUID, *, kind: str, name: str, branch: str, address: str) -> Said:
    """Have a card made under our id; asked again it gives the same card. Not inside a transaction.

    Of `branch` and `address` at most one: where its owner collects it, or where a courier brings it.
    """
    content = {"id": card_id.hex, "kind": kind, "name": name, "branch": branch, "address": address}
    return _ask("/v1/cards", content)


def end(token: str, reason: str) -> Said:
    """Say that a card is lost for good (LOST, STOLEN), so that it is refused before anybody asks us."""
    return _ask(f"/v1/cards/{token}/end", {"reason": reason})


def look(token: str, sight_id: UUID, what: str) -> Said:
    """A page of the processor's that shows the PIN or the number once, to whoever opens it within a minute."""
    return _ask(f"/v1/cards/{token}/looks", {"id": sight_id.hex, "what": what})


def _ask(path: str, content: Mapping[str, str]) -> Said:
    if credentials.missing(NAME):
        return Said(reason="not set up")
    body = json.dumps(content).encode()
    headers = {"Content-Type": "application/json", **signed("POST", path, body)}
    try:
        line, url = Line(NAME, TITLE), f"{settings.CARDS_URL}{path}"
        response = line.answer("POST", url, headers, content=body, logged_as="/v1/cards/...")
        return _said(response)
    except NoAnswer as silent:
        return Said(reason=silent.outcome.reason)
    except UNREADABLE:
        return Said(reason="unreadable answer")


def _said(response: httpx.Response) -> Said:
    """422 is its refusal; every other failure leaves it open."""
    if response.status_code == 422:
        return Said(refusal=text_of(read(response.content), "code", 30) or "REFUSED")
    if response.status_code != 200:
        return Said(reason=f"HTTP {response.status_code}")
    found = read(response.content)
    made = _made(found) if "token" in found else None
    return Said(made, _address(found), is_done=text_of(found, "status") == "DONE")


def _made(found: Mapping[str, Any]) -> Made:
    """ValueError for what is no card of ours to keep: a token that is a card number is never stored."""
    token, last_four = str(found["token"]), str(found["last_four"])
    if not _TOKEN.fullmatch(token) or _CARD_NUMBER.search(token) or not _FOUR.fullmatch(last_four):
        raise ValueError("no card")
    return Made(token, last_four, date.fromisoformat(str(found["expires_on"])))


def _address(found: Mapping[str, Any]) -> str:
    """The page of a look, below the processor's own address for such pages."""
    url = str(found.get("url", ""))
    if url and not url.startswith(f"{settings.CARDS_PAGES}/"):
        raise ValueError("a page of somebody else's")
    return url
