"""The limiter: exact, keyed, shared by processes, and not dodged by a header."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import RequestFactory, override_settings

from tests.together import at_once
from wekeza_portal import clock, ratelimit
from wekeza_portal.models import RateCounter
from wekeza_portal.ratelimit import Policy, TooMany, client_address, neighbourhood

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
THREE = Policy("three", 3, timedelta(minutes=10))
OTHER = Policy("other", 3, timedelta(minutes=10))


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def use_up(policy: Policy = THREE, key: str = "wanjiku") -> None:
    for _ in range(policy.limit):
        ratelimit.consume(policy, key)


@pytest.mark.django_db
def test_it_lets_the_limit_through_and_refuses_the_next(nine: time_machine.Traveller) -> None:
    use_up()
    with pytest.raises(TooMany) as refusal:
        ratelimit.consume(THREE, "wanjiku")
    assert refusal.value.retry_after == 600
    assert "in 10 min." in str(refusal.value)


@pytest.mark.django_db
def test_it_counts_each_key_and_each_policy_for_itself(nine: time_machine.Traveller) -> None:
    use_up()
    ratelimit.consume(THREE, "otieno")
    ratelimit.consume(OTHER, "wanjiku")
    assert ratelimit.peek(THREE, "wanjiku") == 3
    assert ratelimit.peek(THREE, "otieno") == 1
    assert ratelimit.peek(THREE, "a stranger") == 0


@pytest.mark.django_db
def test_it_stays_closed_for_a_whole_window_after_the_last_allowed_try(nine: time_machine.Traveller) -> None:
    ratelimit.consume(THREE, "wanjiku")
    nine.shift(timedelta(minutes=9))
    ratelimit.consume(THREE, "wanjiku")
    ratelimit.consume(THREE, "wanjiku")
    nine.shift(timedelta(minutes=9, seconds=59))
    with pytest.raises(TooMany):
        ratelimit.consume(THREE, "wanjiku")
    nine.shift(timedelta(seconds=1))
    ratelimit.consume(THREE, "wanjiku")
    assert ratelimit.peek(THREE, "wanjiku") == 1


@pytest.mark.django_db
def test_refused_tries_do_not_prolong_the_closing(nine: time_machine.Traveller) -> None:
    use_up()
    nine.shift(timedelta(minutes=5))
    with pytest.raises(TooMany) as refusal:
        ratelimit.consume(THREE, "wanjiku")
    assert refusal.value.retry_after == 300


@pytest.mark.django_db
def test_a_window_without_closing_ends_by_itself(nine: time_machine.Traveller) -> None:
    ratelimit.consume(THREE, "wanjiku")
    ratelimit.consume(THREE, "wanjiku")
    nine.shift(timedelta(minutes=10))
    assert ratelimit.peek(THREE, "wanjiku") == 0
    use_up()


@pytest.mark.django_db
def test_reset_forgets_and_give_back_takes_one(nine: time_machine.Traveller) -> None:
    use_up()
    ratelimit.give_back(THREE, "wanjiku")
    assert ratelimit.peek(THREE, "wanjiku") == 2
    ratelimit.reset(THREE, "wanjiku")
    assert ratelimit.peek(THREE, "wanjiku") == 0
    ratelimit.give_back(THREE, "wanjiku")
    assert ratelimit.peek(THREE, "wanjiku") == 0


@pytest.mark.django_db(transaction=True)
def test_several_are_counted_in_turn_as_if_one_by_one() -> None:
    narrow, wide = Policy("narrow", 2, timedelta(minutes=10)), Policy("wide", 3, timedelta(minutes=10))
    for _ in range(2):
        ratelimit.consume_all((narrow, "a"), (wide, "n"))
    assert (ratelimit.peek(narrow, "a"), ratelimit.peek(wide, "n")) == (2, 2)
    with pytest.raises(TooMany):
        ratelimit.consume_all((narrow, "a"), (wide, "n"))
    assert ratelimit.peek(wide, "n") == 2  # refused before it came to it
    ratelimit.consume_all((narrow, "b"), (wide, "n"))
    with pytest.raises(TooMany):
        ratelimit.consume_all((narrow, "b"), (wide, "n"))
    assert ratelimit.peek(narrow, "b") == 2  # counted, although the other was used up


@pytest.mark.django_db
def test_the_table_does_not_hold_who_was_counted() -> None:
    ratelimit.consume(THREE, "wanjiku@example.com")
    row = RateCounter.objects.get()
    assert "wanjiku" not in row.key
    assert len(row.key) == 64


@pytest.mark.django_db
def test_old_counters_are_forgotten(nine: time_machine.Traveller) -> None:
    ratelimit.consume(THREE, "wanjiku")
    nine.shift(timedelta(days=3))
    ratelimit.consume(THREE, "otieno")
    assert ratelimit.forget_old(clock.now() - timedelta(days=2)) == 1
    assert ratelimit.peek(THREE, "otieno") == 1


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_count_inside_a_transaction_that_might_roll_back() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        ratelimit.consume(THREE, "wanjiku")


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("row_exists", [True, False])
def test_of_thirty_parallel_tries_exactly_the_limit_passes(row_exists: bool) -> None:
    policy = Policy("parallel", 10, timedelta(minutes=30))
    if row_exists:
        ratelimit.consume(policy, "wanjiku")
        ratelimit.reset(policy, "wanjiku")
    results = at_once([lambda: ratelimit.consume(policy, "wanjiku")] * 30)
    assert results.count(None) == 10
    assert sum(isinstance(result, TooMany) for result in results) == 20


# --- The visitor's address ----------------------------------------------------------------------------------------


def address(remote: str, forwarded: str | None = None) -> str | None:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **headers))


def test_it_does_not_believe_a_forwarded_address_from_anybody() -> None:
    assert address("203.0.113.9", "10.1.1.1") == "203.0.113.9"


@override_settings(TRUSTED_PROXIES=["10.0.0.1", "10.2.0.0/16"])
@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9, 10.2.3.4", "203.0.113.9"),
        ("nonsense", "10.0.0.1"),
        ("203.0.113.9, nonsense", "10.0.0.1"),
        ("", "10.0.0.1"),
        ("10.2.3.4", "10.2.3.4"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_it_takes_the_first_hop_from_the_right_that_is_not_ours(forwarded: str, expected: str) -> None:
    assert address("10.0.0.1", forwarded) == expected


def test_it_has_no_address_for_a_socket_without_one() -> None:
    assert address("") is None


@override_settings(TRUSTED_PROXIES=["10.0.0.1", "10.2.0.0/16", "2001:db8::/32"])
@pytest.mark.parametrize(
    ("hop", "is_ours"),
    [
        ("10.0.0.1", True),
        ("10.2.255.255", True),
        ("::ffff:10.2.0.1", True),
        ("2001:db8::1", True),
        ("10.0.0.2", False),
        ("10.3.0.0", False),
        ("", False),
        ("nonsense", False),
    ],
)
def test_it_knows_our_proxies_by_address_and_by_network(hop: str, is_ours: bool) -> None:
    assert ratelimit.is_our_proxy(hop) is is_ours


@pytest.mark.parametrize(
    ("one", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_it_knows_the_neighbourhood_of_an_address(one: str | None, network: str) -> None:
    assert neighbourhood(one) == network
