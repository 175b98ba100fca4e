"""STUB"""
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    PAID = "paid"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_FOUND = "not found"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    outcome: Outcome
    rail_id: str = ""
    receipt: str = ""
    receiver_name: str = ""
    token: str = ""
    code: str = ""
    reason: str = ""
