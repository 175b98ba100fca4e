"""A company that does not answer is left alone, for everybody, and tried again by one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.rails import circuit
from wekeza_portal.rails.models import RailCircuit

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-23 09:00:00+03:00", tick=False) as traveller:
        yield traveller


def fail(times: int, rail: str = "mpesa") -> None:
    for _ in range(times):
        circuit.failed(rail)


def test_four_failures_are_bad_luck_and_the_fifth_opens_it(at: time_machine.Traveller) -> None:
    fail(4)
    assert (circuit.is_open("mpesa"), circuit.may_call("mpesa")) == (False, True)
    fail(1)
    assert (circuit.is_open("mpesa"), circuit.may_call("mpesa")) == (True, False)
    assert (circuit.is_open("airtel"), circuit.may_call("airtel")) == (False, True)


def test_an_answer_in_between_starts_the_count_anew(at: time_machine.Traveller) -> None:
    fail(4)
    circuit.answered("mpesa")
    fail(4)
    assert not circuit.is_open("mpesa")


def test_after_half_a_minute_one_caller_may_try(at: time_machine.Traveller) -> None:
    fail(5)
    at.shift(timedelta(seconds=29))
    assert (circuit.is_open("mpesa"), circuit.may_call("mpesa")) == (True, False)
    at.shift(timedelta(seconds=1))
    assert not circuit.is_open("mpesa")
    assert [circuit.may_call("mpesa") for _ in range(3)] == [True, False, False]
    assert circuit.is_open("mpesa")


def test_a_probe_that_is_answered_closes_it(at: time_machine.Traveller) -> None:
    fail(5)
    at.shift(timedelta(seconds=30))
    assert circuit.may_call("mpesa")
    circuit.answered("mpesa")
    assert [circuit.may_call("mpesa") for _ in range(3)] == [True] * 3
    assert RailCircuit.objects.get().failures == 0


def test_a_probe_that_fails_or_dies_keeps_it_open_for_another_half_minute(at: time_machine.Traveller) -> None:
    fail(5)
    at.shift(timedelta(seconds=30))
    assert circuit.may_call("mpesa")
    fail(1)
    at.shift(timedelta(seconds=29))
    assert not circuit.may_call("mpesa")
    at.shift(timedelta(seconds=1))
    assert circuit.may_call("mpesa")


def test_an_answer_where_nothing_was_wrong_writes_nothing(django_assert_num_queries: object) -> None:
    circuit.answered("mpesa")
    assert not RailCircuit.objects.exists()


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_probes() -> None:
    fail(5)
    RailCircuit.objects.update(opened_at=clock.now() - timedelta(minutes=1))
    assert sorted(map(str, at_once([lambda: circuit.may_call("mpesa")] * 8))) == ["False"] * 7 + ["True"]


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_failures_seen_at_once_are_all_counted() -> None:
    at_once([lambda: circuit.failed("mpesa")] * 5)
    assert RailCircuit.objects.get().failures == 5
