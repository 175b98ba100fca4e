"""Airtel Africa's open API: token (180 s), RSA key, disbursement, enquiry, subscriber. It never calls back.

By the amount's ending (see endings.py; 98 and 99 stay in process until they are asked about), and 01 float, 03, 04, 05,
09, 10, 11, 12, 13, 16 that code, 40 bad number, 34 expired, 35 in process for good, 36 paid and reported as TU,
96 a failure with a code nobody knows. 37 is ambiguous at first, and paid.
"""

import base64
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from wekeza_portal.rails.simulator import endings, people
from wekeza_portal.rails.simulator.company import Accepted, Company, Reply, Request
from wekeza_portal.rails.simulator.desk import Desk

REFUSALS = {
    1: "07",
    3: "03",
    4: "04",
    5: "05",
    9: "09",
    10: "10",
    11: "11",
    12: "12",
    13: "13",
    16: "16",
    40: "12",
    96: "88",
}
EXPIRED, IN_PROCESS, UNSURE = 34, 35, 36
TOKEN_SECONDS = 180


def _envelope(transaction: dict[str, Any], code: str, message: str, *, success: bool = True) -> dict[str, Any]:
    status = {"code": "200", "message": message, "response_code": f"DP009000010{code}", "result_code": "ESB000010"}
    return {"data": {"transaction": transaction}, "status": {**status, "success": success}}


def _token(desk: Desk, request: Request) -> Reply:
    content = request.json()
    known = content.get("client_id") == content.get("client_secret") == desk.secret
    if not known or content.get("grant_type") != "client_credentials":
        return Reply(400, {"error": "invalid_client", "error_description": "Invalid client authentication"})
    seconds = desk.fault("token_seconds") or TOKEN_SECONDS
    return Reply(200, {"access_token": desk.new_token(), "expires_in": str(seconds), "token_type": "bearer"})


def _refused(desk: Desk, request: Request) -> Reply | None:
    if not desk.has_token(request):
        return Reply(401, {"error_description": "The access token is invalid or expired", "error": "invalid_token"})
    if request.headers.get("x-country") != "KE" or request.headers.get("x-currency") != "KES":
        return Reply(400, {"status": {"code": "400", "message": "Invalid country or currency"}})
    return None


def _pem(desk: Desk) -> str:
    """Our private key, made once per simulator."""
    with desk.store.lock:
        found = desk.store.recall(desk.company, "keys", "private")
        if found is None:
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            kind, encoding = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
            found = key.private_bytes(encoding, kind, serialization.NoEncryption()).decode()
            desk.store.remember(desk.company, "keys", "private", found)
    return str(found)


def _private_key(desk: Desk) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(_pem(desk).encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _key(desk: Desk, request: Request) -> Reply:
    if refused := _refused(desk, request):
        return refused
    encoding, kind = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    key = base64.b64encode(_private_key(desk).public_key().public_bytes(encoding, kind)).decode()
    return Reply(200, {"data": {"key_id": 1, "key": key, "valid_upto": ""}, "status": {"code": "200"}})


def _opens(desk: Desk, pin: str) -> str:
    """The padding with which the PIN was encrypted for us; "" when it is not the PIN."""
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    ways: tuple[tuple[str, padding.AsymmetricPadding], ...] = (("oaep", oaep), ("pkcs1v15", padding.PKCS1v15()))
    for name, way in ways:
        try:
            if _private_key(desk).decrypt(base64.b64decode(pin), way) == desk.secret.encode():
                return name
        except ValueError:
            continue
    return ""


def _disburse(desk: Desk, request: Request) -> Reply:
    if refused := _refused(desk, request):
        return refused
    content = request.json()
    order, amount = content["transaction"], content["transaction"]["amount"]
    ending, number = endings.ending(amount), str(content["payee"]["msisdn"])
    if len(number) != 9 or not isinstance(amount, int) or order["type"] != "B2C" or not content["reference"]:
        return Reply(400, {"status": {"code": "400", "message": "Invalid request", "success": False}})
    if not (way := _opens(desk, content["pin"])):
        return Reply(200, _envelope({"id": order["id"], "status": "TF"}, "05", "Invalid PIN", success=False))
    if ending == endings.BUSY:
        return Reply(503, {"error": "busy"})
    code = REFUSALS.get(ending, "12" if number.endswith(people.NOBODY) else "01")
    kept = {"id": order["id"], "amount": amount, "code": code, "way": way, "receipt": f"CI{secrets.token_hex(6)}"}
    if not desk.take(str(order["id"]), kept):
        return Reply(200, _envelope({"id": order["id"], "status": "TF"}, "17", "Duplicate id", success=False))
    if code == "01" and ending not in {EXPIRED, IN_PROCESS}:
        reference = str(content["reference"])
        desk.execute(str(order["id"]), reference=reference, amount=str(amount), receiver=f"254{number}")
    if ending == endings.DONE_503:
        return Reply(503, {"error": "gateway"})
    return Accepted(200, _at_first(kept))


def _at_first(order: dict[str, Any]) -> dict[str, Any]:
    ending = endings.ending(order["amount"])
    unsure = {endings.UNDECIDED: ("TA", "00"), UNSURE: ("TU", "00"), endings.TWICE: ("TIP", "06"),
              endings.NEVER: ("TIP", "06"), EXPIRED: ("TE", "14")}  # fmt: skip
    if ending in unsure:
        stage, code = unsure[ending]
        return _envelope({"id": order["id"], "status": stage, "reference_id": order["receipt"]}, code, "Wait")
    return _state(order)


def _state(order: dict[str, Any]) -> dict[str, Any]:
    ending, code = endings.ending(order["amount"]), order["code"]
    transaction = {"id": order["id"], "reference_id": order["receipt"][2:]}
    if ending in {EXPIRED, IN_PROCESS}:
        stage, number = ("TE", "14") if ending == EXPIRED else ("TIP", "06")
        return _envelope({**transaction, "status": stage}, number, "Wait")
    if code != "01":
        return _envelope({**transaction, "status": "TF"}, code, "Failed", success=False)
    return _envelope({**transaction, "status": "TS", "airtel_money_id": order["receipt"]}, "01", "Success")


def _enquire(desk: Desk, request: Request) -> Reply:
    if refused := _refused(desk, request):
        return refused
    if request.query.get("transactionType") != "B2C":
        return Reply(400, {"status": {"code": "400", "message": "Invalid transaction type"}})
    asked = request.path.rpartition("/")[2]
    order = desk.store.recall(desk.company, "order", asked)
    if order is None:
        return Reply(200, _envelope({"id": asked, "status": "TF"}, "15", "Transaction not found", success=False))
    return Reply(200, _state(order))


def _subscriber(desk: Desk, request: Request) -> Reply:
    if refused := _refused(desk, request):
        return refused
    number = request.path.rpartition("/")[2]
    if number.endswith(people.NOBODY):
        return Reply(404, {"status": {"code": "404", "message": "No such subscriber", "success": False}})
    first, _, last = people.name_of(number).partition(" ")
    data = {
        "first_name": first,
        "last_name": last,
        "msisdn": number,
        "is_barred": number.endswith(people.CLOSED),
        "is_pin_set": True,
        "registration": {"status": "UNSUBSCRIBED" if number.endswith(people.BLOCKED) else "SUBSCRIBED"},
    }
    return Reply(200, {"data": data, "status": {"code": "200", "message": "SUCCESS", "success": True}})


ROUTES = {
    ("POST", "/auth/oauth2/token"): _token,
    ("GET", "/v1/rsa/encryption-keys"): _key,
    ("POST", "/standard/v2/disbursements/"): _disburse,
    ("GET", "/standard/v2/disbursements/*"): _enquire,
    ("GET", "/standard/v1/users/*"): _subscriber,
}
COMPANY = Company("airtel_money", "Airtel Money", ROUTES)
