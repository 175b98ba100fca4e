"""Africa's Talking: bulk SMS and delivery reports.

What becomes of a message is read from the end of the number: 0403, 0406, 0500 and so on answer that status code, 0031
is reported as failed (UserDoesNotExist), 0098 is reported twice, 0099 never, 0097 is taken and answered with 503.
"""

import uuid
from typing import Any

from wekeza_portal.rails.simulator.company import Accepted, Company, Reply, Request
from wekeza_portal.rails.simulator.desk import Desk

CODES = {401, 402, 403, 404, 405, 406, 407, 409, 500, 501, 502}
STATUS = {401: "RiskHold", 402: "InvalidSenderId", 403: "InvalidPhoneNumber", 404: "UnsupportedNumberType",
          405: "InsufficientBalance", 406: "UserInBlacklist", 407: "CouldNotRoute", 409: "DoNotDisturbRejection",
          500: "InternalServerError", 501: "GatewayError", 502: "RejectedByGateway"}  # fmt: skip
PRICE = "KES 0.8000"
NETWORKS = {"70": "63902", "71": "63902", "72": "63902", "73": "63903", "77": "63907"}


def _send(desk: Desk, request: Request) -> Reply:
    form = request.form()
    if request.headers.get("apikey") != desk.secret:
        return Reply(401, "The supplied authentication is invalid", "text/plain")
    if not form.get("message") or not form.get("to") or not form.get("username"):
        return Reply(400, "Request is missing required form field", "text/plain")
    recipients = [_take(desk, number, form["message"]) for number in form["to"].split(",")]
    sent = sum(recipient["statusCode"] < 400 for recipient in recipients)
    message = f"Sent to {sent}/{len(recipients)} Total Cost: {PRICE}"
    content = {"SMSMessageData": {"Message": message, "Recipients": recipients}}
    return Reply(503, "") if form["to"].endswith("0097") else Accepted(201, content)


def _take(desk: Desk, number: str, message: str) -> dict[str, Any]:
    code = int(number[-3:]) if number[-3:].isdigit() and number[-4:-3] == "0" else 0
    if code in CODES:
        return {"statusCode": code, "number": number, "status": STATUS[code], "cost": "0", "messageId": "None"}
    message_id = f"ATXid_{uuid.uuid4().hex}"
    desk.store.remember(desk.company, "message", message_id, {"to": number, "message": message})
    _report(desk, message_id, number)
    return {"statusCode": 101, "number": number, "status": "Success", "cost": PRICE, "messageId": message_id}


def _report(desk: Desk, message_id: str, number: str) -> None:
    """First "Sent", then what became of it; after the delay both are due and go in this order, unless reversed."""
    url = desk.addresses.get("sms")
    if not url:
        return
    common = {"id": message_id, "phoneNumber": number, "networkCode": NETWORKS.get(number[4:6], "63902")}
    failed = number.endswith("0031")
    final = {"status": "Failed", "failureReason": "UserDoesNotExist"} if failed else {"status": "Success"}
    lost = number.endswith("0099")
    desk.call_back(url, {**common, "status": "Sent"}, form=True, lost=lost)
    desk.call_back(url, {**common, **final}, form=True, lost=lost, copies=2 if number.endswith("0098") else 1)


COMPANY = Company("sms", "Africa's Talking", {("POST", "/version1/messaging"): _send})
