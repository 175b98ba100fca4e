"""Quiet hours, ticks and what is less than before, whatever is chosen."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.notices import rules
from accounts.notices.rules import Choice, Habits
from wekeza_portal import clock
from wekeza_portal.notifications.events import ALWAYS, CHOSEN, Event

D = Decimal
SMS, EMAIL = "SMS", "EMAIL"
NIGHT = (time(22, 0), time(6, 0))
NAP = (time(13, 0), time(14, 30))
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
moments = st.integers(0, 5 * 366 * 24 * 3600).map(lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=n))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+03:00")


@pytest.mark.parametrize(
    ("now", "quiet", "end"),
    [
        ("2026-11-23T21:59:59", NIGHT, None),
        ("2026-11-23T22:00:00", NIGHT, "2026-11-24T06:00:00"),
        ("2026-11-23T23:59:59", NIGHT, "2026-11-24T06:00:00"),
        ("2026-11-24T00:00:00", NIGHT, "2026-11-24T06:00:00"),
        ("2026-11-24T05:59:59", NIGHT, "2026-11-24T06:00:00"),
        ("2026-11-24T06:00:00", NIGHT, None),
        ("2026-11-24T12:59:59", NAP, None),
        ("2026-11-24T13:00:00", NAP, "2026-11-24T14:30:00"),
        ("2026-11-24T14:30:00", NAP, None),
        ("2026-12-31T23:00:00", NIGHT, "2027-01-01T06:00:00"),
        ("2028-02-28T23:00:00", NIGHT, "2028-02-29T06:00:00"),
        ("2026-11-24T00:00:00", (time(0, 0), time(6, 0)), "2026-11-24T06:00:00"),
        ("2026-11-23T23:00:00", (time(22, 0), time(0, 0)), "2026-11-24T00:00:00"),
        ("2026-11-24T12:00:00", None, None),
        ("2026-11-24T12:00:00", (time(12, 0), time(12, 0)), None),
    ],
)
def test_quiet_hours_are_nairobi_hours_over_midnight_too(now: str, quiet: rules.Quiet | None, end: str | None) -> None:
    assert rules.quiet_until(at(now).astimezone(UTC), quiet) == (at(end) if end else None)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-06-21", "2026-12-21"])
def test_no_day_has_another_length_where_others_change_their_clocks(day: str) -> None:
    now = at(f"{day}T00:30:00")
    assert rules.quiet_until(now, NIGHT) == at(f"{day}T06:00:00")


@given(moments, clocks, clocks)
def test_a_message_waits_until_the_end_and_no_longer_than_the_hours_last(
    now: datetime, begins: time, ends: time
) -> None:
    end = rules.quiet_until(now, (begins, ends))
    if end is None:
        return
    assert now < end <= now + rules.how_long((begins, ends))
    assert end.astimezone(clock.NAIROBI).time() == ends
    assert rules.quiet_until(end, (begins, ends)) is None


@given(moments, clocks, clocks)
def test_every_moment_is_in_the_hours_or_in_those_that_are_left(now: datetime, begins: time, ends: time) -> None:
    if begins != ends:
        assert (rules.quiet_until(now, (begins, ends)) is None) != (rules.quiet_until(now, (ends, begins)) is None)


@given(clocks, clocks)
def test_hours_and_those_that_are_left_are_a_day(begins: time, ends: time) -> None:
    both = rules.how_long((begins, ends)) + rules.how_long((ends, begins))
    assert both == (timedelta(days=1) if begins != ends else timedelta(0))


# --- Ticks --------------------------------------------------------------------------------------------------------


@given(st.booleans(), st.booleans(), st.sets(st.sampled_from([SMS, EMAIL])), st.sets(st.sampled_from([SMS, EMAIL])))
def test_ticks_count_where_offered_and_none_at_all_is_none_at_all(
    sms: bool, email: bool, boxes: set[str], offered: set[str]
) -> None:
    boxes &= offered
    before = Choice(sms, email, D("5.00"))
    after = rules.ticked(before, boxes, offered)
    assert after.channels & offered == boxes
    assert after.at_least == D("5.00")
    if not offered:
        assert after == before
    elif not boxes:
        assert not after.channels
    else:
        assert after.channels - offered == before.channels - offered


def test_whoever_never_chose_is_told_everything_and_news_are_no_choice() -> None:
    for has_phone, channel in ((True, SMS), (False, EMAIL)):
        found = rules.defaults(has_phone=has_phone).choices
        assert set(found) == set(CHOSEN)
        assert Event.NEWS not in found
        assert all(channel in choice.channels for choice in found.values())


def test_what_nobody_can_mute_is_nobodys_choice() -> None:
    assert not ALWAYS & set(CHOSEN)
    assert ALWAYS | set(CHOSEN) | {Event.NEWS} == set(Event), "news are a matter of consent"
    assert {Event.CODE, Event.SECURITY} <= ALWAYS


@pytest.mark.parametrize(
    ("amount", "left_out"), [("999.99", True), ("1000.00", False), ("1000.01", False), (None, False)]
)
def test_the_amount_that_was_named_is_told_and_a_cent_less_is_not(amount: str | None, left_out: bool) -> None:
    choice = Choice(sms=True, email=False, at_least=D("1000.00"))
    assert choice.leaves_out(D(amount) if amount else None) is left_out
    assert not Choice(sms=True, email=False).leaves_out(D("0.01"))


# --- What is less -------------------------------------------------------------------------------------------------

BOTH, ONE, NONE = Choice(sms=True, email=True), Choice(sms=True, email=False), Choice(sms=False, email=False)


def habits(out: Choice, quiet: rules.Quiet | None = None) -> Habits:
    return Habits({**rules.defaults(has_phone=True).choices, Event.MONEY_OUT: out}, quiet)


@pytest.mark.parametrize(
    ("before", "after", "muted", "fewer"),
    [
        (ONE, NONE, True, False),
        (BOTH, NONE, True, False),
        (BOTH, ONE, False, True),
        (ONE, Choice(sms=False, email=True), False, True),
        (ONE, Choice(sms=True, email=False, at_least=D("1000000.00")), False, True),
        (Choice(True, False, D("10.00")), Choice(True, False, D("10.01")), False, True),
        (Choice(True, False, D("10.00")), Choice(True, False, D("9.99")), False, False),
        (Choice(True, False, D("10.00")), ONE, False, False),
        (ONE, BOTH, False, False),
        (NONE, ONE, False, False),
        (NONE, NONE, False, False),
        (ONE, ONE, False, False),
    ],
)
def test_less_about_money_out_is_seen(before: Choice, after: Choice, muted: bool, fewer: bool) -> None:
    less = rules.less(habits(before), habits(after))
    assert (Event.MONEY_OUT in less.muted, Event.MONEY_OUT in less.fewer) == (muted, fewer)
    assert bool(less) is (muted or fewer)


def test_new_quiet_hours_are_less_and_none_any_more_are_not() -> None:
    assert rules.less(habits(ONE), habits(ONE, NIGHT)).quiet == NIGHT
    assert rules.less(habits(ONE, NAP), habits(ONE, NIGHT)).quiet == NIGHT
    assert not rules.less(habits(ONE, NIGHT), habits(ONE, NIGHT))
    assert not rules.less(habits(ONE, NIGHT), habits(ONE))
