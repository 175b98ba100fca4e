"""The branch's `users.password_hash`: proof for enrolment, once, and nothing else.

It holds plain text, SHA-256 in hex, bcrypt, or a literal that everybody knows.
"""

import hashlib
import re
import secrets

import bcrypt
from django.utils.crypto import constant_time_compare

from accounts.identity.hashers import in_turn

# Written by branch scripts for anybody: they prove nothing.
KNOWN_LITERALS = {"newpass123", "no_password_needed"}
REPLACED = "!portal:"
# Each step of the cost doubles the work: 14 takes a second, 31 would hold a hashing slot for hours.
_BCRYPT = re.compile(r"\$2[abxy]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}")
_BCRYPT_LIKE = re.compile(r"\$2[a-z]?\$\d\d\$.*", re.DOTALL)
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
# The digest of nothing anybody knows: makes an unknown or plain secret cost what a bcrypt one costs.
_NOBODYS = "$2b$12$mTgX/0Ypglk/q4ArbswZ6.JOItVDf9bWA2.npq5aDvgC2tAxkuH3u"


def matches(stored: str, given: str) -> bool:
    """Whether `given` is the secret behind `stored`. The same work for every kind and for none ("").

    A damaged bcrypt value, or one of a cost nobody should pay, is nobody's secret: typing it does not help either.
    """
    as_plain = constant_time_compare(stored, given)
    as_sha256 = constant_time_compare(stored.lower(), hashlib.sha256(given.encode()).hexdigest())
    is_bcrypt, is_sha256 = bool(_BCRYPT.fullmatch(stored)), bool(_SHA256.fullmatch(stored))
    as_bcrypt = _bcrypt_matches(stored if is_bcrypt else _NOBODYS, given) and is_bcrypt
    if not stored or stored.startswith(REPLACED) or {stored.strip().lower(), given.strip().lower()} & KNOWN_LITERALS:
        return False
    if is_bcrypt or _BCRYPT_LIKE.fullmatch(stored):
        return as_bcrypt
    return as_sha256 if is_sha256 else as_plain


def replacement() -> str:
    """A value nobody knows or can type, that we recognise as ours."""
    return f"{REPLACED}\n{secrets.token_urlsafe(32)}"


def _bcrypt_matches(stored: str, given: str) -> bool:
    # bcrypt itself looks at 72 bytes and no NUL; older implementations cut silently.
    password = given.encode()[:72].replace(b"\0", b"?")
    try:
        return bool(in_turn(bcrypt.checkpw, password, stored.encode()))
    except ValueError:  # a salt that no bcrypt made
        in_turn(bcrypt.checkpw, password, _NOBODYS.encode())
        return False
