"""M-Pesa through Safaricom's Daraja: payments out (B2C), prompts on phones (STK), paybill (C2B), status, reversal."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate
from django.conf import settings

from wekeza_portal import clock, http
from wekeza_portal.rails import callbacks, credentials, mpesa_messages
from wekeza_portal.rails.base import Limits, Order, Outcome, Report, Status
from wekeza_portal.rails.reading import code_of, read, text_of
from wekeza_portal.rails.wire import Line, Read, only_asked, refused_at_the_door, token_from

NAME, TITLE = "mpesa", "M-Pesa"
BAD_TOKEN = frozenset({"400.003.01", "404.001.03", "401.002.01"})
DUPLICATE = "500.002.1001"
PENDING = "500.001.1001"
PARSERS: Mapping[str, Callable[[Mapping[str, Any]], Report]] = {
    "mpesa.result": mpesa_messages.payment_result,
    "mpesa.timeout": mpesa_messages.queue_timeout,
    "mpesa.status": mpesa_messages.status_result,
    "mpesa.stk": mpesa_messages.prompt_result,
    "mpesa.reversal": mpesa_messages.reversal_result,
}
NO_CREDENTIAL = (OSError, ValueError, UnsupportedAlgorithm)
"""What making the initiator's credential raises: no such file, a folder, no certificate, no key of that kind."""


class Payouts:
    """From the bank to a wallet. `destination` is {"phone": "254711000111"}; enquiries are answered by callback."""

    name = NAME
    limits = Limits(Decimal(10), Decimal(250_000), whole=True)

    def send(self, order: Order) -> Outcome:
        """Pay. The order's id is their key against paying twice: the same order again is never paid again."""
        content = {
            "OriginatorConversationID": str(order.id),
            "InitiatorName": settings.MPESA_INITIATOR,
            "CommandID": "BusinessPayment",
            "Amount": whole(order.amount),
            "PartyA": settings.MPESA_SHORTCODE,
            "PartyB": order.destination["phone"],
            "Remarks": f"Wekeza {order.reference}",
            "QueueTimeOutURL": callbacks.address_for("mpesa.timeout"),
            "ResultURL": callbacks.address_for("mpesa.result"),
            "Occassion": order.reference,
        }
        return _as_initiator("/mpesa/b2c/v3/paymentrequest", content, order)

    def enquire(self, order: Order, rail_ids: Mapping[str, str]) -> Outcome:
        """Ask what became of it; the answer comes to mpesa.status and names the order in its Occasion."""
        content = {
            "Initiator": settings.MPESA_INITIATOR,
            "CommandID": "TransactionStatusQuery",
            "TransactionID": "",
            "OriginalConversationID": str(order.id),
            "OriginatorConversationID": str(order.id),
            "PartyA": settings.MPESA_SHORTCODE,
            "IdentifierType": "4",
            "ResultURL": callbacks.address_for("mpesa.status"),
            "QueueTimeOutURL": callbacks.address_for("mpesa.timeout"),
            "Remarks": "Status",
            "Occasion": str(order.id),
        }
        outcome = _as_initiator("/mpesa/transactionstatus/v1/query", content)
        return outcome if outcome.status is Status.ACCEPTED else only_asked(outcome)

    def parse(self, kind: str, message: Mapping[str, Any]) -> Report:
        return PARSERS[kind](message)


class Prompts:
    """From a wallet to the bank: the customer confirms on the phone. They know no id of ours, so UNKNOWN stays so."""

    name = "mpesa-stk"
    limits = Limits(Decimal(1), Decimal(250_000), whole=True)

    def send(self, order: Order) -> Outcome:
        """Ask the customer's phone for the PIN. Not safe to repeat: every call is another prompt."""
        phone = order.destination["phone"]
        content = {
            **_signature(),
            "TransactionType": "CustomerPayBillOnline",
            "Amount": whole(order.amount),
            "PartyA": phone,
            "PartyB": settings.MPESA_SHORTCODE,
            "PhoneNumber": phone,
            "CallBackURL": callbacks.address_for("mpesa.stk"),
            "AccountReference": order.reference.replace("-", "")[:12],
            "TransactionDesc": "Deposit",
        }
        return _request("/mpesa/stkpush/v1/processrequest", content, order=order)

    def enquire(self, order: Order, rail_ids: Mapping[str, str]) -> Outcome:
        """What became of the prompt `rail_ids["checkout"]`; ACCEPTED while it is open. Never says a receipt."""
        content = {**_signature(), "CheckoutRequestID": rail_ids["checkout"]}
        return _request("/mpesa/stkpushquery/v1/query", content, read=_prompt_state)

    def parse(self, kind: str, message: Mapping[str, Any]) -> Report:
        return PARSERS[kind](message)


def reverse(order: Order, receipt: str) -> Outcome:
    """Ask for money that was paid in under `receipt` to go back; the answer comes to mpesa.reversal."""
    content = {
        "Initiator": settings.MPESA_INITIATOR,
        "CommandID": "TransactionReversal",
        "TransactionID": receipt,
        "Amount": whole(order.amount),
        "ReceiverParty": settings.MPESA_SHORTCODE,
        "RecieverIdentifierType": "11",
        "ResultURL": callbacks.address_for("mpesa.reversal"),
        "QueueTimeOutURL": callbacks.address_for("mpesa.timeout"),
        "Remarks": f"Wekeza {order.reference}",
        "Occasion": str(order.id),
    }
    return _as_initiator("/mpesa/reversal/v1/request", content, order)


def register_paybill() -> Outcome:
    """Tell Safaricom where to report payments to our paybill; once in production, REFUSED when it was done before."""
    content = {
        "ShortCode": settings.MPESA_SHORTCODE,
        "ResponseType": "Completed",
        "ConfirmationURL": callbacks.address_for("mpesa.confirmation"),
        "ValidationURL": callbacks.address_for("mpesa.validation"),
    }
    return _request("/mpesa/c2b/v2/registerurl", content)


def whole(amount: Decimal) -> int:
    """Whole shillings, all that M-Pesa takes. ValueError for anything else."""
    if amount != amount.to_integral_value() or amount < 1:
        raise ValueError(f"M-Pesa takes whole shillings, not {amount}")
    return int(amount)


def security_credential() -> str:
    """The initiator's password, encrypted for Safaricom's certificate (PKCS #1 v1.5), in base64.

    Raises one of NO_CREDENTIAL where MPESA_CERTIFICATE is no such certificate.
    """
    text = settings.MPESA_CERTIFICATE
    pem = text.encode() if text.startswith("-----BEGIN") else Path(text).read_bytes()
    key = load_pem_x509_certificate(pem).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("MPESA_CERTIFICATE holds no RSA key")
    return base64.b64encode(key.encrypt(settings.MPESA_INITIATOR_PASSWORD.encode(), padding.PKCS1v15())).decode()


def _signature() -> dict[str, str]:
    now = clock.now().strftime("%Y%m%d%H%M%S")
    secret = f"{settings.MPESA_SHORTCODE}{settings.MPESA_PASSKEY}{now}"
    password = base64.b64encode(secret.encode()).decode()
    return {"BusinessShortCode": settings.MPESA_SHORTCODE, "Password": password, "Timestamp": now}


def _fetch_token() -> tuple[str, int]:
    params = {"grant_type": "client_credentials"}
    auth = (settings.MPESA_CONSUMER_KEY, settings.MPESA_CONSUMER_SECRET)
    return token_from(http.call("GET", f"{settings.MPESA_URL}/oauth/v1/generate", params=params, auth=auth))


def _line() -> Line:
    """Daraja says by a code of its own that a token has ended, and reports two plain answers as errors of its own."""
    return Line(NAME, TITLE, _fetch_token, code_of=_error_code, stale=BAD_TOKEN, calm=frozenset({DUPLICATE, PENDING}))


def _as_initiator(path: str, content: Mapping[str, Any], order: Order | None = None) -> Outcome:
    """A request that carries the initiator's credential; NOT_SENT where that cannot be made."""
    if credentials.missing(NAME):
        return _not_set_up()
    try:
        credential = security_credential()
    except NO_CREDENTIAL as error:
        reason = f"MPESA_CERTIFICATE cannot be used: {type(error).__name__}"
        return Outcome(Status.NOT_SENT, "no credential", reason, "later")
    return _request(path, {**content, "SecurityCredential": credential}, order=order)


def _request(path: str, content: Mapping[str, Any], *, order: Order | None = None, read: Read | None = None) -> Outcome:
    if credentials.missing(NAME):
        return _not_set_up()
    return _line().ask("POST", f"{settings.MPESA_URL}{path}", read or _acknowledgement, order=order, json=dict(content))


def _not_set_up() -> Outcome:
    return Outcome(Status.NOT_SENT, "no credentials", f"{TITLE} is not set up", "later")


def _acknowledgement(response: httpx.Response) -> Outcome:
    """ACCEPTED, or a refusal in Daraja's own words: an error without its code, as gateways give, decides nothing."""
    code = _error_code(response)
    refused = refused_at_the_door(response, code, _reason(response, code))
    if refused is not None:
        return refused if code else replace(refused, status=Status.UNKNOWN, customer="later", stops_rail=False)
    found = read(response.content)
    answer = code_of(found, "ResponseCode")
    if answer != "0":
        return Outcome(Status.REFUSED, answer, text_of(found, "ResponseDescription", 200), "not_possible")
    names = {"conversation": "ConversationID", "checkout": "CheckoutRequestID", "merchant": "MerchantRequestID"}
    ids = {name: str(found[field])[:60] for name, field in names.items() if found.get(field)}
    return Outcome(Status.ACCEPTED, "0", rail_ids=ids)


def _prompt_state(response: httpx.Response) -> Outcome:
    if _error_code(response) == PENDING:
        message = text_of(read(response.content), "errorMessage", 200)
        status = Status.ACCEPTED if "processed" in message else Status.UNKNOWN
        return Outcome(status, PENDING, message)
    if response.status_code >= 400:
        return Outcome(Status.UNKNOWN, _error_code(response) or str(response.status_code), "no state given", "later")
    code = code_of(read(response.content), "ResultCode")
    return Outcome(Status.PAID, "0") if code == "0" else mpesa_messages.prompt_refusal(code)


def _reason(response: httpx.Response, code: str) -> str:
    """Why it was refused, for staff; "" without a code."""
    if code == DUPLICATE:
        return "they have this id already"
    return f"refused at the door: {text_of(read(response.content), 'errorMessage', 150)}" if code else ""


def _error_code(response: httpx.Response) -> str:
    """The errorCode of a refusal; "" where there is none."""
    if response.status_code < 400:
        return ""
    try:
        return text_of(read(response.content), "errorCode", 20)
    except ValueError:
        return ""
