"""Pure rules about cards: what state one is in, what its owner allows, why a use is refused. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from accounts.models import Card
from wekeza_portal.clock import NAIROBI

HOME = "KE"
GAMBLING = frozenset({"7800", "7801", "7802", "7995"})
"""Merchant categories of lotteries, casinos, races and bets (ISO 18245)."""
SWITCHES = ("online", "contactless", "abroad", "gambling")
ATM_DAILY = "atm_daily"


class Channel(StrEnum):
    """Where a card was used. The processor's own words."""

    ATM = "ATM"
    SHOP = "SHOP"
    CONTACTLESS = "CONTACTLESS"
    ONLINE = "ONLINE"


class Standing(StrEnum):
    """What a card is now, the gravest first that applies."""

    REFUSED = "REFUSED"
    LOST = "LOST"
    STOLEN = "STOLEN"
    EXPIRED = "EXPIRED"
    BLOCKED = "BLOCKED"
    FROZEN = "FROZEN"
    ORDERED = "ORDERED"
    MAKING = "MAKING"
    SENT = "SENT"
    ARRIVED = "ARRIVED"
    ACTIVE = "ACTIVE"


class Why(StrEnum):
    """Why a use was refused; each has a code of ISO 8583 (CODES) and words for the customer (wording.py)."""

    LOST = "lost"
    STOLEN = "stolen"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    FROZEN = "frozen"
    NOT_ACTIVE = "not_active"
    STOPPED = "stopped"
    ONLINE = "online"
    CONTACTLESS = "contactless"
    ABROAD = "abroad"
    GAMBLING = "gambling"
    NO_CASH = "no_cash"
    OWN_ATM_LIMIT = "own_atm_limit"
    ATM_LIMIT = "atm_limit"
    RECOVERY = "recovery"
    NO_FUNDS = "no_funds"
    ACCOUNT = "account"
    TAKEN_BACK = "taken_back"


APPROVED, NO_SUCH_CARD, BUSY = "00", "14", "91"
CODES: Mapping[str, str] = {
    Why.LOST: "41",
    Why.STOLEN: "43",
    Why.EXPIRED: "54",
    Why.BLOCKED: "62",
    Why.FROZEN: "62",
    Why.NOT_ACTIVE: "78",
    Why.STOPPED: "62",
    Why.ONLINE: "57",
    Why.CONTACTLESS: "57",
    Why.ABROAD: "57",
    Why.GAMBLING: "57",
    Why.NO_CASH: "57",
    Why.OWN_ATM_LIMIT: "61",
    Why.ATM_LIMIT: "61",
    Why.RECOVERY: "61",
    Why.NO_FUNDS: "51",
    Why.ACCOUNT: "62",
    Why.TAKEN_BACK: "12",
}


@dataclass(frozen=True, slots=True)
class Controls:
    """What the owner allows. `atm_daily`: KES a Nairobi day at cash machines."""

    atm_daily: Decimal
    online: bool
    contactless: bool
    abroad: bool
    gambling: bool


def standing_of(card: Card, today: date) -> Standing:
    """What this card is on `today` (Nairobi)."""
    if card.state == Card.State.LOST:
        return Standing.STOLEN if card.loss == Card.Loss.STOLEN else Standing.LOST
    if card.state == Card.State.REFUSED:
        return Standing.REFUSED
    if card.expires_on is not None and card.expires_on < today:
        return Standing.EXPIRED
    if card.blocked_at is not None:
        return Standing.BLOCKED
    if card.frozen_at is not None:
        return Standing.FROZEN
    return Standing(card.state)


def is_over(standing: Standing) -> bool:
    """Whether the card will never work again."""
    return standing in {Standing.REFUSED, Standing.LOST, Standing.STOLEN, Standing.EXPIRED}


def controls_at(card: Card, now: datetime) -> Controls:
    """What its owner allows now: wishes whose time has come are in force, without anybody having written it."""
    written = Controls(card.atm_daily, card.online, card.contactless, card.abroad, card.gambling)
    return replace(written, **begun_at(card, now))


def begun_at(card: Card, now: datetime) -> dict[str, Any]:
    """The wishes whose time has come, with their values."""
    return {name: value_of(name, wish["to"]) for name, wish in _wishes_of(card) if _has_begun(wish, now)}


def waiting_at(card: Card, now: datetime) -> dict[str, tuple[Any, datetime]]:
    """What was asked to be loosened and is not yet: by control, the value and since when it will hold."""
    return {
        name: (value_of(name, wish["to"]), datetime.fromisoformat(wish["from"]).astimezone(NAIROBI))
        for name, wish in _wishes_of(card)
        if not _has_begun(wish, now)
    }


def _wishes_of(card: Card) -> list[tuple[str, Mapping[str, str]]]:
    """Its wishes. What names no control is nobody's wish: it loosens nothing, and waits for nothing."""
    known = (ATM_DAILY, *SWITCHES)
    return [(name, wish) for name, wish in card.wishes.items() if name in known]


def value_of(name: str, text: str) -> Any:
    """A control's value from its stored text: KES for the cash machines, "1" or "0" for a switch."""
    return Decimal(text) if name == ATM_DAILY else text == "1"


def text_of(value: Any) -> str:
    """The stored text of a control's value."""
    return str(value) if isinstance(value, Decimal) else "1" if value else "0"


def loosened(before: Controls, after: Controls) -> dict[str, Any]:
    """The controls that would allow more than before, with their new values."""
    return {name: value for name, value in _changed(before, after) if value > getattr(before, name)}


def tightened(before: Controls, after: Controls) -> dict[str, Any]:
    """The controls that would allow less than before, with their new values."""
    return {name: value for name, value in _changed(before, after) if value < getattr(before, name)}


def _changed(before: Controls, after: Controls) -> list[tuple[str, Any]]:
    names = (ATM_DAILY, *SWITCHES)
    return [(name, getattr(after, name)) for name in names if getattr(after, name) != getattr(before, name)]


def _has_begun(wish: Mapping[str, str], now: datetime) -> bool:
    return datetime.fromisoformat(wish["from"]) <= now


OBSTACLES: Mapping[Standing, Why] = {
    Standing.REFUSED: Why.NOT_ACTIVE,
    Standing.LOST: Why.LOST,
    Standing.STOLEN: Why.STOLEN,
    Standing.EXPIRED: Why.EXPIRED,
    Standing.BLOCKED: Why.BLOCKED,
    Standing.FROZEN: Why.FROZEN,
    Standing.ORDERED: Why.NOT_ACTIVE,
    Standing.MAKING: Why.NOT_ACTIVE,
    Standing.SENT: Why.NOT_ACTIVE,
    Standing.ARRIVED: Why.NOT_ACTIVE,
}


def forbidden(card: Card, controls: Controls, channel: Channel, *, country: str, category: str) -> Why | None:
    """Which of the owner's controls speaks against a use; None if none does. Limits are not asked here."""
    if channel is Channel.ATM and card.kind == Card.Kind.VIRTUAL:
        return Why.NO_CASH
    if channel is Channel.ONLINE and not controls.online:
        return Why.ONLINE
    if channel is Channel.CONTACTLESS and not controls.contactless:
        return Why.CONTACTLESS
    if country != HOME and not controls.abroad:
        return Why.ABROAD
    if category in GAMBLING and not controls.gambling:
        return Why.GAMBLING
    return None


def beyond_cash(amount: Decimal, *, by_card: Decimal, own: Decimal, by_all: Decimal, bank: Decimal) -> Why | None:
    """Which day's limit at cash machines `amount` would pass: the card's own, or the bank's for all cards together.

    `by_card` and `by_all` are what was taken today already, `own` and `bank` the limits; all KES.
    """
    if by_card + amount > own:
        return Why.OWN_ATM_LIMIT
    return Why.ATM_LIMIT if by_all + amount > bank else None
