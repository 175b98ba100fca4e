"""Airtel Money through Airtel Africa's open API: disbursement, its enquiry, a subscriber's name.

No dependable callback comes: an enquiry, which is answered at once, says what became of an order. What is ambiguous
stays unknown and is never given back for that.
"""

import base64
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings

from wekeza_portal import http
from wekeza_portal.rails import airtel_messages, credentials
from wekeza_portal.rails.base import Limits, Order, Outcome, Receiver, Report, Status
from wekeza_portal.rails.reading import UNREADABLE, read
from wekeza_portal.rails.wire import RAIL_SECONDS, Line, NoAnswer, token_from

NAME, TITLE = "airtel_money", "Airtel Money"
HEADERS = {"X-Country": "KE", "X-Currency": "KES", "Accept": "*/*"}


class AirtelMoney:
    """`destination` is {"phone": "254733000111"}."""

    name = NAME
    limits = Limits(Decimal(10), Decimal(250_000), whole=True)
    ask_after = (
        timedelta(seconds=5),
        timedelta(seconds=15),
        timedelta(seconds=60),
        timedelta(minutes=5),
        timedelta(minutes=60),
    )
    """When to ask, for nobody calls back: sooner than others are asked."""

    def send(self, order: Order) -> Outcome:
        """Pay. The order's id is their key against paying twice. ValueError for an amount with cents."""
        amount = _whole(order.amount)
        if credentials.missing(NAME):
            return Outcome(Status.NOT_SENT, "no credentials", f"{TITLE} is not set up", "later")
        with http.within(RAIL_SECONDS):  # their key and the order together
            return self._send(order, amount)

    def _send(self, order: Order, amount: int) -> Outcome:
        try:
            pin = _encrypted_pin()
        except NoAnswer as silent:
            return _not_sent(silent.outcome)
        except UNREADABLE:
            return Outcome(Status.NOT_SENT, "no key", "no key for the PIN", "later")
        content = {
            "payee": {"msisdn": local(order.destination["phone"]), "currency": "KES", "wallet_type": "NORMAL"},
            "reference": order.reference.replace("-", ""),
            "pin": pin,
            "transaction": {"amount": amount, "id": order.id.hex, "type": "B2C"},
        }
        address = f"{_disbursements()}/"
        return _line().ask("POST", address, airtel_messages.sent, headers=HEADERS, json=content, order=order)

    def enquire(self, order: Order, rail_ids: Mapping[str, str]) -> Outcome:
        """What became of it, answered at once; NOT_FOUND when they never had it."""
        if credentials.missing(NAME):
            return Outcome(Status.UNKNOWN, "no credentials", f"{TITLE} is not set up", "later")
        address = f"{_disbursements()}/{order.id.hex}"
        params = {"transactionType": "B2C"}
        return _line().ask("GET", address, airtel_messages.state, headers=HEADERS, params=params)

    def parse(self, kind: str, message: Mapping[str, Any]) -> Report:
        """ValueError always: they have no callback for payments out that could be believed."""
        raise ValueError("Airtel Money does not call back about payments out")

    def look_up(self, destination: Mapping[str, str]) -> Receiver | None:
        """The subscriber's name; a refusal where there is no wallet or it is barred; None without an answer."""
        if credentials.missing(NAME):
            return None
        users = "/standard/v1/users"
        address = f"{settings.AIRTEL_URL}{users}/{local(destination['phone'])}"
        try:
            response = _line().answer_soon("GET", address, headers=HEADERS, logged_as=f"{users}/...")
            return airtel_messages.subscriber(response)
        except (NoAnswer, *UNREADABLE):
            return None


def local(phone: str) -> str:
    """254733000111 as Airtel writes it: 733000111."""
    return phone.removeprefix("254")


def _whole(amount: Decimal) -> int:
    if amount != amount.to_integral_value() or amount < 1:
        raise ValueError(f"Airtel Money takes whole shillings, not {amount}")
    return int(amount)


def _disbursements() -> str:
    return f"{settings.AIRTEL_URL}/standard/{settings.AIRTEL_API_VERSION}/disbursements"


def _line() -> Line:
    return Line(NAME, TITLE, _fetch_token)


def _fetch_token() -> tuple[str, int]:
    content = {
        "client_id": settings.AIRTEL_CLIENT_ID,
        "client_secret": settings.AIRTEL_CLIENT_SECRET,
        "grant_type": "client_credentials",
    }
    return token_from(http.call("POST", f"{settings.AIRTEL_URL}/auth/oauth2/token", json=content))


def _encrypted_pin() -> str:
    """Our PIN for their key of this moment, in base64. Raises NoAnswer, or one of UNREADABLE for a key that is none."""
    address = f"{settings.AIRTEL_URL}/v1/rsa/encryption-keys"
    response = _line().answer("GET", address, headers=HEADERS)
    key = _public_key(response)
    return base64.b64encode(key.encrypt(settings.AIRTEL_PIN.encode(), _padding())).decode()


def _public_key(response: httpx.Response) -> rsa.RSAPublicKey:
    key = serialization.load_der_public_key(base64.b64decode(read(response.content)["data"]["key"]))
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("no RSA key")
    return key


def _padding() -> padding.AsymmetricPadding:
    """Sources differ, so it is a setting: PKCS #1 v1.5, or OAEP with SHA-256."""
    if settings.AIRTEL_PIN_PADDING == "oaep":
        return padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    return padding.PKCS1v15()


def _not_sent(outcome: Outcome) -> Outcome:
    """Whatever became of the question for the key, the order itself was not sent."""
    return Outcome(Status.NOT_SENT, outcome.code, outcome.reason, "later", stops_rail=outcome.stops_rail)
