"""Text for spreadsheets. What people wrote is shown as they wrote it and never run as a formula.

Source: OWASP, CSV injection: a cell beginning with = + - @, a tab or a carriage return may be taken for a formula.
"""

import unicodedata

FORMULA_MARKS = "=+-@\uff1d\uff0b\uff0d\uff20\u2212"
"""The four signs, their wide forms and the minus sign: some spreadsheets read those alike."""
LONGEST = 2000


def plain(text: str) -> str:
    """One line without control characters or marks that turn the reading direction; blanks at the ends go."""
    kept = "".join(" " if character.isspace() else character for character in text)
    return "".join(character for character in kept if unicodedata.category(character)[0] != "C").strip()[:LONGEST]


def looks_like_a_formula(text: str) -> bool:
    """Whether a spreadsheet could run this plain text."""
    return text.lstrip("'\"\u00a0 ")[:1] in tuple(FORMULA_MARKS) if text else False


def for_csv(text: str) -> str:
    """Plain text, behind an apostrophe where it looks like a formula: CSV has no other way to say that it is text."""
    cleaned = plain(text)
    return f"'{cleaned}" if looks_like_a_formula(cleaned) else cleaned
