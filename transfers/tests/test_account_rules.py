"""The rules of billers' numbers: a rule that is accepted can't be kept busy, whatever a customer types."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from transfers import account_rules, destinations
from transfers.account_rules import LONGEST, MOST_WAYS, NotARule, Part, Sequence, TooManyWays, read
from transfers.models import Biller
from wekeza_portal.errors import PortalError

MOST_PARTS = 80
"""A rule has no more characters than this, and so no more parts."""
MOST_STEPS = MOST_WAYS * (LONGEST + MOST_PARTS)


class Steps:
    """The plainest backtracking matcher there is, without a single shortcut; it counts every comparison and choice."""

    def __init__(self, rule: str) -> None:
        self.alternatives = read(rule)
        self.taken = 0

    def fits(self, text: str) -> bool:
        return any(self._follow(parts, text, 0, lambda at: at == len(text)) for parts in self.alternatives)

    def _follow(self, parts: Sequence, text: str, at: int, then: Any) -> bool:
        if not parts:
            return bool(then(at))
        return self._times(parts[0], 0, text, at, lambda now: self._follow(parts[1:], text, now, then))

    def _times(self, part: Part, done: int, text: str, at: int, then: Any) -> bool:
        """Greedy: once more if that may be, else what comes after it."""
        self.taken += 1
        if done < part.most and self._once(part, text, at, lambda now: self._times(part, done + 1, text, now, then)):
            return True
        return done >= part.least and bool(then(at))

    def _once(self, part: Part, text: str, at: int, then: Any) -> bool:
        self.taken += 1
        if not isinstance(part.of, str):
            return any(self._follow(parts, text, at, then) for parts in part.of)
        fits = at < len(text) and re.fullmatch(part.of, text[at], re.ASCII | re.IGNORECASE)
        return bool(fits) and bool(then(at + 1))


ATOMS = st.sampled_from(["a", "A", "0", "-", "/", r"\d", r"\+", "[a-z]", "[A-Za-z0-9/-]", "[0a]", "."])
COUNTS = st.one_of(
    st.sampled_from(["", "?", "*", "+", "{3}", "{0,9}", "{1,40}"]),
    st.tuples(st.integers(0, 6), st.integers(0, 12)).map(lambda pair: f"{{{pair[0]},{pair[1]}}}"),
)


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.lists(inner, min_size=1, max_size=3).map(lambda ways: f"({'|'.join(ways)})")
    return st.lists(st.tuples(st.one_of(ATOMS, group), COUNTS).map("".join), min_size=1, max_size=4).map("".join)


RULES = st.recursive(ATOMS, _grow, max_leaves=8)
HOSTILE = st.one_of(
    st.text("aA0-/", min_size=1, max_size=60), st.sampled_from(["a" * 60, "a" * 39 + "!", "0" * 40, "0a" * 30])
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(RULES, HOSTILE)
@example("(a|a){5}a{0,5}", "a" * 39 + "!")
@example("(a?){8}", "a" * 60)
@example("a{0,19}a{0,19}", "a" * 39 + "!")
def test_any_rule_that_is_accepted_is_done_within_a_bound_of_steps(rule: str, text: str) -> None:
    try:
        read(rule)
    except (NotARule, TooManyWays, re.error):
        assert not account_rules.fits(rule, text), "nothing follows what is no rule"
        return
    plain = Steps(rule)
    fits = plain.fits(text)
    assert plain.taken <= 3 * MOST_STEPS
    assert fits == (re.fullmatch(rule, text, re.ASCII | re.IGNORECASE) is not None), "read as Python reads it"
    assert account_rules.fits(rule, text) == fits


@pytest.mark.parametrize(
    "rule",
    ["(a+)+$", "(a*)*", "(a|aa)+", r"\d+", r"(\d+)+", "a**", "(", ")", "", "|", "a|", "()", "[", "[]", "[^a]", "{3}",
     "a{", "a{3", "a{4,3}", "a{0}", "a{,3}", "a{3,}", "a{2}{3}", "a??", r"\w", r"\1", "(?=a)", "(?i)a", "(?P<x>a)",
     "(?P=x)", ".", "^a", "a$", "é", "[a-é]", "[9-0]", "a\n", "a b", "٣", "x{41}", "x{100}", r"\Z"],
)  # fmt: skip
def test_what_is_not_of_the_language_is_no_rule(rule: str) -> None:
    with pytest.raises((NotARule, re.error)):
        read(rule)


@pytest.mark.parametrize(
    "rule",
    [
        "(a{1,9}){1,9}",
        "((a?){9}){9}",
        "a{0,40}a{0,40}",
        "(a|a){20}",
        "(a|b|c){9}",
        "a{40}b",
        "(a{20}){3}",
        "a{0,19}" * 3,
        "(" * 12 + "a?" + "){40}" * 12,
    ],
)
def test_what_can_be_read_in_too_many_ways_is_too_wide(rule: str) -> None:
    with pytest.raises(TooManyWays):
        read(rule)


@pytest.mark.django_db
def test_the_rule_of_every_biller_there_is_is_one() -> None:
    billers = list(Biller.objects.all())
    assert len(billers) > 20
    for biller in billers:
        read(biller.account_pattern)
        assert account_rules.fits(biller.account_pattern, "".join(biller.account_example.split()).upper())


@pytest.mark.django_db
def test_a_rule_from_before_that_could_run_for_ever_is_never_tried_on_a_number() -> None:
    Biller.objects.filter(code="ZUKU").update(account_pattern="(A+)+$")
    with pytest.raises(PortalError, match="Zuku"):
        destinations.to_biller("ZUKU", "A" * 60 + "!")


@pytest.mark.django_db
def test_a_number_longer_than_any_rule_allows_does_not_fit() -> None:
    with pytest.raises(PortalError):
        destinations.to_biller("ZUKU", "1" * 10_000)
