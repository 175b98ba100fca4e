"""Pure rules about names and descriptions: no I/O."""

import unicodedata
from collections.abc import Mapping
from typing import Any

_TITLES = frozenset({"MR", "MRS", "MS", "MISS", "DR", "PROF", "ENG", "REV", "HON", "SIR"})
_LONGEST_FIRST_NAME = 20
_DESCRIPTION_LENGTH = 255


def masked_name(full_name: str) -> str:
    """Enough of a name to recognise a friend, too little to collect: "WANJIKU M.", "W***" for a single name.

    Letters only: emoji, digits, control characters and titles are left out; "***" when nothing is left.
    """
    words = [word for word in (_letters(part) for part in full_name.split()) if word]
    names = [word for word in words if word.replace(".", "") not in _TITLES] or words
    if not names:
        return "***"
    if len(names) == 1:
        return f"{names[0][0]}***"
    return f"{names[0][:_LONGEST_FIRST_NAME]} {names[-1][0]}."


def plain_name(masked: str) -> str:
    """The masked name in letters that every phone's SMS can show; "***" when none is left."""
    folded = unicodedata.normalize("NFKD", masked).encode("ascii", "ignore").decode()
    plain = "".join(character for character in folded if character.isalpha() or character in " .*'-").strip()
    return plain if any(character.isalpha() for character in plain) else "***"


def description(verb: str, number: str, note: str) -> str:
    """What the branch reads beside a row: "Transfer to ACC1000015 - rent - Online".

    Always ends in our own word: the branch takes a trailing " - Approved" as its supervisor's.
    """
    middle = f" - {note}" if note else ""
    return f"{verb} {number}{middle}"[: _DESCRIPTION_LENGTH - len(" - Online")] + " - Online"


def _letters(word: str) -> str:
    kept = "".join(character for character in word if unicodedata.category(character)[0] in "LM" or character in "'’-")
    return kept.strip("'’-").upper() if any(unicodedata.category(c)[0] == "L" for c in kept) else ""


def payee_in_short(payload: Mapping[str, Any]) -> str:
    """How a button names the receiver of an instruction: a company or what the customer calls them as they are, a
    person by first name and initial, and the number where there is no name."""
    name, place = str(payload["to_name"]), str(payload.get("to_at", ""))
    if not name:
        return str(payload["to_number"])
    is_said = not place or name == place or payload.get("to_name_by") == "customer"
    return name if is_said or len(name.split()) < 2 else masked_name(name)


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are the same name: neither letters' case nor blanks tell people apart."""
    return one.casefold().split() == other.casefold().split()


def renamed(typed: str, confirmed: str) -> dict[str, str]:
    """What a draft keeps of a name that the customer typed and the other side answered with another one.

    Both then stand on the review: nothing that somebody typed is replaced in silence.
    """
    return {"typed_name": typed} if typed and confirmed and not same_name(typed, confirmed) else {}
