"""Kenya shillings as exact decimals: the one place that parses, rounds, splits and prints money.

Every amount is a `Decimal` with two places. `float` never touches money; the only rounding rule is half-up
(fees and interest), and a total is split by largest remainder so that the parts always add up again.
"""

import re
from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from django.utils.translation import gettext_lazy as _

from wekeza_portal.errors import PortalError

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
# accounts.balance is DECIMAL(15,2) in the branch's table.
LARGEST = Decimal("9999999999999.99")

_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?", re.ASCII)
_CURRENCY = re.compile(r"(?:KES|Ksh) ?", re.ASCII | re.IGNORECASE)
_PLAIN = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?", re.ASCII)


class InvalidAmount(PortalError):
    """What was typed is not an amount of shillings that can be moved."""

    code = "invalid_amount"
    message = _("Enter an amount in shillings, like 1500 or 1,500.50.")


class AmountTooSmall(InvalidAmount):
    code = "amount_too_small"
    message = _("Enter an amount of at least KES 0.01.")


class AmountTooPrecise(InvalidAmount):
    code = "amount_too_precise"
    message = _("Enter shillings and cents only: no more than two digits after the point.")


class AmountHasSpaces(InvalidAmount):
    code = "amount_has_spaces"
    message = _("Leave out the spaces in the amount: write 1500 or 1,500.")


class AmountTooLarge(InvalidAmount):
    code = "amount_too_large"
    message = _("That amount is larger than any account can hold.")


def whole_around(amount: Decimal) -> tuple[Decimal, Decimal]:
    """The whole shillings just below and just above an amount with cents: what would pass where cents do not."""
    below = amount.to_integral_value(rounding=ROUND_DOWN)
    return below, below + 1


def parse_amount(text: str) -> Decimal:
    """Read what a person typed as a positive amount of KES.

    Accepts ASCII digits with an optional point and up to two decimals, thousands commas in their proper places,
    blanks around, and "KES" or "Ksh" in front. Refuses signs, exponents, underscores and digits of other scripts,
    which Django's own DecimalField lets through.

    Raises InvalidAmount (or one of its kinds) with a sentence for the customer.
    """
    cleaned = text.strip(" \t")
    currency = _CURRENCY.match(cleaned)
    if currency:
        cleaned = cleaned[currency.end() :]
    if re.fullmatch(r"[0-9][0-9,.]*(?:[ \u00a0\u202f]+[0-9][0-9,.]*)+", cleaned, re.ASCII):
        raise AmountHasSpaces()
    if re.fullmatch(r"[0-9,]*\.[0-9]{3,}", cleaned, re.ASCII):
        raise AmountTooPrecise()
    if re.fullmatch(r"[0-9]{14,}(\.[0-9]{1,2})?", cleaned, re.ASCII):
        raise AmountTooLarge()
    if not (_PLAIN.fullmatch(cleaned) or _GROUPED.fullmatch(cleaned)):
        raise InvalidAmount()
    amount = Decimal(cleaned.replace(",", "")).quantize(CENT)
    if amount > LARGEST:
        raise AmountTooLarge()
    if amount <= 0:
        raise AmountTooSmall()
    return amount


def exact(amount: Decimal) -> Decimal:
    """Give `amount` two places without changing its value; ValueError if cents would be lost."""
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise ValueError(f"not an exact amount: {amount!r}")
    quantized = amount.quantize(CENT)
    if quantized != amount:
        raise ValueError(f"more than two places: {amount!r}")
    return quantized


def round_half_up(amount: Decimal) -> Decimal:
    """Round to the cent, halves away from zero: the rule for fees and interest."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def split(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Divide `total` in proportion to `weights` by largest remainder; the parts sum to `total` to the cent.

    Ties go to the earlier part. ValueError if there is no weight, one is negative or all are zero.
    """
    total = exact(total)
    if not weights or any(weight < 0 for weight in weights) or not sum(weights):
        raise ValueError("weights must be non-negative and not all zero")
    whole = sum(weights, Decimal(0))
    sign = -1 if total < 0 else 1
    shares = [abs(total) * weight / whole for weight in weights]
    parts = [share.quantize(CENT, rounding=ROUND_DOWN) for share in shares]
    left = int((abs(total) - sum(parts, ZERO)) / CENT)
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for index in by_remainder[:left]:
        parts[index] += CENT
    return [sign * part for part in parts]


def format_kes(amount: Decimal) -> str:
    """Print as `KES 1,234.50`, `-KES 1,234.50` when negative. The same in every language."""
    amount = exact(amount)
    return f"{'-' if amount < 0 else ''}KES {abs(amount):,.2f}"
