"""The way out: a call ends at its moment whatever the other side does, and nothing leaves without leave."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.companies import Company
from wekeza_portal import http


@pytest.fixture
def company() -> Iterator[Callable[[str], Company]]:
    made: list[Company] = []

    def make(how: str) -> Company:
        made.append(Company(how))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("how", ["never", "head byte by byte", "body byte by byte"])
def test_a_call_ends_at_its_moment_however_the_answer_is_drawn_out(company: Callable[[str], Company], how: str) -> None:
    started = time.monotonic()
    with http.within(0.5), pytest.raises(httpx.ReadTimeout):
        http.call("POST", company(how).url, json={"pay": 1})
    assert 0.4 < time.monotonic() - started < 5  # a read of its own would wait 10 s, the drip for minutes


def test_without_an_end_of_its_own_a_call_has_the_usual_one(
    company: Callable[[str], Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "CALL_SECONDS", 0.3)
    with pytest.raises(httpx.ReadTimeout):
        http.call("GET", company("body byte by byte").url)


def test_several_calls_share_one_end_and_the_earliest_counts(company: Callable[[str], Company]) -> None:
    slow = company("never")
    with http.within(0.3), http.within(60):
        with pytest.raises(httpx.ReadTimeout):
            http.call("GET", slow.url)
        assert http.seconds_left() == 0
        with pytest.raises(httpx.ConnectTimeout):
            http.call("GET", slow.url)
    assert http.seconds_left() > 1000


def test_an_order_whose_time_is_up_before_its_first_byte_says_that_nothing_was_sent(
    company: Callable[[str], Company],
) -> None:
    """Connecting took all the time there was: on a kept connection and on a new one."""
    one = company("at once")
    assert http.call("GET", one.url).status_code == 200
    told = one.heard
    with http.within(0), pytest.raises(httpx.ConnectTimeout):
        http.call("POST", one.url, json={"pay": 1})
    with http.within(0.2), pytest.raises(httpx.ConnectTimeout):
        http.call("POST", one.url, json={"pay": 1}, may_leave=lambda: time.sleep(0.3) is None)
    assert one.heard == told


def test_leave_is_asked_once_when_the_connection_stands_and_without_it_nothing_is_sent(
    company: Callable[[str], Company],
) -> None:
    one, asked = company("at once"), []
    answer = http.call("POST", one.url, content=b"pay", may_leave=lambda: asked.append(one.heard) is None)
    assert (answer.status_code, asked) == (200, [b""])
    told = one.heard
    with pytest.raises(http.TooLate):
        http.call("POST", one.url, content=b"pay", may_leave=lambda: False)
    assert one.heard == told
    assert http.call("GET", one.url).status_code == 200  # the way is free for the next


def test_a_call_over_tls_that_is_answered_by_a_drip_ends_too(company: Callable[[str], Company]) -> None:
    """Whoever answers the handshake byte by byte holds nobody either, and was sent nothing."""
    dripping = company("head byte by byte")
    started = time.monotonic()
    with http.within(0.4), pytest.raises((httpx.ConnectTimeout, httpx.ConnectError)):
        http.call("GET", dripping.url.replace("http://", "https://"))
    assert time.monotonic() - started < 5
