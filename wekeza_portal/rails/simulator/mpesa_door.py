"""What every request to the simulated Safaricom meets first: a token, the fields it needs, the words of a refusal."""

import secrets
import string
import time
from typing import Any
from uuid import uuid4

from wekeza_portal.rails.simulator.company import Reply, Request
from wekeza_portal.rails.simulator.desk import Desk


def new_receipt() -> str:
    return "S" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(9))


def new_conversation() -> str:
    return f"AG_{time.strftime('%Y%m%d')}_{secrets.token_hex(10)}"


def error(code: str, message: str) -> Reply:
    return Reply(int(code[:3]), {"requestId": uuid4().hex, "errorCode": code, "errorMessage": message})


def ending_of(content: dict[str, Any]) -> int:
    return int(content["Amount"]) % 100


def missing(content: dict[str, Any], *names: str) -> str | None:
    return next((name for name in names if not content.get(name)), None)


def refused_at_door(desk: Desk, request: Request, *needed: str) -> Reply | None:
    """The refusal at the door, None when the request may come in."""
    if not desk.has_token(request):
        return error("404.001.03", "Invalid Access Token")
    content = request.json()
    if name := missing(content, *needed):
        return error("400.002.02", f"Bad Request - Invalid {name}")
    if "Amount" in needed and (not isinstance(content["Amount"], int) or content["Amount"] < 1):
        return error("400.002.02", "Bad Request - Invalid Amount")
    return None
