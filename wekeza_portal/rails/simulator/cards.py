"""The card processor: makes cards, shows a PIN once, and plays the person who uses a card (/cards/use).

A card's token, number, PIN and last day come out of our id for it, so that the demo bank can have cards before this
process has started. Names that hold REFUSE are refused (422). A physical card reports SENT, then ARRIVED.
"""

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import replace
from datetime import date, datetime
from html import escape
from typing import Any, NamedTuple
from uuid import UUID

from wekeza_portal.rails.simulator import cards_page
from wekeza_portal.rails.simulator.company import Accepted, Company, Reply, Request
from wekeza_portal.rails.simulator.desk import Desk, not_found
from wekeza_portal.rails.simulator.page import NAIROBI as NAIROBI_TIME

AUTHORISE, REPORT = "cards.authorise", "cards.report"
LOOK_SECONDS = 60
NAIROBI = {"city": "NAIROBI", "country": "KE"}
PLACES: dict[str, dict[str, str]] = {
    "ATM": {"channel": "ATM", "merchant": "WEKEZA ATM MOI AVENUE", "category": "6011", **NAIROBI},
    "SHOP": {"channel": "SHOP", "merchant": "NAIVAS", "category": "5411", **NAIROBI},
    "CONTACTLESS": {"channel": "CONTACTLESS", "merchant": "JAVA HOUSE", "category": "5814", **NAIROBI},
    "ONLINE": {"channel": "ONLINE", "merchant": "JUMIA KENYA", "category": "5311", **NAIROBI},
    "ABROAD": {"channel": "SHOP", "merchant": "CARREFOUR", "category": "5411", "city": "KAMPALA", "country": "UG"},
    "BET": {"channel": "ONLINE", "merchant": "LUCKY BETS", "category": "7995", **NAIROBI},
}
"""Where the page uses a card: the keys of cards_page.WAYS."""


class Plastic(NamedTuple):
    """What is on a card, and its PIN. Leaves this process only on the page of a look."""

    token: str
    number: str
    pin: str
    code: str
    expires_on: date


def plastic(card_id: UUID, today: date) -> Plastic:
    """The card of this id: always the same one. Numbers begin with 9: no real card does."""
    dice = int.from_bytes(hashlib.sha256(b"railsim.cards" + card_id.bytes).digest(), "big")
    number = f"9{dice % 10**14:014d}"
    month = date(today.year + 4, today.month, 1)
    last = date(month.year + month.month // 12, month.month % 12 + 1, 1).toordinal() - 1
    token = f"card_{hashlib.sha256(b'token' + card_id.bytes).hexdigest()[:24]}"
    return Plastic(
        token,
        number + _check_digit(number),
        f"{dice // 7 % 10000:04d}",
        f"{dice // 11 % 1000:03d}",
        date.fromordinal(last),
    )


def _day(moment: Any) -> date:
    return datetime.fromtimestamp(moment, NAIROBI_TIME).date()


def _check_digit(digits: str) -> str:
    doubled = [int(d) * (2 - i % 2) for i, d in enumerate(reversed(digits))]
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def signature(key: str, method: str, what: str, timestamp: str, nonce: str, body: bytes) -> str:
    head = "\n".join([method, what, timestamp, nonce, ""]).encode()
    return hmac.new(key.encode(), head + body, hashlib.sha256).hexdigest()


def signed(desk: Desk, what: str, body: bytes) -> dict[str, str]:
    """The headers of a message to the bank."""
    stamp, nonce = str(int(time.time())), secrets.token_hex(16)
    return {
        "X-Timestamp": stamp,
        "X-Nonce": nonce,
        "X-Signature": signature(desk.secret, "POST", what, stamp, nonce, body),
    }


def _is_signed(desk: Desk, request: Request) -> bool:
    stamp, nonce = request.headers.get("x-timestamp", ""), request.headers.get("x-nonce", "")
    wanted = signature(desk.secret, request.method, request.path, stamp, nonce, request.body)
    return hmac.compare_digest(request.headers.get("x-signature", ""), wanted)


def _make(desk: Desk, request: Request) -> Reply:
    if not _is_signed(desk, request):
        return Reply(403, {"code": "SIGNATURE"})
    order = request.json()
    card_id = UUID(str(order["id"]))
    if "REFUSE" in str(order["name"]):
        return Reply(422, {"code": "NAME"})
    made = plastic(card_id, _day(time.time()))
    said = {"token": made.token, "last_four": made.number[-4:], "expires_on": made.expires_on.isoformat()}
    fresh = desk.store.remember(
        desk.company, "card", made.token, {"id": card_id.hex, "made": time.time(), **order, **said}
    )
    if fresh and order["kind"] == "PHYSICAL":
        for state in ("SENT", "ARRIVED"):
            _report(desk, {"type": "CARD", "card": made.token, "state": state})
    return Accepted(200, said)


def _card_call(desk: Desk, request: Request) -> Reply:
    """/v1/cards/<token>/end and /v1/cards/<token>/looks."""
    if not _is_signed(desk, request):
        return Reply(403, {"code": "SIGNATURE"})
    token, _, act = request.path.removeprefix("/v1/cards/").partition("/")
    card = desk.store.recall(desk.company, "card", token)
    if card is None:
        return Reply(422, {"code": "NO_SUCH_CARD"})
    if act == "end":
        desk.store.replace(desk.company, "card", token, {**card, "ended": str(request.json()["reason"])})
        return Accepted(200, {"status": "DONE"})
    if act != "looks":
        return not_found()
    key = secrets.token_urlsafe(24)
    about = {"card": token, "what": str(request.json()["what"]), "until": time.time() + LOOK_SECONDS}
    desk.store.replace(desk.company, "look", key, about)
    return Reply(200, {"url": f"http://{request.headers['host']}/cards/looks/{key}"}, is_secret=True)


def _look(desk: Desk, request: Request) -> Reply:
    """The page behind the one address: whoever opens it first sees it, and nobody after."""
    key = request.path.rpartition("/")[2]
    look = desk.store.recall(desk.company, "look", key)
    if look is None or look["until"] < time.time():
        return cards_page.page("<p>This address was opened already, or its minute is over.</p>", status=410)
    desk.store.replace(desk.company, "look", key, {**look, "until": 0})
    card = desk.store.recall(desk.company, "card", look["card"])
    made = plastic(UUID(card["id"]), _day(card["made"]))
    if look["what"] == "NUMBER":
        groups = " ".join(made.number[n : n + 4] for n in range(0, 16, 4))
        shown = f"<p>Number</p><h2>{groups}</h2><p>Until {made.expires_on:%m/%y}, security code {made.code}</p>"
    else:
        shown = f"<p>PIN</p><h2>{made.pin}</h2>"
    page = cards_page.page(f"{shown}<p>This page does not open a second time.</p>")
    return replace(page, is_secret=True)


def _use_page(desk: Desk, request: Request) -> Reply:
    return cards_page.page(_form(desk))


def _use(desk: Desk, request: Request) -> Reply:
    """The form of /cards/use: use a card, or take a use back."""
    form = request.form()
    if "take_back" in form:
        take_back(desk, form["take_back"])
        return cards_page.page("<p>Reported as taken back.</p>" + _form(desk))
    said = use(desk, form["card"], form["way"], form["amount"])
    return cards_page.page(f"<p><b>{escape(json.dumps(said))}</b></p>{_form(desk)}")


def _form(desk: Desk) -> str:
    return cards_page.form(_kept(desk, "card"), _kept(desk, "use"))


def _kept(desk: Desk, kind: str) -> list[dict[str, Any]]:
    rows = desk.store.rows("SELECT value FROM note WHERE company = ? AND kind = ?", (desk.company, kind))
    return [json.loads(row["value"]) for row in rows]


def use(desk: Desk, token: str, way: str, amount: str, *, use_id: str = "") -> dict[str, Any]:
    """Ask the bank whether a card may be used; its answer with the HTTP status. Kept, so that it can be taken back."""
    question = {
        "type": "AUTHORISE",
        "id": use_id or f"use-{secrets.token_hex(12)}",
        "card": token,
        "amount": amount,
        "currency": "KES",
        **PLACES[way],
    }
    body = json.dumps(question).encode()
    status, answer = desk.ask(desk.addresses[AUTHORISE], body, signed(desk, AUTHORISE, body))
    desk.store.replace(desk.company, "use", question["id"], {"question": question, "answer": answer, "at": time.time()})
    return {"status": status, **answer}


def take_back(desk: Desk, use_id: str) -> None:
    """Report that a use was reversed. LookupError for an unknown one."""
    kept = desk.store.recall(desk.company, "use", use_id)
    if kept is None:
        raise LookupError("no such use")
    _report(desk, {**kept["question"], "type": "REVERSAL"})


def _report(desk: Desk, content: dict[str, Any]) -> None:
    body = json.dumps(content)
    desk.call_back(desk.addresses[REPORT], body, headers=signed(desk, REPORT, body.encode()))


ROUTES = {
    ("POST", "/v1/cards"): _make,
    ("POST", "/v1/cards/*"): _card_call,
    ("GET", "/looks/*"): _look,
    ("GET", "/use"): _use_page,
    ("POST", "/use"): _use,
}
COMPANY = Company("cards", "Card processor", ROUTES)
