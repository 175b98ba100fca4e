"""The arithmetic of the chain: what a seal signs, and what stands where.

    digest(n) = HMAC-SHA256(key, n, digest(n - 1), every column of the event)

The key comes from FIELD_KEYS and is not in the database, so whoever can write every table still cannot write a seal.
"""

import hashlib
import hmac
import json
from datetime import UTC
from typing import NamedTuple

from wekeza_portal import crypto
from wekeza_portal.audit.models import AuditEvent, AuditHead

PURPOSE = "audit-chain"


class Head(NamedTuple):
    """Where the chain ends, or ended when somebody noted it: the last number and its digest."""

    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


def parse_head(text: str) -> Head:
    """Read back what a Head prints; ValueError if it is something else."""
    number, _, digest = text.strip().partition(":")
    if not (number.isascii() and number.isdigit() and len(digest) == 64):
        raise ValueError(f"not a head of the audit chain: {text!r}")
    return Head(int(number), digest.lower())


def newest_key() -> str:
    """The id of the key that signs now."""
    return next(iter(crypto.signing_keys(PURPOSE)))


class Signer:
    """Signs and checks under the keys that FIELD_KEYS holds, fetched once."""

    def __init__(self) -> None:
        self._keys = crypto.signing_keys(PURPOSE)

    def knows(self, key_id: str) -> bool:
        return key_id in self._keys

    def seal(self, number: int, before: str, event: AuditEvent, key_id: str) -> str:
        """The digest of `event` as link `number` after the digest `before`; KeyError for an unknown key."""
        return self._sign(key_id, ["seal", number, before, *_content(event)])

    def proof(self, head: Head, key_id: str) -> str:
        """What the head row must carry: without the key, nobody can move the end of the chain back."""
        return self._sign(key_id, ["head", *head])

    def _sign(self, key_id: str, content: list[object]) -> str:
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hmac.new(self._keys[key_id], text.encode(), hashlib.sha256).hexdigest()


def _content(event: AuditEvent) -> list[object]:
    return [
        event.pk,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.verb,
        event.actor_kind,
        event.actor_id,
        event.customer_id,
        event.subject,
        event.data,
        event.request_id,
        event.ip,
    ]


def current_head() -> Head:
    """Where the chain ends now, as its row says; 0 with no digest before the first seal."""
    row = AuditHead.objects.filter(pk=1).first()
    return Head(row.number, row.digest) if row else Head(0, "")
