"""Pure rules about accounts: no I/O."""

from decimal import Decimal

from accounts.models import AccountTerms
from wekeza_portal.money import ZERO


def kept_as_minimum(kind: str, savings_minimum: Decimal) -> Decimal:
    """KES that must stay on an account of this kind: the savings minimum, nothing on a current account."""
    return savings_minimum if kind == AccountTerms.Kind.SAVINGS else ZERO


def available(booked: Decimal, minimum: Decimal) -> Decimal:
    """KES that can leave the account now: what is booked less the minimum, never less than zero."""
    return max(booked - minimum, ZERO)
