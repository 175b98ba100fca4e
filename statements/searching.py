"""What people type to find a movement, in the spellings under which it is kept. Pure rules, no I/O."""

import re
from collections.abc import Sequence

from django.db.models import Q

from accounts.selectors import AccountSummary

LEAST_DIGITS = 4
"""Fewer are in too many numbers."""
IN_FOURS = 4
_MISREAD = str.maketrans("OIL", "011")
"""Letters that no reference has, and what they were."""


def digits_of(text: str) -> str:
    """The digits of what can be (part of) a number, without blanks, hyphens and a leading 0 or +254; "" otherwise."""
    plain = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"\+?[0-9]+", plain, re.ASCII):
        return ""
    digits = re.sub(r"^(\+?254|0)(?=[17][0-9]{3})", "", plain).lstrip("+")
    return digits if len(digits) >= LEAST_DIGITS else ""


def references_like(text: str) -> list[str]:
    """A reference typed without its hyphens, or a part of one, with hyphens wherever they can stand."""
    plain = re.sub(r"[\s-]", "", text).upper().translate(_MISREAD)
    if not re.fullmatch(r"[0-9A-Z]{5,12}", plain, re.ASCII):
        return []
    spellings = (_in_fours(plain, first) for first in range(1, IN_FOURS + 1))
    return [spelling for spelling in spellings if len(spelling) <= len("XXXX-XXXX-XXXX")]


def _in_fours(plain: str, first: int) -> str:
    """Hyphens after `first` characters and after each four that follow."""
    rest = [plain[at : at + IN_FOURS] for at in range(first, len(plain), IN_FOURS)]
    return "-".join([plain[:first], *rest])


def by_number(text: str, accounts: Sequence[AccountSummary]) -> Q:
    """Rows with this reference, or on the one of `accounts` that has this number: with or without its letters."""
    found = Q()
    for spelling in references_like(text):
        found |= Q(reference_code__icontains=spelling)
    plain = re.sub(r"[\s-]", "", text).upper()
    same = [each for each in accounts if plain and plain in (each.number.upper(), re.sub(r"[^0-9]", "", each.number))]
    return found | Q(account_id__in=[each.account_id for each in same]) if same else found
