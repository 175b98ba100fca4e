"""What the bank's own examinations found last, for the front page and the proof sheets."""

from typing import Any

from wekeza_portal import clock
from wekeza_portal.staff.models import KeptCheck

AUDIT_CHAIN = "audit-chain"
AUDIT_PROOF = "audit-proof"
LEDGER = "ledger"
MOST_WORDS = 300


def latest(name: str) -> KeptCheck | None:
    """The last result of this examination, None before its first."""
    return KeptCheck.objects.filter(pk=name).first()


def keep(name: str, *, faults: int, reached: int, words: str = "", state: dict[str, Any] | None = None) -> None:
    """Write down a result in place of the one before. `state` stays as it was when it is not given."""
    found: dict[str, Any] = {"ran_at": clock.now(), "faults": faults, "reached": reached, "words": words[:MOST_WORDS]}
    if state is not None:
        found["state"] = state
    KeptCheck.objects.update_or_create(name=name, defaults=found)
