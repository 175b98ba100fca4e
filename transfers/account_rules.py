"""The rules that a biller's numbers follow: a small part of regular expressions that no number can keep busy.

A rule is a sequence of parts, ways apart with `|`. A part is a letter, a digit, a mark, `\\d`, a class such as
`[A-Z0-9/-]`, or a group in brackets; each may have a count: `?`, `{11}` or `{4,10}`. There is no `*`, no `+`, and
nothing that looks back or ahead, so the number of ways in which a rule can be read follows from the rule alone. A
matcher that backtracks tries each way at most once, with few steps for each character and part of it: `MOST_WAYS` and
`LONGEST` bound its work, whatever is typed.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import prod

LONGEST = 40
"""Characters of a number."""
MOST_WAYS = 400
"""Ways of reading one rule. Those of the billers in the directory have fewer than thirty."""

_CLASS = re.compile(r"\[(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9_/.])+-?\]", re.ASCII)
_CHARACTER = re.compile(r"\\[d./+-]|[A-Za-z0-9_/-]", re.ASCII)
_COUNT = re.compile(r"\{([0-9]{1,2})(?:,([0-9]{1,2}))?\}", re.ASCII)


class NotARule(ValueError):
    """Something in it is not of this language."""


class TooManyWays(ValueError):
    """It can be read in too many ways, or lets through more than LONGEST characters."""


@dataclass(frozen=True, slots=True)
class Part:
    """One character (`of` is its expression) or a group (`of` are its alternatives), `least` to `most` times."""

    of: "str | tuple[Sequence, ...]"
    least: int
    most: int


Sequence = tuple[Part, ...]


@lru_cache(maxsize=512)
def read(rule: str) -> tuple[Sequence, ...]:
    """The alternatives of a rule. Raises NotARule or TooManyWays."""
    alternatives, end = _alternatives(rule, 0)
    if end != len(rule):
        raise NotARule(rule)
    if sum(map(_ways, alternatives)) > MOST_WAYS or max(map(_length, alternatives)) > LONGEST:
        raise TooManyWays(rule)
    re.compile(rule, re.ASCII)  # a class such as [9-0] is none
    return alternatives


def fits(rule: str, number: str) -> bool:
    """Whether the whole number follows the rule. Nothing follows a rule that is not of this language."""
    try:
        read(rule)
    except (NotARule, TooManyWays, re.error):
        return False
    return len(number) <= LONGEST and re.fullmatch(rule, number, re.ASCII | re.IGNORECASE) is not None


def _alternatives(rule: str, at: int) -> tuple[tuple[Sequence, ...], int]:
    """What stands from `at` to the end or to a closing bracket, and where that is."""
    found: list[Sequence] = []
    while True:
        parts: list[Part] = []
        while at < len(rule) and rule[at] not in "|)":
            part, at = _part(rule, at)
            parts.append(part)
        if not parts:
            raise NotARule(rule)
        found.append(tuple(parts))
        if at >= len(rule) or rule[at] == ")":
            return tuple(found), at
        at += 1


def _part(rule: str, at: int) -> tuple[Part, int]:
    of: str | tuple[Sequence, ...]
    if rule[at] == "(":
        of, at = _alternatives(rule, at + (3 if rule.startswith("(?:", at) else 1))
        if not rule.startswith(")", at):
            raise NotARule(rule)
        at += 1
    else:
        one = _CLASS.match(rule, at) or _CHARACTER.match(rule, at)
        if one is None:
            raise NotARule(rule)
        of, at = one.group(), one.end()
    least, most, at = _count(rule, at)
    return Part(of, least, most), at


def _count(rule: str, at: int) -> tuple[int, int, int]:
    if rule.startswith("?", at):
        return 0, 1, at + 1
    found = _COUNT.match(rule, at)
    if found is None:
        return 1, 1, at
    least = int(found[1])
    most = least if found[2] is None else int(found[2])
    if not least <= most or not 1 <= most <= LONGEST:
        raise NotARule(rule)
    return least, most, found.end()


def _ways(parts: Sequence) -> int:
    """In how many ways a sequence can be read: the choices of each part, multiplied. Raises TooManyWays."""
    return prod(map(_ways_of, parts))


def _ways_of(part: Part) -> int:
    inner = 1 if isinstance(part.of, str) else sum(map(_ways, part.of))
    if inner > MOST_WAYS:  # before it is raised to a power
        raise TooManyWays
    return sum(inner**times for times in range(part.least, part.most + 1))


def _length(parts: Sequence) -> int:
    return sum(part.most * (1 if isinstance(part.of, str) else max(map(_length, part.of))) for part in parts)
