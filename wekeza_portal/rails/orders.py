"""The contract we ask of companies that publish none: an order under our id, its state, and a callback.

    POST {url}/v1/payments       {id, reference, amount, callback_url, ...}  -> 200 state, 409 known already
    GET  {url}/v1/payments/{id}                                              -> 200 state, 404 {"code": "NOT_FOUND"}
    callback                     state

A state is {id, status: PENDING | PAID | REJECTED, amount, receipt, name, token, code, message}, amounts KES as text.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
from django.conf import settings

from wekeza_portal.rails import callbacks, credentials
from wekeza_portal.rails.base import Limits, Order, Outcome, Report, Status
from wekeza_portal.rails.reading import amount_of, read, text_of, uuid_of
from wekeza_portal.rails.wire import Line, only_asked, refused_at_the_door

# Why an order was rejected: (reason for staff, reason key for the customer).
REJECTS: Mapping[str, tuple[str, str]] = {
    "UNKNOWN_ACCOUNT": ("no such number", "unknown_number"),
    "NOT_REGISTERED": ("phone not registered", "not_registered"),
    "BLOCKED": ("receiver can't be paid", "account_blocked"),
    "TOO_SMALL": ("below the minimum", "too_small"),
    "TOO_LARGE": ("above the maximum", "too_large"),
    "WRONG_AMOUNT": ("another amount is due", "wrong_amount"),
    "EXPIRED": ("bill or number has expired", "bill_expired"),
    "WALLET_FULL": ("receiver's wallet would be too full", "wallet_full"),
    "FLOAT": ("our account there is short", "not_possible"),
}
TOKEN_DIGITS = 20


class Orders:
    """A company that speaks this contract. `prefix` begins its settings: <prefix>_URL, <prefix>_KEY."""

    name: str
    title: str
    prefix: str
    limits = Limits(Decimal(1), Decimal(100_000))

    def receiver(self, order: Order) -> dict[str, str]:
        """The fields of the order that name the receiver."""
        raise NotImplementedError

    def send(self, order: Order) -> Outcome:
        """Pay. The order's id is their key against paying twice."""
        content = {
            "id": order.id.hex,
            "reference": order.reference,
            "amount": f"{order.amount:.2f}",
            "callback_url": callbacks.address_for(f"{self.name}.result"),
            **self.receiver(order),
        }
        return self._ask("POST", "/v1/payments", self._sent, json=content, order=order)

    def enquire(self, order: Order, rail_ids: Mapping[str, str]) -> Outcome:
        """What became of it, answered at once; NOT_FOUND when they never had it."""
        return self._ask("GET", f"/v1/payments/{order.id.hex}", self._asked)

    def parse(self, kind: str, message: Mapping[str, Any]) -> Report:
        return Report(state(message), uuid_of(message["id"]))

    def line(self) -> Line:
        return Line(self.name, self.title)

    def address(self, path: str) -> str:
        return f"{getattr(settings, f'{self.prefix}_URL')}{path}"

    def headers(self) -> dict[str, str]:
        return {"X-Api-Key": getattr(settings, f"{self.prefix}_KEY", "")}

    def _ask(self, method: str, path: str, read: Any, **content: Any) -> Outcome:
        if credentials.missing(self.name):
            return Outcome(Status.NOT_SENT, "no credentials", f"{self.title} is not set up", "later")
        return self.line().ask(method, self.address(path), read, headers=self.headers(), **content)

    @staticmethod
    def _sent(response: httpx.Response) -> Outcome:
        code, reason = said(response)
        if response.status_code == 422 and code in REJECTS:
            return rejected(code, reason)
        return refused_at_the_door(response, code, reason) or state(read(response.content))

    @staticmethod
    def _asked(response: httpx.Response) -> Outcome:
        code, reason = said(response)
        if response.status_code == 404 and code == "NOT_FOUND":
            return Outcome(Status.NOT_FOUND, code, "they never had it", "later")
        refused = refused_at_the_door(response, code, reason)
        return only_asked(refused) if refused else state(read(response.content))


def state(message: Mapping[str, Any]) -> Outcome:
    """A state in our words. LookupError or ValueError when it is none."""
    status, code = text_of(message, "status", 20), text_of(message, "code", 30)
    if status == "PAID":
        return Outcome(
            Status.PAID,
            "PAID",
            receipt=text_of(message, "receipt", 64),
            amount=amount_of(message.get("amount")),
            name=text_of(message, "name"),
            token=_token(message),
        )
    if status == "PENDING":
        return Outcome(Status.ACCEPTED, status, "under way")
    if status == "REJECTED":
        return rejected(code, text_of(message, "message", 200))
    raise ValueError("no state")


def rejected(code: str, words: str) -> Outcome:
    """The outcome of a rejection; an unknown code is kept raw."""
    reason, customer = REJECTS.get(code, (words or "rejected without a reason", "not_possible"))
    return Outcome(Status.REFUSED, code or "REJECTED", reason, customer)


def said(response: httpx.Response) -> tuple[str, str]:
    """(code, message) of an answer; empty where there are none."""
    try:
        found = read(response.content)
    except ValueError:
        return "", ""
    return text_of(found, "code", 30), text_of(found, "message", 200)


def _token(message: Mapping[str, Any]) -> str:
    """The token of a prepaid meter, "" where there is none. ValueError for one that no meter takes."""
    token = "".join(text_of(message, "token", 40).replace("-", " ").split())
    if token and not (token.isascii() and token.isdecimal() and len(token) == TOKEN_DIGITS):
        raise ValueError("no token")
    return token
