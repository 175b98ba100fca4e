"""Who is paid, in words: the company before the person it is paid for, a wallet where nobody is named.

One phrase for the button, the code's page, its SMS, the receipt and what is shared: they are read side by side.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from transfers.rules import payee_in_short

SMS_ROOM = 70
"""Characters that the SMS with a code leaves for amount and receiver, in the longer of both languages."""
LEAST_OF_A_COMPANY = 8
_ASIDE = re.compile(r"\s*\([^()]*\)\s*$")
"""What a company's name says in brackets at its end: "Kenya Power prepaid (tokens)"."""


def company_of(payload: Mapping[str, Any]) -> str:
    """The biller or broker that gets the money, "" where a person does."""
    values = payload.get("values") or {}
    return str(payload["to_at"]) if values.get("biller") or values.get("broker") else ""


def whom_of(payload: Mapping[str, Any]) -> str:
    """For whom a company is paid: the name that was looked up, in short; "" where nobody was named."""
    name = str(payload["to_name"])
    return "" if name in ("", str(payload["to_at"])) else payee_in_short(payload)


def in_short(payload: Mapping[str, Any]) -> str:
    """The receiver in the active language: "Kenya Power prepaid for JANE W.", "JANE W.", "M-Pesa 0712 111 222"."""
    company = company_of(payload)
    if company:
        return _for(_without_aside(company), _beneficiary(payload))
    return payee_in_short(payload) if payload["to_name"] else _place(payload)


def in_full(payload: Mapping[str, Any]) -> str:
    """The receiver with the number, each once: "Kenya Power prepaid for JANE W., 14123456789"."""
    short, number = in_short(payload), str(payload["to_number"])
    return short if short.endswith(number) else f"{short}, {number}"


def in_full_within(payload: Mapping[str, Any], room: int) -> str:
    """Likewise in up to `room` characters where that can be: of a company's name the end goes, never the number's."""
    full, company = in_full(payload), _without_aside(company_of(payload))
    over = len(full) - room
    if not company or over <= 0:
        return full
    return full.replace(company, company[: max(LEAST_OF_A_COMPANY, len(company) - over)].rstrip(), 1)


def without_number(payload: Mapping[str, Any]) -> str:
    """The company and for whom it is paid, "" where a person is: for texts that strangers may read."""
    company = _without_aside(company_of(payload))
    return _for(company, whom_of(payload)) if company else ""


def in_any_language(payload: Mapping[str, Any]) -> str:
    """The company and for whom it is paid, to be kept: "Kenya Power prepaid, JANE W."; a person's name as it is."""
    company = company_of(payload)
    if not company:
        return str(payload["to_name"])
    return ", ".join(part for part in (_without_aside(company), whom_of(payload)) if part)


def _beneficiary(payload: Mapping[str, Any]) -> str:
    """Airtime is for its number where nobody is named; a bill's number stands behind the company anyway."""
    is_airtime = "network" in payload["values"]
    return whom_of(payload) or (str(payload["to_number"]) if is_airtime else "")


def _for(company: str, whom: str) -> str:
    return _("%(company)s for %(whom)s") % {"company": company, "whom": whom} if whom else company


def _without_aside(company: str) -> str:
    return _ASIDE.sub("", company)


def _place(payload: Mapping[str, Any]) -> str:
    return f"{payload.get('to_at', '')} {payload['to_number']}".strip()
