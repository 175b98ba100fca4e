"""What the card processor asks and reports, read strictly; the words are those of docs/cards.md."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from accounts.cards.rules import HOME, Channel

_ID = re.compile(r"[A-Za-z0-9_-]{8,40}", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,2})?", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_CATEGORY = re.compile(r"[0-9]{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a card, as the processor describes it. `id` is its own for good; `amount` is KES."""

    id: str
    card: str
    channel: Channel
    amount: Decimal
    merchant: str
    city: str
    country: str
    category: str
    original_amount: Decimal | None
    original_currency: str

    @property
    def digest(self) -> str:
        """Of everything in it: the same id with anything else is another question."""
        return hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()


def read_use(message: Mapping[str, Any]) -> Use:
    """ValueError or LookupError for anything that is not a whole use in KES."""
    amount = _amount(message["amount"])
    if amount <= 0 or message.get("currency") != "KES":
        raise ValueError("no amount in KES")
    original = _amount(message["original_amount"]) if message.get("original_amount") else None
    return Use(
        id=_fitting(_ID, message["id"], "id"),
        card=_fitting(_TOKEN, message["card"], "card"),
        channel=Channel(str(message["channel"])),
        amount=amount,
        merchant=plain(message.get("merchant"), 40) or "?",
        city=plain(message.get("city"), 30),
        country=_fitting(_COUNTRY, message.get("country", HOME), "country"),
        category=_fitting(_CATEGORY, message["category"], "category") if message.get("category") else "",
        original_amount=original,
        original_currency=_fitting(_CURRENCY, message["original_currency"], "currency") if original else "",
    )


def _amount(value: Any) -> Decimal:
    """A text of ASCII digits with at most two places: no sign, no exponent, no JSON number that was rounded."""
    return Decimal(_fitting(_AMOUNT, value, "amount")).quantize(Decimal("0.01"))


def plain(value: Any, longest: int) -> str:
    """A text of somebody else's on one line of printable ASCII: it goes into the branch's rows and into messages."""
    text = unicodedata.normalize("NFKD", value if isinstance(value, str) else "").encode("ascii", "ignore").decode()
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:longest].strip()


def _fitting(pattern: re.Pattern[str], value: Any, what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"no {what}")
    return value
