"""Tokens of prepaid meters."""

import re


def grouped(token: str) -> str:
    """Twenty digits in fours, as one types them into the meter: 1234-5678-9012-3456-7890."""
    digits = re.sub(r"\D", "", token)
    return "-".join(digits[start : start + 4] for start in range(0, len(digits), 4))
