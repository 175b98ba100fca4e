"""Pure rules about accounts: no I/O."""

from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import AccountTerms
from wekeza_portal.money import ZERO


def kept_as_minimum(kind: str, savings_minimum: Decimal) -> Decimal:
    """KES that must stay on an account of this kind: the savings minimum, nothing on a current account."""
    return savings_minimum if kind == AccountTerms.Kind.SAVINGS else ZERO


def available(booked: Decimal, minimum: Decimal) -> Decimal:
    """KES that can leave the account now: what is booked less the minimum, never less than zero."""
    return max(booked - minimum, ZERO)


STEP_UP_LIFE = timedelta(minutes=5)
"""How long the right code opens the payment it was given for (security target 7)."""


def step_up_is_fresh(given_at: datetime | None, now: datetime) -> bool:
    """Whether a code given then still counts now."""
    return given_at is not None and now - given_at <= STEP_UP_LIFE
