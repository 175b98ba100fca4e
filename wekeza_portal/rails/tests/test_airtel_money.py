"""The Airtel Money client and the simulated Airtel, over a real socket: every code, every status, and silence."""

import base64
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
import time_machine
from pytest_django import Settings

from wekeza_portal.rails import airtel_messages, circuit, wire
from wekeza_portal.rails.airtel_money import AirtelMoney
from wekeza_portal.rails.base import CUSTOMER_REASONS, Order, Receiver, Status
from wekeza_portal.rails.models import RailToken
from wekeza_portal.rails.simulator import people
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.rails.tests.talking import an_order, desk, executions, heard, state

pytestmark = pytest.mark.django_db
RAIL = AirtelMoney()
PHONE = {"phone": "254733000111"}


def order(amount: Any = 1500, **changes: Any) -> Order:
    return an_order(PHONE, amount, **changes)


# --- Paying -------------------------------------------------------------------------------------------------------


def test_a_payment_is_paid_in_the_answer_and_leaves_their_receipt(railsim: Simulator) -> None:
    sent = order()
    outcome = RAIL.send(sent)
    assert (outcome.status, outcome.code, outcome.receipt[:2]) == (Status.PAID, "DP00900001001", "CI")
    assert executions(railsim) == [(sent.id.hex, "1500", "254733000111")]
    assert state(railsim)["callbacks"] == []


def test_the_request_is_as_airtel_wants_it(railsim: Simulator) -> None:
    sent = order()
    RAIL.send(sent)
    content = json.loads(heard(railsim, "/disbursements/")[0]["body"])
    assert content["payee"] == {"msisdn": "733000111", "currency": "KES", "wallet_type": "NORMAL"}
    assert content["transaction"] == {"amount": 1500, "id": sent.id.hex, "type": "B2C"}
    assert content["reference"] == "7KQ2M9XD4TWR"
    assert "simulated" not in json.dumps(content)  # the PIN is encrypted


@pytest.mark.parametrize("padding", ["pkcs1v15", "oaep"])
def test_the_pin_is_encrypted_for_their_key_with_the_padding_that_is_set(
    railsim: Simulator, settings: Settings, padding: str
) -> None:
    settings.AIRTEL_PIN_PADDING = padding
    sent = order()
    assert RAIL.send(sent).status is Status.PAID
    assert railsim.store.recall("airtel_money", "order", sent.id.hex)["way"] == padding


def test_a_wrong_pin_pays_nobody(railsim: Simulator, settings: Settings) -> None:
    settings.AIRTEL_PIN = "0000"
    assert RAIL.send(order()).status is Status.REFUSED
    assert executions(railsim) == []


@pytest.mark.parametrize(
    ("ending", "code", "status", "customer", "stops"),
    [
        (1, "07", Status.REFUSED, "not_possible", False),
        (3, "03", Status.REFUSED, "daily_limit", False),
        (4, "04", Status.REFUSED, "amount_refused", False),
        (5, "05", Status.REFUSED, "not_possible", False),
        (9, "09", Status.REFUSED, "not_registered", False),
        (10, "10", Status.REFUSED, "account_blocked", False),
        (11, "11", Status.UNKNOWN, "later", False),
        (12, "12", Status.REFUSED, "not_registered", False),
        (13, "13", Status.REFUSED, "not_possible", False),
        (16, "16", Status.REFUSED, "not_possible", True),
        (40, "12", Status.REFUSED, "not_registered", False),
        (96, "88", Status.REFUSED, "not_possible", False),
    ],
)
def test_every_code_means_what_the_contract_says_in_answer_and_enquiry(
    railsim: Simulator, ending: int, code: str, status: Status, customer: str, stops: bool
) -> None:
    sent = order(1500 + ending)
    for outcome in (RAIL.send(sent), RAIL.enquire(sent, {})):
        assert (outcome.status, outcome.code, outcome.customer) == (status, f"DP009000010{code}", customer)
        assert (outcome.stops_rail, outcome.receipt, bool(outcome.reason)) == (stops, "", True)
    assert executions(railsim) == []


@pytest.mark.parametrize(
    ("ending", "at_first", "asked", "paid"),
    [
        (34, Status.UNKNOWN, Status.REFUSED, 0),  # expired
        (35, Status.ACCEPTED, Status.ACCEPTED, 0),  # in process for good
        (36, Status.UNKNOWN, Status.PAID, 1),  # TU
        (37, Status.UNKNOWN, Status.PAID, 1),  # TA
        (97, Status.UNKNOWN, Status.PAID, 1),  # done, and 503
        (98, Status.ACCEPTED, Status.PAID, 1),
        (99, Status.ACCEPTED, Status.PAID, 1),
    ],
)
def test_ambiguous_is_unknown_never_refused_and_asking_finds_out(
    railsim: Simulator, ending: int, at_first: Status, asked: Status, paid: int
) -> None:
    sent = order(1500 + ending)
    assert RAIL.send(sent).status is at_first
    found = RAIL.enquire(sent, {})
    assert (found.status, bool(found.receipt), len(executions(railsim))) == (asked, asked is Status.PAID, paid)


def test_busy_decides_nothing_and_asking_finds_that_they_never_had_it(railsim: Simulator) -> None:
    sent = order(1526)
    assert RAIL.send(sent).status is Status.UNKNOWN
    assert RAIL.enquire(sent, {}).status is Status.NOT_FOUND
    assert executions(railsim) == []


def test_the_same_order_again_is_never_paid_again(railsim: Simulator) -> None:
    sent = order()
    assert [RAIL.send(sent).status for _ in range(3)] == [Status.PAID, Status.UNKNOWN, Status.UNKNOWN]
    assert (len(executions(railsim)), state(railsim)["alarms"]) == (1, [])


def test_a_company_that_forgets_ids_rings_the_alarm(railsim: Simulator) -> None:
    railsim.store.set_fault("airtel_money", "forgets_ids", 1)
    sent = order()
    RAIL.send(sent)
    RAIL.send(sent)
    assert any(sent.id.hex in alarm for alarm in state(railsim)["alarms"])


@pytest.mark.parametrize("amount", ["10.50", "0", "-5", "0.5", "NaN", "Infinity"])
def test_it_sends_whole_shillings_or_nothing(railsim: Simulator, amount: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        RAIL.send(order(amount))
    assert state(railsim)["requests"] == []


def test_it_is_asked_sooner_than_others_because_nobody_calls_back(railsim: Simulator) -> None:
    assert [wait.total_seconds() for wait in RAIL.ask_after] == [5, 15, 60, 300, 3600]
    with pytest.raises(ValueError, match="does not call back"):
        RAIL.parse("airtel_money.result", {"transaction": {"status_code": "TS"}})


# --- Tokens and silence -------------------------------------------------------------------------------------------


def test_one_token_serves_many_calls_and_is_renewed_half_a_minute_before_its_three_are_over(railsim: Simulator) -> None:
    with time_machine.travel("2026-11-23 09:00:00+03:00", tick=False) as at:
        RAIL.send(order(reference="A"))
        RAIL.look_up(PHONE)
        assert len(heard(railsim, "/oauth2/token")) == 1
        assert RailToken.objects.get().rail == "airtel_money"
        at.shift(149)
        RAIL.send(order(reference="B"))
        assert len(heard(railsim, "/oauth2/token")) == 1
        at.shift(1)
        RAIL.send(order(reference="C"))
    assert len(heard(railsim, "/oauth2/token")) == 2


def test_a_token_that_ended_is_replaced_and_the_same_order_sent_once(railsim: Simulator) -> None:
    RAIL.send(order(reference="FIRST"))
    desk(railsim, "airtel_money").new_token()  # somebody else's; ours is worthless now
    assert RAIL.send(order()).status is Status.PAID
    assert (len(executions(railsim)), state(railsim)["alarms"]) == (2, [])


@pytest.mark.parametrize("fault", ["busy", "refuse"])
def test_without_a_token_nothing_is_sent(railsim: Simulator, fault: str) -> None:
    railsim.store.set_fault("airtel_money", fault, 1)
    assert RAIL.send(order()).status is Status.NOT_SENT


def test_without_their_key_for_the_pin_nothing_is_sent(railsim: Simulator) -> None:
    RAIL.look_up(PHONE)  # for the token
    railsim.store.set_fault("airtel_money", "busy", 1)
    assert RAIL.send(order()).status is Status.NOT_SENT
    assert heard(railsim, "/disbursements/") == []


@pytest.mark.parametrize("key", ["", "x", base64.b64encode(b"no key").decode()])
def test_a_key_that_is_none_sends_nothing(railsim: Simulator, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    real = wire.http.call

    def call(method: str, url: str, **content: Any) -> httpx.Response:
        bad = httpx.Response(200, json={"data": {"key": key}})
        return bad if "rsa" in url else real(method, url, **content)

    monkeypatch.setattr(wire.http, "call", call)
    assert RAIL.send(order()).status is Status.NOT_SENT
    assert executions(railsim) == []


def test_silence_after_sending_is_unknown(railsim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    real = wire.http.call

    def call(method: str, url: str, **content: Any) -> httpx.Response:
        return real(method, url, **({**content, "timeout": 0.2} if "disbursements" in url else content))

    RAIL.send(order(reference="FIRST"))
    monkeypatch.setattr(wire.http, "call", call)
    monkeypatch.setattr("wekeza_portal.rails.airtel_money._encrypted_pin", lambda: "pin")
    railsim.store.set_fault("airtel_money", "slow", 2)
    outcome = RAIL.send(order())
    assert (outcome.status, outcome.code) == (Status.UNKNOWN, "ReadTimeout")


def test_after_five_silences_it_is_left_alone(railsim: Simulator) -> None:
    railsim.store.set_fault("airtel_money", "refuse", 1)
    for number in range(5):
        RAIL.send(order(reference=f"R{number}"))
    assert (RAIL.send(order()).code, circuit.is_open("airtel_money")) == ("circuit", True)


@pytest.mark.parametrize("name", ["AIRTEL_CLIENT_ID", "AIRTEL_CLIENT_SECRET", "AIRTEL_PIN"])
def test_without_credentials_nobody_is_called(railsim: Simulator, settings: Settings, name: str) -> None:
    setattr(settings, name, "")
    assert (RAIL.send(order()).status, RAIL.enquire(order(), {}).status) == (Status.NOT_SENT, Status.UNKNOWN)
    assert RAIL.look_up(PHONE) is None
    assert state(railsim)["requests"] == []


def test_another_version_of_their_paths_is_a_setting(railsim: Simulator, settings: Settings) -> None:
    settings.AIRTEL_API_VERSION = "v9"
    assert (RAIL.send(order()).status, RAIL.enquire(order(), {}).status) == (Status.REFUSED, Status.UNKNOWN)
    assert heard(railsim, "/standard/v9/disbursements/")


# --- Names --------------------------------------------------------------------------------------------------------


def test_the_name_of_a_subscriber(railsim: Simulator) -> None:
    assert RAIL.look_up(PHONE) == Receiver(name=people.name_of("733000111"))


@pytest.mark.parametrize("fault", ["", "refuse"])
def test_the_logs_do_not_say_whose_name_was_asked(
    railsim: Simulator, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level("INFO")
    RAIL.send(order())
    if fault:
        railsim.store.set_fault("airtel_money", fault, 1)
    RAIL.look_up(PHONE)
    assert "/standard/v1/users/..." in caplog.text
    assert not any(name in caplog.text for name in ("733000111", "simulated", "7KQ2"))


@pytest.mark.parametrize(
    ("end", "refusal"), [("0404", "not_registered"), ("0403", "account_blocked"), ("0406", "not_registered")]
)
def test_a_number_without_a_wallet_is_refused_before_anything_is_sent(
    railsim: Simulator, end: str, refusal: str
) -> None:
    assert RAIL.look_up({"phone": f"25473300{end}"}) == Receiver(refusal=refusal)


@pytest.mark.parametrize("fault", ["busy", "refuse"])
def test_no_answer_is_no_name_and_no_refusal(railsim: Simulator, fault: str) -> None:
    RAIL.look_up(PHONE)
    railsim.store.set_fault("airtel_money", fault, 1)
    assert RAIL.look_up(PHONE) is None


@pytest.mark.parametrize(
    ("status", "content"),
    [(200, {}), (200, {"data": {}}), (200, {"data": {"first_name": "JANE"}}), (500, {}), (403, {}),
     (200, {"data": {"registration": {"status": "SUBSCRIBED"}}})],
)  # fmt: skip
def test_an_unclear_answer_stops_nobody(
    railsim: Simulator, monkeypatch: pytest.MonkeyPatch, status: int, content: dict[str, Any]
) -> None:
    RAIL.look_up(PHONE)
    monkeypatch.setattr(wire.http, "call", lambda *a, **k: httpx.Response(status, json=content))
    assert RAIL.look_up(PHONE) is None


# --- What they might send -----------------------------------------------------------------------------------------


def answer(stage: str, code: str, http: int = 200) -> httpx.Response:
    content = {"data": {"transaction": {"status": stage}}, "status": {"response_code": code, "message": "words"}}
    return httpx.Response(http, json=content)


@pytest.mark.parametrize(
    ("stage", "code", "status"),
    [
        ("TS", "DP00900001001", Status.PAID),
        ("ts", "DP00900001001", Status.PAID),
        ("TS", "", Status.PAID),
        ("TS", "DP00900001007", Status.UNKNOWN),
        ("TS", "DP00900001000", Status.UNKNOWN),
        ("TF", "DP00900001001", Status.UNKNOWN),
        ("TF", "DP00900001000", Status.UNKNOWN),
        ("TF", "DP00900001014", Status.UNKNOWN),
        ("TF", "DP00900001017", Status.UNKNOWN),
        ("TF", "", Status.REFUSED),
        ("", "DP00900001001", Status.UNKNOWN),
        ("", "DP00900001006", Status.ACCEPTED),
        ("", "DP00900001007", Status.REFUSED),
        ("TA", "DP00900001007", Status.UNKNOWN),
        ("TU", "DP00900001005", Status.UNKNOWN),
        ("TE", "DP00900001005", Status.UNKNOWN),
        ("XX", "DP00900001005", Status.UNKNOWN),
        ("", "DP00800001007", Status.UNKNOWN),
        ("", "", Status.UNKNOWN),
    ],
)
def test_only_words_that_agree_pay_or_refuse(stage: str, code: str, status: Status) -> None:
    assert airtel_messages.sent(answer(stage, code)).status is status


@pytest.mark.parametrize(
    ("http", "status"),
    [(400, Status.REFUSED), (403, Status.REFUSED), (409, Status.UNKNOWN), (500, Status.UNKNOWN), (504, Status.UNKNOWN)],
)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"data": [], "status": 1}'])
def test_a_status_without_words_refuses_only_at_the_door(http: int, status: Status, body: bytes) -> None:
    assert airtel_messages.sent(httpx.Response(http, content=body)).status is status
    assert airtel_messages.state(httpx.Response(http, content=body)).status is Status.UNKNOWN


def test_every_refusal_has_words_for_the_customer() -> None:
    assert {customer for _reason, customer in airtel_messages.REFUSALS.values()} <= set(CUSTOMER_REASONS)
    assert (RAIL.limits.most, RAIL.limits.whole) == (Decimal(250_000), True)
