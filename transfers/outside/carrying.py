"""What was typed on one form, carried to another by a link: encrypted, so that no log ever holds somebody's number."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken

from accounts.models import BranchCustomer
from wekeza_portal import clock, crypto

FIELDS = ("from_account", "phone", "amount", "name", "note")
LIFE = timedelta(hours=1)
LONGEST_FIELD = 100
PURPOSE = "carried:"
"""Begins what is encrypted, so that no other secret under the same key is taken for it."""
LONGEST = 2000
"""Characters of a link that is looked at."""


def carried(customer: BranchCustomer, typed: Mapping[str, str]) -> str:
    """`typed` for the link; "" when there is nothing to carry. What is too long to be meant is left behind."""
    kept = {name: typed[name] for name in FIELDS if 0 < len(typed.get(name, "")) <= LONGEST_FIELD}
    if not kept.keys() & {"phone", "amount", "name"}:
        return ""
    content = {"of": customer.user_id, "at": clock.now().isoformat(), "typed": kept}
    return crypto.encrypt(PURPOSE + json.dumps(content))


def read(customer: BranchCustomer, text: str) -> dict[str, str]:
    """What the link carries; nothing where it is not ours, another customer's, or older than an hour."""
    if not text or len(text) > LONGEST or not text.isascii():
        return {}
    try:
        content = crypto.decrypt(text)
    except InvalidToken:
        return {}
    if not content.startswith(PURPOSE):
        return {}
    found = json.loads(content.removeprefix(PURPOSE))
    is_fresh = clock.now() - datetime.fromisoformat(found["at"]) <= LIFE
    return dict(found["typed"]) if found["of"] == customer.user_id and is_fresh else {}
