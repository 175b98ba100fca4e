"""Bills, airtime and T-Kash with their simulated companies, over a real socket: asking, paying, tokens, silence."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from pytest_django import Settings

from wekeza_portal.rails import circuit, orders, wire
from wekeza_portal.rails.base import CUSTOMER_REASONS, Order, Receiver, Status
from wekeza_portal.rails.bills import Bills
from wekeza_portal.rails.simulator import people
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.rails.tests.talking import an_order, executions, heard, reports, state
from wekeza_portal.rails.tkash import TKash

pytestmark = pytest.mark.django_db
RAIL, WALLET = Bills(), TKash()
WATER = {"biller": "NAIROBI_WATER", "account": "1234567", "paybill": "444400"}
METER = {"biller": "KPLC_PREPAID", "account": "14123456789", "paybill": "888880"}
AIRTIME = {"biller": "AIRTIME_AIRTEL", "account": "254733000111", "bank": "99", "bank_account": "9900000034"}
PHONE = {"phone": "254770000111"}


def bill(amount: Any = "1500.00", **changes: Any) -> Order:
    return an_order(WATER, amount, **changes)


# --- Paying -------------------------------------------------------------------------------------------------------


def test_a_bill_is_taken_and_its_result_names_order_amount_and_receipt(railsim: Simulator) -> None:
    sent = bill("1500.50")
    assert RAIL.send(sent).status is Status.ACCEPTED
    (report,) = reports(railsim, RAIL)
    assert (report.order_id, report.outcome.status, report.outcome.amount) == (sent.id, Status.PAID, Decimal("1500.50"))
    assert (report.outcome.receipt[:1], report.outcome.token) == ("R", "")
    assert executions(railsim) == [(sent.id.hex, "1500.50", "NAIROBI_WATER/1234567")]


def test_the_order_says_who_is_paid_and_where_the_money_goes(railsim: Simulator) -> None:
    RAIL.send(bill())
    RAIL.send(an_order({**AIRTIME, "exact": "1"}, reference="OTHER"))
    first, second = (json.loads(row["body"]) for row in heard(railsim, "/v1/payments"))
    assert (first["biller"], first["account"], first["paybill"]) == ("NAIROBI_WATER", "1234567", "444400")
    assert (second["bank"], second["bank_account"]) == ("99", "9900000034")
    assert "exact" not in second
    assert "/rails/" in first["callback_url"]


def test_a_prepaid_meter_gets_its_token_of_twenty_digits_at_once(railsim: Simulator) -> None:
    sent = an_order(METER, "1000.00")
    outcome = RAIL.send(sent)
    assert (outcome.status, outcome.amount, len(outcome.token)) == (Status.PAID, sent.amount, 20)
    assert outcome.token.isdecimal()
    assert RAIL.enquire(sent, {}).token == outcome.token
    assert state(railsim)["callbacks"] == []


@pytest.mark.parametrize("biller", ["AIRTIME_SAFARICOM", "AIRTIME_AIRTEL", "AIRTIME_TELKOM"])
def test_airtime_arrives_at_once_and_has_no_token(railsim: Simulator, biller: str) -> None:
    sent = an_order({**AIRTIME, "biller": biller}, "100.00")
    assert (RAIL.send(sent).status, RAIL.send(sent).status) == (Status.PAID, Status.UNKNOWN)
    assert executions(railsim) == [(sent.id.hex, "100.00", f"{biller}/254733000111")]


REFUSED = [
    (1, "FLOAT", "not_possible"), (2, "TOO_SMALL", "too_small"), (3, "TOO_LARGE", "too_large"),
    (4, "EXPIRED", "bill_expired"), (5, "WRONG_AMOUNT", "wrong_amount"), (6, "BLOCKED", "account_blocked"),
    (8, "WALLET_FULL", "wallet_full"), (96, "STRANGE", "not_possible"),
]  # fmt: skip


@pytest.mark.parametrize(("ending", "code", "customer"), [*REFUSED, (40, "UNKNOWN_ACCOUNT", "unknown_number")])
def test_every_rejection_is_understood_from_answer_callback_and_enquiry(
    railsim: Simulator, ending: int, code: str, customer: str
) -> None:
    at_once, later = an_order(METER, 1500 + ending), bill(1500 + ending, reference="OTHER")
    found = [RAIL.send(at_once), RAIL.enquire(at_once, {})]
    assert RAIL.send(later).status is Status.ACCEPTED
    (report,) = reports(railsim, RAIL)
    for outcome in [*found, report.outcome, RAIL.enquire(later, {})]:
        assert (outcome.status, outcome.code, outcome.customer) == (Status.REFUSED, code, customer)
        assert (outcome.receipt, outcome.token, bool(outcome.reason)) == ("", "", True)
    assert executions(railsim) == []


def test_without_a_place_for_the_money_it_is_refused(railsim: Simulator) -> None:
    outcome = RAIL.send(an_order({"biller": "NAIROBI_WATER", "account": "1234567"}))
    assert (outcome.status, outcome.customer, executions(railsim)) == (Status.REFUSED, "account_blocked", [])


def test_busy_decides_nothing_and_nothing_was_done(railsim: Simulator) -> None:
    assert RAIL.send(bill(1526)).status is Status.UNKNOWN
    assert executions(railsim) == []


@pytest.mark.parametrize("where", [WATER, METER])
def test_503_after_paying_is_unknown_and_found_by_asking(railsim: Simulator, where: dict[str, str]) -> None:
    sent = an_order(where, 1597)
    assert RAIL.send(sent).status is Status.UNKNOWN
    assert len(executions(railsim)) == 1
    found = RAIL.enquire(sent, {})
    assert (found.status, bool(found.token)) == (Status.PAID, where is METER)


@pytest.mark.parametrize("where", [WATER, METER])
@pytest.mark.parametrize(("amount", "copies"), [(1598, 2), (1599, 0)])
def test_a_result_may_come_twice_or_never(railsim: Simulator, where: dict[str, str], amount: int, copies: int) -> None:
    sent = an_order(where, amount)
    assert RAIL.send(sent).status is Status.ACCEPTED
    assert len(reports(railsim, RAIL)) == copies
    assert RAIL.enquire(sent, {}).status is Status.PAID


def test_a_bill_that_hangs_is_under_way_however_often_one_asks(railsim: Simulator) -> None:
    sent = bill(1537)
    assert RAIL.send(sent).status is Status.ACCEPTED
    assert [RAIL.enquire(sent, {}).status for _ in range(2)] == [Status.ACCEPTED, Status.ACCEPTED]
    assert executions(railsim) == []


def test_the_same_order_again_is_never_paid_again(railsim: Simulator) -> None:
    sent = bill()
    assert [RAIL.send(sent).status for _ in range(3)] == [Status.ACCEPTED, Status.UNKNOWN, Status.UNKNOWN]
    assert (len(executions(railsim)), state(railsim)["alarms"]) == (1, [])


@pytest.mark.parametrize(("company", "rail", "where"), [("bills", RAIL, WATER), ("tkash", WALLET, PHONE)])
def test_a_company_that_forgets_ids_rings_the_alarm(
    railsim: Simulator, company: str, rail: Any, where: dict[str, str]
) -> None:
    railsim.store.set_fault(company, "forgets_ids", 1)
    sent = an_order(where)
    rail.send(sent)
    rail.send(sent)
    assert any(sent.id.hex in alarm for alarm in state(railsim)["alarms"])


# --- Silence ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["busy", "refuse", "accept_503"])
def test_silence_after_sending_is_unknown(railsim: Simulator, fault: str) -> None:
    railsim.store.set_fault("bills", fault, 1)
    assert RAIL.send(bill()).status is Status.UNKNOWN


def test_a_company_that_is_not_there_was_sent_nothing(railsim: Simulator, settings: Settings) -> None:
    settings.BILLS_URL = "http://127.0.0.1:9"
    assert (RAIL.send(bill()).status, RAIL.look_up(WATER)) == (Status.NOT_SENT, None)


def test_after_five_silences_it_is_left_alone(railsim: Simulator) -> None:
    railsim.store.set_fault("bills", "busy", 1)
    for number in range(5):
        RAIL.send(bill(reference=f"R{number}"))
    assert (RAIL.send(bill()).code, circuit.is_open("bills")) == ("circuit", True)


def test_a_wrong_key_refuses_and_stops_the_rail(railsim: Simulator, settings: Settings) -> None:
    settings.BILLS_KEY = "wrong"
    outcome = RAIL.send(bill())
    assert (outcome.status, outcome.stops_rail, RAIL.look_up(WATER)) == (Status.REFUSED, True, None)
    assert RAIL.enquire(bill(), {}).status is Status.UNKNOWN


@pytest.mark.parametrize("name", ["BILLS_URL", "BILLS_KEY"])
def test_without_credentials_nobody_is_called(railsim: Simulator, settings: Settings, name: str) -> None:
    setattr(settings, name, "")
    assert (RAIL.send(bill()).status, RAIL.look_up(WATER)) == (Status.NOT_SENT, None)
    assert state(railsim)["requests"] == []


def test_an_order_they_never_had_is_not_found(railsim: Simulator) -> None:
    sent = bill(1526)
    RAIL.send(sent)
    assert RAIL.enquire(sent, {}).status is Status.NOT_FOUND


def test_any_other_404_says_nothing_about_the_order(railsim: Simulator, settings: Settings) -> None:
    settings.BILLS_URL += "/elsewhere"
    assert RAIL.enquire(bill(), {}).status is Status.UNKNOWN


# --- Asking first -------------------------------------------------------------------------------------------------


def test_the_company_says_whose_number_it_is(railsim: Simulator) -> None:
    assert RAIL.look_up(WATER) == Receiver(name=people.name_of("1234567"))


def test_what_is_due_counts_only_where_nothing_else_is_taken(railsim: Simulator) -> None:
    prn = {"biller": "KRA", "account": "2020260012345678", "paybill": "222222"}
    name = people.name_of("2020260012345678")
    assert RAIL.look_up(prn) == Receiver(name=name)
    assert RAIL.look_up({**prn, "exact": "1"}) == Receiver(name=name, amount=Decimal("7800.00"))


@pytest.mark.parametrize(("end", "refusal"), [("0404", "unknown_number"), ("0403", "bill_expired")])
def test_a_number_nobody_has_is_refused_before_anything_is_sent(railsim: Simulator, end: str, refusal: str) -> None:
    assert RAIL.look_up({**WATER, "account": f"123{end}"}) == Receiver(refusal=refusal)


@pytest.mark.parametrize("fault", ["busy", "refuse"])
def test_no_answer_is_no_name_and_no_refusal(railsim: Simulator, fault: str) -> None:
    railsim.store.set_fault("bills", fault, 1)
    assert RAIL.look_up(WATER) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (200, b"{}"), (200, b'{"status": "OK", "amount_due": "NaN"}'), (200, b'{"status": "MAYBE"}'),
     (500, b'{"status": "REJECTED"}'), (403, b'{"status": "REJECTED"}'), (404, b"nobody")],
)  # fmt: skip
def test_an_unclear_answer_stops_nobody(
    railsim: Simulator, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    monkeypatch.setattr(wire.http, "call", lambda *a, **k: httpx.Response(status, content=body))
    assert RAIL.look_up(WATER) is None


# --- T-Kash -------------------------------------------------------------------------------------------------------


def test_a_phone_is_paid_over_t_kash_and_reported_later(railsim: Simulator) -> None:
    sent = an_order(PHONE, "2000.00")
    assert WALLET.send(sent).status is Status.ACCEPTED
    (report,) = reports(railsim, WALLET)
    assert (report.order_id, report.outcome.status, report.outcome.name) == (
        sent.id,
        Status.PAID,
        people.name_of("254770000111"),
    )
    assert executions(railsim) == [(sent.id.hex, "2000.00", "254770000111")]
    assert WALLET.enquire(sent, {}).status is Status.PAID


@pytest.mark.parametrize(("ending", "code", "customer"), [*REFUSED, (40, "NOT_REGISTERED", "not_registered")])
def test_t_kash_refuses_in_words_a_customer_understands(
    railsim: Simulator, ending: int, code: str, customer: str
) -> None:
    WALLET.send(an_order(PHONE, 2000 + ending))
    (report,) = reports(railsim, WALLET)
    assert (report.outcome.status, report.outcome.code, report.outcome.customer) == (Status.REFUSED, code, customer)


def test_without_a_simulator_there_is_no_t_kash(railsim: Simulator, settings: Settings) -> None:
    settings.TKASH_URL = ""
    assert WALLET.send(an_order(PHONE)).status is Status.NOT_SENT
    assert state(railsim)["requests"] == []


# --- What they might send -----------------------------------------------------------------------------------------

STATE = {"id": UUID(int=7).hex, "status": "PAID", "amount": "1500.00", "receipt": "R1"}


@pytest.mark.parametrize(
    "message",
    [{}, {"status": "PAID"}, {**STATE, "id": "x"}, {**STATE, "status": "paid"}, {**STATE, "status": None},
     {**STATE, "status": ["PAID"]}, {**STATE, "amount": "NaN"}, {**STATE, "amount": "-1"}, {**STATE, "amount": [1]},
     {**STATE, "amount": True}, {**STATE, "token": "123"}, {**STATE, "token": "1" * 21},
     {**STATE, "token": "١" * 20}, {**STATE, "token": "<script>alert(1)</script>"}],
)  # fmt: skip
def test_what_makes_no_sense_is_unreadable_never_paid(message: dict[str, Any]) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        RAIL.parse("bills.result", message)


@pytest.mark.parametrize("token", ["12345678901234567890", "1234-5678-9012-3456-7890", "1234 5678 9012 3456 7890"])
def test_a_token_is_kept_as_its_digits(token: str) -> None:
    assert RAIL.parse("bills.result", {**STATE, "token": token}).outcome.token == "12345678901234567890"


def test_long_or_odd_texts_are_cut_and_kept_on_one_line() -> None:
    outcome = RAIL.parse("bills.result", {**STATE, "name": "A\n" * 10_000, "receipt": {"x": 1}}).outcome
    assert (len(outcome.name), "\n" in outcome.name, outcome.receipt) == (100, False, "")


def test_every_rejection_has_words_for_the_customer() -> None:
    assert {customer for _reason, customer in orders.REJECTS.values()} <= set(CUSTOMER_REASONS)
