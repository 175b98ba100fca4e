"""The pure rules about cards."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.cards import rules, wording
from accounts.cards.rules import Channel, Controls, Standing, Why
from accounts.models import Card
from wekeza_portal.clock import NAIROBI

D = Decimal
TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=NAIROBI)


def card(**changes: Any) -> Card:
    return Card(
        **{"state": "ACTIVE", "kind": "PHYSICAL", "atm_daily": D("50000.00"), "expires_on": date(2030, 1, 31)} | changes
    )


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({}, Standing.ACTIVE),
        ({"frozen_at": NOW}, Standing.FROZEN),
        ({"frozen_at": NOW, "blocked_at": NOW}, Standing.BLOCKED),
        ({"expires_on": date(2026, 11, 24), "blocked_at": NOW}, Standing.EXPIRED),
        ({"expires_on": TODAY}, Standing.ACTIVE),
        ({"state": "LOST", "loss": "LOST", "expires_on": date(2020, 1, 1)}, Standing.LOST),
        ({"state": "LOST", "loss": "STOLEN", "frozen_at": NOW}, Standing.STOLEN),
        ({"state": "ARRIVED"}, Standing.ARRIVED),
        ({"state": "ARRIVED", "frozen_at": NOW}, Standing.FROZEN),
        ({"state": "ORDERED", "expires_on": None}, Standing.ORDERED),
        ({"state": "REFUSED"}, Standing.REFUSED),
    ],
)
def test_the_gravest_that_applies_is_what_a_card_is(changes: dict[str, Any], standing: Standing) -> None:
    assert rules.standing_of(card(**changes), TODAY) is standing


def test_every_standing_but_the_active_one_refuses_and_every_one_has_words() -> None:
    assert set(rules.OBSTACLES) == set(Standing) - {Standing.ACTIVE}
    assert set(wording.STANDINGS) == set(Standing)


def test_every_refusal_has_a_code_that_is_not_yes_and_words() -> None:
    assert set(rules.CODES) == set(Why) == set(wording.REFUSALS)
    assert rules.APPROVED not in rules.CODES.values()
    assert set(wording.CHANNELS) == set(Channel)


ALL_ON = Controls(D("50000.00"), online=True, contactless=True, abroad=True, gambling=True)
ALL_OFF = Controls(D("0.00"), online=False, contactless=False, abroad=False, gambling=False)


@pytest.mark.parametrize(
    ("channel", "country", "category", "why"),
    [
        (Channel.ONLINE, "KE", "5411", Why.ONLINE),
        (Channel.CONTACTLESS, "KE", "5411", Why.CONTACTLESS),
        (Channel.SHOP, "UG", "5411", Why.ABROAD),
        (Channel.ATM, "TZ", "6011", Why.ABROAD),
        (Channel.SHOP, "KE", "7995", Why.GAMBLING),
        (Channel.SHOP, "KE", "7800", Why.GAMBLING),
        (Channel.SHOP, "KE", "5411", None),
    ],
)
def test_what_is_switched_off_is_refused_and_passes_when_it_is_on(
    channel: Channel, country: str, category: str, why: Why | None
) -> None:
    assert rules.forbidden(card(), ALL_OFF, channel, country=country, category=category) is why
    assert rules.forbidden(card(), ALL_ON, channel, country=country, category=category) is None


def test_a_virtual_card_gives_no_cash() -> None:
    virtual = card(kind="VIRTUAL")
    assert rules.forbidden(virtual, ALL_ON, Channel.ATM, country="KE", category="6011") is Why.NO_CASH


def test_a_wish_holds_from_its_hour_and_not_a_second_before() -> None:
    begins = NOW + timedelta(hours=24)
    row = card(wishes={"abroad": {"to": "1", "from": begins.isoformat()}})
    assert not rules.controls_at(row, begins - timedelta(seconds=1)).abroad
    assert rules.waiting_at(row, begins - timedelta(seconds=1)) == {"abroad": (True, begins)}
    assert rules.controls_at(row, begins).abroad
    assert rules.waiting_at(row, begins) == {}


kes = st.integers(0, 5_000_000).map(lambda cents: Decimal(cents) / 100)


def test_what_names_no_control_loosens_nothing() -> None:
    row = card(wishes={"blocked_at": {"to": "1", "from": NOW.isoformat()}, "text": "x"})
    assert rules.controls_at(row, NOW) == rules.controls_at(card(), NOW)
    assert rules.waiting_at(row, NOW) == {}


controls = st.builds(
    Controls,
    kes,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(controls, controls)
def test_what_changes_is_either_looser_or_tighter_and_nothing_else_is(before: Controls, after: Controls) -> None:
    looser, tighter = rules.loosened(before, after), rules.tightened(before, after)
    assert not set(looser) & set(tighter)
    same = {name for name in (rules.ATM_DAILY, *rules.SWITCHES) if getattr(before, name) == getattr(after, name)}
    assert set(looser) | set(tighter) | same == {rules.ATM_DAILY, *rules.SWITCHES}
    assert rules.tightened(after, before).keys() == looser.keys()


@given(st.booleans() | kes)
def test_a_stored_value_comes_back_as_it_was(value: Any) -> None:
    name = rules.ATM_DAILY if isinstance(value, Decimal) else "online"
    assert rules.value_of(name, rules.text_of(value)) == value


@given(
    st.integers(1, 6_000_000).map(lambda cents: Decimal(cents) / 100),
    kes,
    kes,
)
def test_cash_passes_exactly_while_both_limits_hold(amount: Decimal, taken: Decimal, own: Decimal) -> None:
    why = rules.beyond_cash(amount, by_card=taken, own=own, by_all=taken, bank=D("50000.00"))
    assert (why is None) == (taken + amount <= own and taken + amount <= D("50000.00"))


def test_the_banks_limit_is_for_all_cards_together() -> None:
    why = rules.beyond_cash(
        D("10000.00"), by_card=D("0.00"), own=D("50000.00"), by_all=D("40000.01"), bank=D("50000.00")
    )
    assert why is Why.ATM_LIMIT
