"""One access token for all processes: fetched once, kept encrypted, renewed before it ends."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import time_machine
from pytest_django import Settings

from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.rails import tokens
from wekeza_portal.rails.models import RailToken

pytestmark = pytest.mark.django_db


class Counter:
    """A company that gives tokens t1, t2, ..."""

    def __init__(self, seconds: int = 3599) -> None:
        self.seconds = seconds
        self.given = 0

    def fetch(self) -> tuple[str, int]:
        self.given += 1
        return f"t{self.given}", self.seconds


@pytest.fixture
def at() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-23 09:00:00+03:00", tick=False) as traveller:
        yield traveller


def test_it_is_fetched_once_and_stored_encrypted(at: time_machine.Traveller) -> None:
    company = Counter()
    assert [tokens.bearer("mpesa", company.fetch) for _ in range(3)] == ["t1"] * 3
    assert RailToken.objects.get().token not in {"", "t1"}


@pytest.mark.parametrize(("seconds", "good_for"), [(3599, 2998), (180, 149), (60, 29), (40, 19)])
def test_it_is_renewed_ten_minutes_early_or_shortly_before_the_end_of_a_short_life(
    at: time_machine.Traveller, seconds: int, good_for: int
) -> None:
    company = Counter(seconds)
    tokens.bearer("mpesa", company.fetch)
    at.shift(timedelta(seconds=good_for))
    assert tokens.bearer("mpesa", company.fetch) == "t1"
    at.shift(timedelta(seconds=1))
    assert tokens.bearer("mpesa", company.fetch) == "t2"


def test_a_rejected_one_is_replaced_once_not_by_each_who_was_rejected(at: time_machine.Traveller) -> None:
    company = Counter()
    tokens.bearer("mpesa", company.fetch)
    assert [tokens.bearer("mpesa", company.fetch, rejected="t1") for _ in range(3)] == ["t2"] * 3


def test_each_company_has_its_own(at: time_machine.Traveller) -> None:
    assert tokens.bearer("mpesa", Counter().fetch) == "t1"
    other = Counter()
    other.given = 7
    assert tokens.bearer("airtel", other.fetch) == "t8"


def test_a_failed_fetch_leaves_the_way_free(at: time_machine.Traveller) -> None:
    def fail() -> tuple[str, int]:
        raise httpx.ReadTimeout("slow")

    with pytest.raises(httpx.ReadTimeout):
        tokens.bearer("mpesa", fail)
    assert tokens.bearer("mpesa", Counter().fetch) == "t1"


def test_one_whose_key_is_gone_is_fetched_anew(at: time_machine.Traveller, settings: Settings) -> None:
    company = Counter()
    settings.FIELD_KEYS = ["an old key"]
    tokens.bearer("mpesa", company.fetch)
    settings.FIELD_KEYS = ["a new key"]
    assert tokens.bearer("mpesa", company.fetch) == "t2"


def test_who_died_while_fetching_blocks_nobody_for_long(at: time_machine.Traveller) -> None:
    RailToken.objects.create(rail="mpesa", claimed_until=clock.now() + tokens.CLAIM)
    at.shift(tokens.CLAIM)
    assert tokens.bearer("mpesa", Counter().fetch) == "t1"


def test_waiting_for_another_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "WAIT_SECONDS", 0.2)
    RailToken.objects.create(rail="mpesa", claimed_until=clock.now() + tokens.CLAIM)
    with pytest.raises(tokens.TokenRefused):
        tokens.bearer("mpesa", Counter().fetch)


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_many_processes_fetch_one_token_and_all_get_it() -> None:
    company, slow = Counter(), threading.Event()

    def fetch() -> tuple[str, int]:
        slow.wait(0.5)  # long enough for the others to look; right however long it takes
        return company.fetch()

    assert at_once([lambda: tokens.bearer("mpesa", fetch)] * 8) == ["t1"] * 8
    assert company.given == 1
