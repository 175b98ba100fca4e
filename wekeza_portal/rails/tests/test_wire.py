"""What every call to a rail has in common: one end for all of it, a last look before money leaves, a breaker."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from tests.companies import Company, company
from wekeza_portal import clock
from wekeza_portal.rails import base, circuit, tokens, wire
from wekeza_portal.rails.base import Order, Outcome, Status
from wekeza_portal.rails.models import RailCircuit, RailToken
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.rails.tests.talking import an_order, executions, heard
from wekeza_portal.rails.tests.test_companies import PAYING
from wekeza_portal.rails.wire import Line, NoAnswer

pytestmark = pytest.mark.django_db
WITH_MPESA = {**PAYING, "mpesa": {"phone": "254711000111"}}
ASKING = {"airtel_money", "bills", "pesalink"}
ADDRESSES = ("AIRTEL_URL", "BILLS_URL", "MPESA_URL", "PESALINK_URL", "TKASH_URL")
ANY_RAIL = pytest.mark.parametrize("name", WITH_MPESA)


@pytest.fixture(params=["head byte by byte", "body byte by byte"])
def dripping(request: pytest.FixtureRequest, railsim: Simulator, settings: Settings) -> Iterator[Company]:
    """Every company answers by drips, and would for minutes; credentials are the simulator's."""
    with company(request.param) as made:
        for name in ADDRESSES:
            setattr(settings, name, made.url)
        yield made


def order(name: str, **changes: Any) -> Order:
    return an_order(WITH_MPESA[name], 1500, **changes)


# --- One end for all of it ----------------------------------------------------------------------------------------


@ANY_RAIL
def test_a_company_that_drips_holds_a_payment_no_longer_than_one_call_may_take(
    dripping: Company, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for holder in ("wire", "airtel_money"):
        monkeypatch.setattr(f"wekeza_portal.rails.{holder}.RAIL_SECONDS", 0.6)
    for asked in (lambda rail: rail.send(order(name)), lambda rail: rail.enquire(order(name), {})):
        started = time.monotonic()
        assert asked(base.rails.get(name)).status in {Status.UNKNOWN, Status.NOT_SENT}
        assert time.monotonic() - started < 5


@pytest.mark.parametrize("name", sorted(ASKING))
def test_a_person_waits_for_a_name_no_longer_than_said_token_and_all(
    dripping: Company, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(wire, "LOOK_UP_SECONDS", 0.5)
    started = time.monotonic()
    assert base.rails.get(name).look_up(WITH_MPESA[name]) is None  # type: ignore[attr-defined]
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("name", ["airtel_money", "pesalink"])
def test_a_person_does_not_wait_for_a_token_that_another_process_fetches(
    railsim: Simulator, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(wire, "LOOK_UP_SECONDS", 0.3)
    RailToken.objects.create(rail=name, claimed_until=clock.now() + tokens.CLAIM)
    started = time.monotonic()
    assert base.rails.get(name).look_up(WITH_MPESA[name]) is None  # type: ignore[attr-defined]
    assert time.monotonic() - started < 4
    assert not RailCircuit.objects.exists()  # it is counted where it is fetched


def test_a_payment_that_finds_no_token_in_time_was_not_sent(
    railsim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "RAIL_SECONDS", 0.3)
    RailToken.objects.create(rail="pesalink", claimed_until=clock.now() + tokens.CLAIM)
    outcome = base.rails.get("pesalink").send(order("pesalink"))
    assert (outcome.status, outcome.code) == (Status.NOT_SENT, "TokenAwaited")
    assert executions(railsim) == []


def test_airtels_key_and_order_share_one_end(
    railsim: Simulator, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the key has used up is not there for the order: it is not sent, and says so."""
    rail = base.rails.get("airtel_money")
    monkeypatch.setattr("wekeza_portal.rails.airtel_money.RAIL_SECONDS", 0.3)
    monkeypatch.setattr("wekeza_portal.rails.airtel_money._encrypted_pin", lambda: time.sleep(0.4) or "pin")
    assert rail.send(order("airtel_money")).status is Status.NOT_SENT
    assert heard(railsim, "/disbursements/") == []


# --- A last look before money leaves ------------------------------------------------------------------------------


@ANY_RAIL
def test_an_order_that_may_not_leave_any_more_is_not_sent_and_nobody_s_fault(railsim: Simulator, name: str) -> None:
    outcome = base.rails.get(name).send(order(name, may_leave=lambda: False))
    assert (outcome.status, outcome.code) == (Status.NOT_SENT, "too late")
    assert executions(railsim) == []
    assert not RailCircuit.objects.filter(failures__gt=0).exists()


@ANY_RAIL
def test_it_is_asked_when_everything_else_is_ready_and_before_each_try(railsim: Simulator, name: str) -> None:
    """The token was ended by somebody else, so the order goes out twice, and is carried out once."""
    rail, seen = base.rails.get(name), []
    rail.enquire(order(name), {})  # for the token
    RailToken.objects.update(token=tokens.crypto.encrypt("ended"))
    before = len(heard(railsim, "/"))

    def may_leave() -> bool:
        seen.append((len(executions(railsim)), len(heard(railsim, "/")) - before))
        return True

    assert rail.send(order(name, may_leave=may_leave)).status in {Status.ACCEPTED, Status.PAID}
    assert [executed for executed, _heard in seen] == [0] * len(seen)
    # Airtel's key replaces the token before the order is ready; companies that take no token know no second try.
    assert len(seen) == (2 if name in {"cdsc", "mpesa", "pesalink"} else 1)
    assert len(executions(railsim)) == 1


# --- The breaker ----------------------------------------------------------------------------------------------------


def slow(monkeypatch: pytest.MonkeyPatch, seconds: float, status: int = 200) -> Line:
    """A company whose every answer takes that long."""
    passed = iter(range(1000))
    monkeypatch.setattr(wire, "time", type("Clock", (), {"monotonic": lambda: next(passed) * seconds}))
    monkeypatch.setattr(wire.http, "call", lambda *a, **k: httpx.Response(status, json={}))
    return Line("bills", "The bill payment company")


def done(response: httpx.Response) -> Outcome:
    return Outcome(Status.PAID)


@pytest.mark.parametrize(("seconds", "opens"), [(9.0, True), (8.0, True), (7.9, False), (0.1, False)])
def test_answers_that_take_too_long_open_the_breaker_though_each_is_believed(
    railsim: Simulator, monkeypatch: pytest.MonkeyPatch, seconds: float, opens: bool
) -> None:
    line = slow(monkeypatch, seconds)
    for _ in range(circuit.FAILURES):
        assert line.ask("GET", "http://bills", done).status is Status.PAID
    assert circuit.is_open("bills") is opens


def test_one_quick_answer_ends_the_count(railsim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for seconds in (9.0, 9.0, 9.0, 9.0, 0.1, 9.0):
        slow(monkeypatch, seconds).answer("GET", "http://bills")
    assert not circuit.is_open("bills")


@pytest.mark.parametrize(
    ("status", "content", "counts"),
    [(500, {"code": "broken"}, 1), (500, {"code": "known"}, 0), (503, {}, 1), (429, {}, 1), (400, {}, 0)],
)
def test_an_error_that_is_an_answer_is_none_of_its_failures(
    railsim: Simulator, monkeypatch: pytest.MonkeyPatch, status: int, content: Mapping[str, str], counts: int
) -> None:
    monkeypatch.setattr(wire.http, "call", lambda *a, **k: httpx.Response(status, json=content))
    line = Line("bills", "Bills", code_of=lambda response: response.json().get("code", ""), calm=frozenset({"known"}))
    line.ask("GET", "http://bills", done)
    assert sum(RailCircuit.objects.values_list("failures", flat=True)) == counts


@pytest.mark.parametrize(("status", "code"), [(401, ""), (400, "stale")])
def test_a_token_refused_twice_stops_the_rail_whichever_way_they_say_it(
    railsim: Simulator, monkeypatch: pytest.MonkeyPatch, status: int, code: str
) -> None:
    tokens_given = iter(["t1", "t2", "t3"])
    monkeypatch.setattr(wire.http, "call", lambda *a, **k: httpx.Response(status, json={"code": code}))
    line = Line(
        "bills",
        "Bills",
        lambda: (next(tokens_given), 3600),
        code_of=lambda response: str(response.json().get("code", "")),
        stale=frozenset({"stale"}),
    )
    with pytest.raises(NoAnswer) as refused:
        line.answer("GET", "http://bills")
    outcome = refused.value.outcome
    assert (outcome.status, outcome.code, outcome.stops_rail) == (Status.NOT_SENT, code or "401", True)
    assert next(tokens_given) == "t3"
