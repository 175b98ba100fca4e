"""One interface for every company that carries money: an order goes out, an outcome comes back, now or later.

A rail holds no money logic. The caller stores the order before it is sent, sends it outside any transaction, and reads
the outcome: only REFUSED and NOT_FOUND may be given back to the customer, only NOT_SENT and NOT_FOUND may be sent again
(NOT_SENT under the same id), and UNKNOWN is enquired until it is something else or staff decide.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

import httpx
from django.utils.translation import gettext_lazy as _

from wekeza_portal.rails import circuit
from wekeza_portal.registry import Registry


class Status(Enum):
    """What is known about an order."""

    ACCEPTED = "ACCEPTED"
    """They have it; what becomes of it comes later, as a callback or to an enquiry."""
    PAID = "PAID"
    REFUSED = "REFUSED"
    """They will never do it."""
    NOT_FOUND = "NOT_FOUND"
    """Asked about it, they say that they never had it."""
    NOT_SENT = "NOT_SENT"
    """It certainly never reached them."""
    UNKNOWN = "UNKNOWN"
    """Nobody knows: it may have been done."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done. `id` is ours, stored before the call, and their key against doing it twice.

    `amount` is KES. `destination` by the rail's own words: {"phone": "254711000111"}, {"bank": "01", "account": ...}.
    `may_leave` is asked immediately before the order itself leaves us: False, and it is NOT_SENT.
    """

    id: UUID
    reference: str
    amount: Decimal
    destination: Mapping[str, str]
    may_leave: Callable[[], bool] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a company said, or that it said nothing.

    `code` is theirs, raw. `reason` is for staff. `customer` is a key of CUSTOMER_REASONS, "" where the customer can do
    nothing about it. `rail_ids` are their ids for the order, `receipt` their receipt, `name` whom they say was paid.
    `stops_rail`: nothing else will go through before staff have looked.
    """

    status: Status
    code: str = ""
    reason: str = ""
    customer: str = ""
    rail_ids: Mapping[str, str] = field(default_factory=dict)
    receipt: str = ""
    amount: Decimal | None = None
    name: str = ""
    token: str = ""
    """What a prepaid biller gave for the money: a secret worth it."""
    stops_rail: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a callback says about an order of ours, found by `order_id` or else by one of the outcome's rail_ids."""

    outcome: Outcome
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who the other side says would be paid: `name`, the only `amount` it takes (KES) if it takes only one, or a
    `refusal`: a key of CUSTOMER_REASONS where it knows no such receiver."""

    name: str = ""
    amount: Decimal | None = None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the company itself takes in one order, in KES. `whole`: no cents."""

    least: Decimal
    most: Decimal
    whole: bool = False


class Rail(Protocol):
    """One company. Nothing here raises for what the company does or does not answer: that is an Outcome.

    Not called inside a transaction.
    """

    name: str
    limits: Limits

    def send(self, order: Order) -> Outcome: ...

    def enquire(self, order: Order, rail_ids: Mapping[str, str]) -> Outcome:
        """What became of an order. ACCEPTED: asked, and the answer will come as a callback."""

    def parse(self, kind: str, message: Mapping[str, Any]) -> Report:
        """What a callback says; `kind` as in its name ("mpesa.result"). ValueError or LookupError when unreadable."""


class Directory(Protocol):
    """A rail that can be asked who would be paid, before anything is sent."""

    def look_up(self, destination: Mapping[str, str]) -> Receiver | None:
        """None where no answer came: then nobody has confirmed the name, and nothing is stopped by it."""


rails: Registry[Rail] = Registry("rail")

CUSTOMER_REASONS: Mapping[str, Any] = {
    "not_registered": _("This number is not registered for the service."),
    "too_small": _("The amount is smaller than the service allows."),
    "too_large": _("The amount is larger than the service allows."),
    "daily_limit": _("The receiver has reached the most they may receive in a day."),
    "wallet_full": _("The receiver's wallet cannot hold this much."),
    "no_funds": _("There is not enough money in the wallet."),
    "cancelled": _("The request was cancelled on the phone."),
    "no_answer": _("The phone did not answer in time."),
    "wrong_pin": _("The PIN was wrong."),
    "same_again": _("The same payment was made a moment ago. Please wait two minutes."),
    "wrong_account": _("The receiver's bank does not know this account."),
    "account_closed": _("The receiver's account is closed."),
    "account_blocked": _("The receiver's account cannot take payments at the moment."),
    "other_name": _("The account belongs to somebody else than the name given."),
    "closed_now": _("The receiver's bank does not take payments at this hour."),
    "amount_refused": _("The service does not take this amount."),
    "unknown_number": _("The company does not know this number."),
    "wrong_amount": _("The company takes another amount for this number."),
    "bill_expired": _("This bill or payment number has expired."),
    "later": _("The service is busy. Please try again later."),
    "not_possible": _("The service could not carry this out."),
}
"""Why an order was refused, for the customer; see Outcome.customer."""

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)


def silence(rail: str, error: Exception) -> Outcome:
    """The outcome where there was no answer: NOT_SENT without a connection, else UNKNOWN. Counts as a failure."""
    circuit.failed(rail)
    status = Status.NOT_SENT if isinstance(error, NEVER_LEFT) else Status.UNKNOWN
    return Outcome(status, code=type(error).__name__, reason="no answer", customer="later")


def too_late() -> Outcome:
    """The outcome where an order could have left, and whoever was to send it had lost the right to."""
    return Outcome(Status.NOT_SENT, code="too late", reason="somebody else may look after it by now", customer="later")


def resting(rail: str) -> Outcome:
    """The outcome where nothing is sent because the company has not answered of late."""
    return Outcome(Status.NOT_SENT, code="circuit", reason=f"{rail} has not answered of late", customer="later")
