"""M-Pesa through Safaricom's Daraja: payments out (B2C), prompts on phones (STK), paybill (C2B), status, reversal."""

import base64
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate
from django.conf import settings

from wekeza_portal import clock, http
from wekeza_portal.rails import callbacks, circuit, mpesa_messages, tokens
from wekeza_portal.rails.base import Limits, Order, Outcome, Report, Status, resting, silence
from wekeza_portal.rails.tokens import TokenRefused

NAME = "mpesa"
BAD_TOKEN = {"400.003.01", "404.001.03", "401.002.01"}
STOPS_RAIL = {"404.001.01", "404.001.04", "405.001"}
DUPLICATE = "500.002.1001"
PENDING = "500.001.1001"
PARSERS: Mapping[str, Callable[[Mapping[str, Any]], Report]] = {
    "mpesa.result": mpesa_messages.payment_result,
    "mpesa.timeout": mpesa_messages.queue_timeout,
    "mpesa.status": mpesa_messages.status_result,
    "mpesa.stk": mpesa_messages.prompt_result,
    "mpesa.reversal": mpesa_messages.reversal_result,
}


class Payouts:
    """From the bank to a wallet. `destination` is {"phone": "254711000111"}; enquiries are answered by callback."""

    name = NAME
    limits = Limits(Decimal(10), Decimal(250_000), whole=True)

    def send(self, order: Order) -> Outcome:
        """Pay. The order's id is their key against paying twice: the same order again is never paid again."""
        content = {
            "OriginatorConversationID": str(order.id),
            "InitiatorName": settings.MPESA_INITIATOR,
            "SecurityCredential": security_credential(),
            "CommandID": "BusinessPayment",
            "Amount": whole(order.amount),
            "PartyA": settings.MPESA_SHORTCODE,
            "PartyB": order.destination["phone"],
            "Remarks": f"Wekeza {order.reference}",
            "QueueTimeOutURL": callbacks.address_for("mpesa.timeout"),
            "ResultURL": callbacks.address_for("mpesa.result"),
            "Occassion": order.reference,
        }
        return _request("/mpesa/b2c/v3/paymentrequest", content)

    def enquire(self, order: Order, rail_ids: Mapping[str, str]) -> Outcome:
        """Ask what became of it; the answer comes to mpesa.status and names the order in its Occasion."""
        content = {
            "Initiator": settings.MPESA_INITIATOR,
            "SecurityCredential": security_credential(),
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
        return _only_asked(_request("/mpesa/transactionstatus/v1/query", content))

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
        return _request("/mpesa/stkpush/v1/processrequest", content)

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
        "SecurityCredential": security_credential(),
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
    return _request("/mpesa/reversal/v1/request", content)


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
    """The initiator's password, encrypted for Safaricom's certificate (PKCS #1 v1.5), in base64."""
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
    response = http.call(
        "GET",
        f"{settings.MPESA_URL}/oauth/v1/generate",
        params={"grant_type": "client_credentials"},
        auth=(settings.MPESA_CONSUMER_KEY, settings.MPESA_CONSUMER_SECRET),
    )
    try:
        found = mpesa_messages.read(response.content)
        return str(found["access_token"]), int(found["expires_in"])
    except (ValueError, LookupError, TypeError) as error:
        raise TokenRefused(f"HTTP {response.status_code} instead of a token") from error


Read = Callable[[httpx.Response], Outcome]


def _request(path: str, content: Mapping[str, Any], *, read: Read | None = None) -> Outcome:
    """One call with the shared token; once more, with the same ids, when the token has just been replaced."""
    if not circuit.may_call(NAME):
        return resting("M-Pesa")
    rejected = ""
    for _ in range(2):
        try:
            token = tokens.bearer(NAME, _fetch_token, rejected=rejected)
        except (httpx.HTTPError, TokenRefused) as error:
            circuit.failed(NAME)  # whatever went wrong, the order itself was not sent
            return Outcome(Status.NOT_SENT, type(error).__name__, f"no access token: {error}"[:200], "later")
        try:
            headers = {"Authorization": f"Bearer {token}"}
            response = http.call("POST", f"{settings.MPESA_URL}{path}", json=dict(content), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return silence(NAME, error)
        if _error_code(response) not in BAD_TOKEN and response.status_code != 401:
            return _outcome(response, read or _acknowledgement)
        rejected = token
    return Outcome(Status.NOT_SENT, _error_code(response), "access token refused twice", "later", stops_rail=True)


def _outcome(response: httpx.Response, read: Read) -> Outcome:
    code, status = _error_code(response), response.status_code
    if status == 429:
        circuit.failed(NAME)
        return Outcome(Status.NOT_SENT, code or "429", "M-Pesa takes no more for now", "later")
    if status >= 500 and code in {DUPLICATE, PENDING}:
        circuit.answered(NAME)
    elif status >= 500:
        circuit.failed(NAME)
    else:
        circuit.answered(NAME)
    try:
        return read(response)
    except (ValueError, LookupError, TypeError, AttributeError):
        return Outcome(Status.UNKNOWN, code or str(status), "unreadable answer", "later")


def _acknowledgement(response: httpx.Response) -> Outcome:
    """ACCEPTED, or a refusal they are sure of (4xx, a code that is not "0"). 5xx after sending decides nothing."""
    code, status = _error_code(response), response.status_code
    if status >= 500:
        reason = "they have this id already" if code == DUPLICATE else f"HTTP {status}"
        return Outcome(Status.UNKNOWN, code or str(status), reason, "later")
    if status >= 400:
        reason = f"refused at the door: {mpesa_messages.read(response.content).get('errorMessage', '')}"[:200]
        return Outcome(Status.REFUSED, code or str(status), reason, "not_possible", stops_rail=code in STOPS_RAIL)
    found = mpesa_messages.read(response.content)
    answer = mpesa_messages.code_of(found, "ResponseCode")
    if answer != "0":
        return Outcome(Status.REFUSED, answer, str(found.get("ResponseDescription", ""))[:200], "not_possible")
    names = {"conversation": "ConversationID", "checkout": "CheckoutRequestID", "merchant": "MerchantRequestID"}
    ids = {name: str(found[field])[:60] for name, field in names.items() if found.get(field)}
    return Outcome(Status.ACCEPTED, "0", rail_ids=ids)


def _prompt_state(response: httpx.Response) -> Outcome:
    if _error_code(response) == PENDING:
        message = str(mpesa_messages.read(response.content).get("errorMessage", ""))
        status = Status.ACCEPTED if "processed" in message else Status.UNKNOWN
        return Outcome(status, PENDING, message[:200])
    if response.status_code >= 400:
        return Outcome(Status.UNKNOWN, _error_code(response) or str(response.status_code), "no state given", "later")
    code = mpesa_messages.code_of(mpesa_messages.read(response.content))
    return Outcome(Status.PAID, "0") if code == "0" else mpesa_messages.prompt_refusal(code)


def _only_asked(outcome: Outcome) -> Outcome:
    """A refused question says nothing about the order it was about."""
    if outcome.status in {Status.ACCEPTED, Status.UNKNOWN}:
        return outcome
    return Outcome(Status.UNKNOWN, outcome.code, outcome.reason, outcome.customer, stops_rail=outcome.stops_rail)


def _error_code(response: httpx.Response) -> str:
    """The errorCode of a refusal; "" where there is none."""
    if response.status_code < 400:
        return ""
    try:
        return str(mpesa_messages.read(response.content).get("errorCode", ""))[:20]
    except ValueError:
        return ""
