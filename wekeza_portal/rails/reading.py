"""Reading what other companies say: strictly, and into our own types. Nothing here calls anybody."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)
"""What reading an answer that nobody foresaw can raise."""


def read(body: bytes) -> dict[str, Any]:
    """A body as a JSON object, numbers with decimals as Decimal. ValueError when it is none."""
    found = json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_no_such_number)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _no_such_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def amount_of(value: Any) -> Decimal | None:
    """KES with at most two places; None where the field is missing. ValueError for anything else."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise ValueError("not an amount")
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError("not an amount") from error
    if not amount.is_finite() or not 0 <= amount < 10**12 or amount != amount.quantize(Decimal("0.01")):
        raise ValueError("not an amount")
    return amount.quantize(Decimal("0.01"))


def code_of(message: Mapping[str, Any], name: str) -> str:
    """A code as text, however it came. LookupError when it is missing, ValueError when it is a structure."""
    code = message[name]
    if isinstance(code, bool) or not isinstance(code, int | str) or not str(code).strip():
        raise ValueError(f"{name} is no code")
    return str(code).strip()[:30]


def text_of(message: Mapping[str, Any], name: str, longest: int = 100) -> str:
    """A text on one line, cut to `longest`; "" where it is missing or no text."""
    value = message.get(name)
    return " ".join(str(value).split())[:longest] if isinstance(value, str | int) else ""


def uuid_of(value: Any) -> UUID:
    """An order's id as we gave it. ValueError for anything else."""
    return UUID(str(value))
