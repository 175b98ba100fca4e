"""Logs for machines: one JSON object a line, nothing secret in it."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request being answered in this thread; empty outside one."""
customer_id: ContextVar[int | None] = ContextVar("customer_id", default=None)
"""users.user_id of the customer whose request it is, once the session was found good."""

HIDDEN = "[hidden]"

_SENSITIVE = (
    r"pass(?:word|wd|phrase)?|secret|otp|pin|code|token|session(?:id|_key|_data)?|api_?key|authorization|"
    r"cookie|csrf\w*|cvv|wekeza_session|national_id"
)
# name=value, name: value, 'name': 'value' and "name": "value", the name possibly part of a longer one.
_NAMED_SECRET = re.compile(
    rf"""(?P<name>["']?[\w-]*(?:{_SENSITIVE})[\w-]*["']?\s*[=:]\s*)(?P<value>"[^"]*"|'[^']*'|[^\s,;&}}\])]+)""",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(?:Bearer|Basic)\s+[\w.+/=~-]+", re.IGNORECASE)
# The server quotes the value itself when it refuses a duplicate: a national ID, a phone number.
_DUPLICATE = re.compile(r"(Duplicate entry )'(?:[^'\\]|\\.)*'(?= for key)")
_EMAIL = re.compile(r"\b([\w.+-])[\w.+-]*@([\w-]+\.[\w.-]+)")
_PHONE = re.compile(r"(?<![\w-])(?:\+?254|0)[17]\d{5,7}(\d{3})(?![\w-])")
_SIX_DIGITS = re.compile(r"(?<![\w/#-])(?<!\d[.,:])\d{6}(?![\w-]|[.,:]\d)")
_LONG_RANDOM = re.compile(r"\b(?=[a-z0-9]*\d)(?=[a-z0-9]*[a-z])[a-z0-9]{32}\b(?!-)")


def redact(text: str) -> str:
    """`text` without what looks like a password, code, session key, phone number or e-mail address.

    Phone numbers keep their last three digits and addresses their first letter and host, enough for support.
    """
    text = _BEARER.sub(HIDDEN, text)
    text = _NAMED_SECRET.sub(lambda found: found["name"] + HIDDEN, text)
    text = _DUPLICATE.sub(rf"\1{HIDDEN}", text)
    text = _EMAIL.sub(r"\1***@\2", text)
    text = _PHONE.sub(r"+254***\1", text)
    text = _SIX_DIGITS.sub(HIDDEN, text)
    return _LONG_RANDOM.sub(HIDDEN, text)


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON; line breaks inside stay escaped, so no message can forge a second line."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, str | int] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if current := request_id.get():
            entry["request_id"] = current
        if (customer := customer_id.get()) is not None:
            entry["customer_id"] = customer
        if record.exc_info:
            entry["error"] = redact(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=True)
