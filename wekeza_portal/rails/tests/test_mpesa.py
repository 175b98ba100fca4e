"""The M-Pesa client and the simulated Safaricom, over a real socket: every outcome the contract knows, and silence."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings

from wekeza_portal import clock
from wekeza_portal.rails import circuit, credentials, mpesa, mpesa_messages, wire
from wekeza_portal.rails.base import Order, Outcome, Report, Status
from wekeza_portal.rails.models import RailToken
from wekeza_portal.rails.reading import read
from wekeza_portal.rails.simulator.server import Simulator

pytestmark = pytest.mark.django_db
PAYOUTS, PROMPTS = mpesa.Payouts(), mpesa.Prompts()


def order(amount: int = 500, **changes: Any) -> Order:
    fresh = Order(uuid4(), "7KQ2-M9XD-4TWR", Decimal(amount), {"phone": "254711000111"})
    return replace(fresh, **changes)


def state(sim: Simulator) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{sim.url}/_sim/state.json").json()
    return found


def calls(sim: Simulator, kind: str) -> list[Report]:
    """What the simulator would tell us under `kind`, oldest first, read by the client."""
    bodies = [row["body"] for row in reversed(state(sim)["callbacks"]) if row["state"] == "WAITING"]
    return [PAYOUTS.parse(kind, read(body.encode())) for body in bodies]


# --- Paying out ---------------------------------------------------------------------------------------------------


def test_a_payment_is_accepted_and_its_result_names_order_amount_receipt_and_receiver(railsim: Simulator) -> None:
    sent = order(500)
    outcome = PAYOUTS.send(sent)
    assert (outcome.status, outcome.rail_ids["conversation"][:3]) == (Status.ACCEPTED, "AG_")
    (report,) = calls(railsim, "mpesa.result")
    (execution,) = state(railsim)["executions"]
    assert (report.order_id, report.outcome.status, report.outcome.amount) == (sent.id, Status.PAID, Decimal("500.00"))
    assert (report.outcome.name, len(report.outcome.receipt)) == ("JANE WANJIKU", 10)
    assert report.outcome.rail_ids == outcome.rail_ids
    assert (execution["originator"], execution["reference"]) == (str(sent.id), "7KQ2-M9XD-4TWR")
    assert (execution["receiver"], execution["amount"]) == ("254711000111", "500")


@pytest.mark.parametrize(
    ("ending", "code", "status", "customer", "stops"),
    [
        (1, "1", Status.REFUSED, "not_possible", False),
        (2, "2", Status.REFUSED, "too_small", False),
        (3, "3", Status.REFUSED, "too_large", False),
        (4, "4", Status.REFUSED, "daily_limit", False),
        (8, "8", Status.REFUSED, "wallet_full", False),
        (11, "11", Status.REFUSED, "not_possible", False),
        (15, "15", Status.UNKNOWN, "later", False),
        (17, "17", Status.UNKNOWN, "later", False),
        (20, "2001", Status.REFUSED, "not_possible", True),
        (21, "21", Status.REFUSED, "not_possible", False),
        (28, "2028", Status.REFUSED, "not_possible", False),
        (33, "SFC_IC0003", Status.REFUSED, "not_possible", False),
        (40, "2040", Status.REFUSED, "not_registered", False),
        (66, "2006", Status.REFUSED, "not_possible", False),
        (86, "8006", Status.REFUSED, "not_possible", True),
        (96, "7777", Status.UNKNOWN, "later", False),
    ],
)
def test_every_result_code_means_what_the_contract_says(
    railsim: Simulator, ending: int, code: str, status: Status, customer: str, stops: bool
) -> None:
    sent = order(1000 + ending)
    assert PAYOUTS.send(sent).status is Status.ACCEPTED
    (report,) = calls(railsim, "mpesa.result")
    outcome = report.outcome
    assert (report.order_id, outcome.code, outcome.status, outcome.customer) == (sent.id, code, status, customer)
    assert (outcome.stops_rail, outcome.receipt, outcome.amount) == (stops, "", None)
    assert outcome.reason
    assert state(railsim)["executions"] == []


def test_busy_after_sending_decides_nothing(railsim: Simulator) -> None:
    outcome = PAYOUTS.send(order(1026))
    assert (outcome.status, outcome.code) == (Status.UNKNOWN, "500.003.02")


def test_an_order_that_expired_in_the_queue_is_unknown_not_refused(railsim: Simulator) -> None:
    sent = order(1037)
    PAYOUTS.send(sent)
    (report,) = calls(railsim, "mpesa.timeout")
    assert (report.order_id, report.outcome.status) == (sent.id, Status.UNKNOWN)


def test_503_after_accepting_is_unknown_and_the_money_did_move(railsim: Simulator) -> None:
    assert PAYOUTS.send(order(1097)).status is Status.UNKNOWN
    assert len(state(railsim)["executions"]) == 1


@pytest.mark.parametrize(("amount", "copies"), [(1098, 2), (1099, 0)])
def test_a_result_may_come_twice_or_never(railsim: Simulator, amount: int, copies: int) -> None:
    PAYOUTS.send(order(amount))
    assert len(calls(railsim, "mpesa.result")) == copies


def test_the_same_order_again_is_never_paid_again(railsim: Simulator) -> None:
    sent = order(500)
    assert [PAYOUTS.send(sent).status for _ in range(3)] == [Status.ACCEPTED, Status.UNKNOWN, Status.UNKNOWN]
    assert len(state(railsim)["executions"]) == 1
    assert state(railsim)["alarms"] == []


def test_a_company_that_forgets_ids_rings_the_alarm(railsim: Simulator) -> None:
    railsim.store.set_fault("mpesa", "forgets_ids", 1)
    sent = order(500)
    PAYOUTS.send(sent)
    PAYOUTS.send(sent)
    assert any(str(sent.id) in alarm for alarm in state(railsim)["alarms"])


def test_the_same_reference_under_a_new_id_rings_the_alarm(railsim: Simulator) -> None:
    PAYOUTS.send(order(500))
    PAYOUTS.send(order(500))
    assert state(railsim)["alarms"] == ["mpesa: reference 7KQ2-M9XD-4TWR was paid under 2 ids"]


def test_a_wrong_initiators_password_stops_the_rail(railsim: Simulator, settings: Settings) -> None:
    settings.MPESA_INITIATOR_PASSWORD = "wrong"
    PAYOUTS.send(order(500))
    (report,) = calls(railsim, "mpesa.result")
    assert (report.outcome.status, report.outcome.code, report.outcome.stops_rail) == (Status.REFUSED, "2001", True)
    assert state(railsim)["executions"] == []


def test_what_is_refused_at_the_door_is_refused(railsim: Simulator) -> None:
    outcome = PAYOUTS.send(order(500, destination={"phone": "0711"}))
    assert (outcome.status, outcome.code, outcome.stops_rail) == (Status.REFUSED, "400.002.02", False)
    assert "PartyB" in outcome.reason


@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 504])
@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"errorCode": "408.000.00", "errorMessage": "words"}'])
def test_an_answer_that_decides_nothing_refuses_nothing(
    railsim: Simulator, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    answering(monkeypatch, httpx.Response(status, content=body))
    for outcome in (PAYOUTS.send(order(500)), PROMPTS.send(order(500)), mpesa.reverse(order(500), "S1")):
        assert (outcome.status, outcome.stops_rail) == (Status.UNKNOWN, False)
    assert PAYOUTS.enquire(order(500), {}).status is Status.UNKNOWN


@pytest.mark.parametrize("status", [302, 400, 403, 404, 418])
@pytest.mark.parametrize("body", [b"", b"<html>Request blocked", b"{}", b"[]", b'{"errorCode": ["400.002.02"]}'])
def test_a_refusal_that_is_not_in_darajas_own_words_decides_nothing(
    railsim: Simulator, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    """Gateways in front of Daraja answer in words of their own, and one does not know what those behind them did."""
    answering(monkeypatch, httpx.Response(status, content=body))
    outcome = PAYOUTS.send(order(500))
    assert (outcome.status, outcome.stops_rail) == (Status.UNKNOWN, False)


@pytest.mark.parametrize("code", ["404.001.01", "404.001.04", "405.001"])
def test_a_wrong_address_or_method_stops_the_rail(
    railsim: Simulator, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    answering(monkeypatch, httpx.Response(int(code[:3]), json={"errorCode": code, "errorMessage": "wrong"}))
    outcome = PAYOUTS.send(order(500))
    assert (outcome.status, outcome.code, outcome.stops_rail) == (Status.REFUSED, code, True)


def answering(monkeypatch: pytest.MonkeyPatch, answer: httpx.Response) -> None:
    """With a token in hand, everything is answered by this."""
    PAYOUTS.send(order(500))
    monkeypatch.setattr(wire.http, "call", lambda *a, **k: answer)


@pytest.mark.parametrize("name", credentials.NEEDED["mpesa"])
def test_without_its_credentials_nobody_is_called(railsim: Simulator, settings: Settings, name: str) -> None:
    setattr(settings, name, "")
    sent = (PAYOUTS.send(order()), PROMPTS.send(order()), mpesa.reverse(order(), "S1"), mpesa.register_paybill())
    assert [outcome.status for outcome in sent] == [Status.NOT_SENT] * 4
    assert PAYOUTS.enquire(order(), {}).status is Status.UNKNOWN
    assert state(railsim)["requests"] == []


EC_KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("certificate", ["/", "/nowhere.pem", "-----BEGIN CERTIFICATE-----\nx", "wrong kind of key"])
def test_a_certificate_that_is_none_sends_nothing_and_asks_nothing(
    railsim: Simulator, settings: Settings, certificate: str
) -> None:
    settings.MPESA_CERTIFICATE = an_ec_certificate() if certificate.startswith("wrong") else certificate
    outcome = PAYOUTS.send(order())
    assert (outcome.status, outcome.code, outcome.customer) == (Status.NOT_SENT, "no credential", "later")
    assert mpesa.reverse(order(), "S1").status is Status.NOT_SENT
    assert PAYOUTS.enquire(order(), {}).status is Status.UNKNOWN
    assert state(railsim)["requests"] == []
    assert not circuit.is_open("mpesa")


def an_ec_certificate() -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "no RSA")])
    day = clock.now()
    made = x509.CertificateBuilder(name, name, EC_KEY.public_key(), 1, day, day + timedelta(days=1))
    return made.sign(EC_KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize("leave", [True, False])
def test_an_order_that_may_not_leave_any_more_is_not_sent(railsim: Simulator, leave: bool) -> None:
    sent = order(500, may_leave=lambda: leave)
    outcome = PAYOUTS.send(sent)
    assert outcome.status is (Status.ACCEPTED if leave else Status.NOT_SENT)
    assert len(state(railsim)["executions"]) == leave
    assert not circuit.is_open("mpesa")


@pytest.mark.parametrize("amount", ["10.50", "0", "-5", "NaN", "Infinity", "0.5"])
def test_it_sends_whole_shillings_or_nothing(railsim: Simulator, amount: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        PAYOUTS.send(order(amount=Decimal(amount)))
    assert state(railsim)["requests"] == []


# --- When they do not answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status"), [("accept_503", Status.UNKNOWN), ("busy", Status.NOT_SENT), ("refuse", Status.NOT_SENT)]
)
def test_without_a_token_nothing_is_sent(railsim: Simulator, fault: str, status: Status) -> None:
    railsim.store.set_fault("mpesa", fault, 1)
    assert PAYOUTS.send(order()).status is status


@pytest.mark.parametrize("fault", ["busy", "refuse", "accept_503"])
def test_with_a_token_silence_after_sending_is_unknown(railsim: Simulator, fault: str) -> None:
    PAYOUTS.send(order(500))
    railsim.store.set_fault("mpesa", fault, 1)
    assert PAYOUTS.send(order(600, reference="OTHER")).status is Status.UNKNOWN


def test_a_slow_answer_is_unknown_and_not_waited_for(railsim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    PAYOUTS.send(order(500))
    railsim.store.set_fault("mpesa", "slow", 2)
    real = wire.http.call
    monkeypatch.setattr(wire.http, "call", lambda *a, **k: real(*a, **k, timeout=0.2))
    outcome = PAYOUTS.send(order(600, reference="OTHER"))
    assert (outcome.status, outcome.code) == (Status.UNKNOWN, "ReadTimeout")


def test_a_company_that_is_not_there_was_sent_nothing(railsim: Simulator, settings: Settings) -> None:
    PAYOUTS.send(order(500))
    settings.MPESA_URL = "http://127.0.0.1:9"
    outcome = PAYOUTS.send(order(600))
    assert (outcome.status, outcome.code) == (Status.NOT_SENT, "ConnectError")


def test_after_five_silences_it_is_left_alone(railsim: Simulator) -> None:
    PAYOUTS.send(order(500))
    railsim.store.set_fault("mpesa", "busy", 1)
    for number in range(5):
        PAYOUTS.send(order(600, reference=f"R{number}"))
    heard = len(state(railsim)["requests"])
    outcome = PAYOUTS.send(order(700, reference="LAST"))
    assert (outcome.status, outcome.code, circuit.is_open("mpesa")) == (Status.NOT_SENT, "circuit", True)
    assert len(state(railsim)["requests"]) == heard


def test_a_refusal_is_an_answer_and_opens_nothing(railsim: Simulator) -> None:
    for _ in range(6):
        PAYOUTS.send(order(500, destination={"phone": "x"}))
    assert not circuit.is_open("mpesa")


# --- Tokens -------------------------------------------------------------------------------------------------------


def tokens_given(sim: Simulator) -> int:
    return sum("oauth" in row["path"] for row in state(sim)["requests"])


def test_one_token_serves_many_calls(railsim: Simulator) -> None:
    for number in range(4):
        PAYOUTS.send(order(500, reference=f"R{number}"))
    assert tokens_given(railsim) == 1


def test_a_token_that_ended_is_replaced_and_the_same_order_sent_once(railsim: Simulator) -> None:
    PAYOUTS.send(order(500, reference="FIRST"))
    railsim.desk("mpesa").new_token()  # somebody else's; ours is worthless now
    sent = order(600)
    assert PAYOUTS.send(sent).status is Status.ACCEPTED
    assert tokens_given(railsim) == 2
    assert state(railsim)["executions"][0]["originator"] == str(sent.id)
    assert state(railsim)["alarms"] == []


def test_a_token_refused_twice_means_not_sent(railsim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpesa, "_fetch_token", lambda: (f"invented {uuid4()}", 3599))
    outcome = PAYOUTS.send(order(500))
    assert (outcome.status, outcome.code, outcome.stops_rail) == (Status.NOT_SENT, "404.001.03", True)
    assert state(railsim)["executions"] == []


def test_a_wrong_key_gives_no_token_and_sends_nothing(railsim: Simulator, settings: Settings) -> None:
    settings.MPESA_CONSUMER_SECRET = "wrong"
    outcome = PAYOUTS.send(order(500))
    assert (outcome.status, outcome.code) == (Status.NOT_SENT, "TokenRefused")
    assert RailToken.objects.get().token == ""


# --- Asking -------------------------------------------------------------------------------------------------------


def asked(sim: Simulator, sent: Order) -> Outcome:
    """The answer to an enquiry, from its callback."""
    assert PAYOUTS.enquire(sent, {}).status is Status.ACCEPTED
    body = state(sim)["callbacks"][0]["body"]
    report = PAYOUTS.parse("mpesa.status", read(body.encode()))
    assert report.order_id == sent.id
    return report.outcome


@pytest.mark.parametrize(
    ("amount", "status"),
    [(500, Status.PAID), (1097, Status.PAID), (1099, Status.PAID), (1040, Status.REFUSED), (1037, Status.REFUSED)],
)
def test_an_enquiry_says_what_became_of_it(railsim: Simulator, amount: int, status: Status) -> None:
    sent = order(amount)
    PAYOUTS.send(sent)
    outcome = asked(railsim, sent)
    assert outcome.status is status
    assert (outcome.amount == sent.amount, bool(outcome.receipt)) == (status is Status.PAID,) * 2


def test_an_order_they_never_had_is_not_found_only_by_a_code_the_bank_was_told(
    railsim: Simulator, settings: Settings
) -> None:
    found = asked(railsim, order(1026))
    assert (found.status, found.rail_ids["conversation"][:3]) == (Status.NOT_FOUND, "AG_")  # which question it answers
    settings.MPESA_NOT_FOUND_CODES = []
    assert asked(railsim, order(1026)).status is Status.UNKNOWN


def test_a_refused_question_says_nothing_about_the_order(railsim: Simulator, settings: Settings) -> None:
    settings.MPESA_SHORTCODE = ""
    outcome = PAYOUTS.enquire(order(), {})
    assert (outcome.status, outcome.code) == (Status.UNKNOWN, "400.002.02")


# --- Prompts on phones --------------------------------------------------------------------------------------------


def test_a_prompt_is_accepted_then_paid(railsim: Simulator) -> None:
    sent = PROMPTS.send(order(500))
    assert sent.status is Status.ACCEPTED
    (report,) = calls(railsim, "mpesa.stk")
    assert (report.outcome.status, report.outcome.amount, report.order_id) == (Status.PAID, Decimal("500.00"), None)
    assert report.outcome.rail_ids["checkout"] == sent.rail_ids["checkout"]
    assert PROMPTS.enquire(order(500), sent.rail_ids).status is Status.PAID
    (prompt,) = [json.loads(row["body"]) for row in state(railsim)["requests"] if "processrequest" in row["path"]]
    assert (prompt["AccountReference"], prompt["PhoneNumber"]) == ("7KQ2M9XD4TWR", "254711000111")


@pytest.mark.parametrize(
    ("ending", "code", "customer"),
    [
        (1, "1", "no_funds"), (2, "2", "too_small"), (3, "3", "too_large"), (4, "4", "daily_limit"),
        (8, "8", "wallet_full"), (10, "1001", "later"), (17, "17", "same_again"), (19, "1019", "no_answer"),
        (20, "2001", "wrong_pin"), (25, "1025", "later"), (28, "2028", "not_possible"), (32, "1032", "cancelled"),
        (33, "SFC_IC0003", "not_possible"), (37, "1037", "no_answer"), (86, "8006", "wrong_pin"),
        (95, "9999", "later"), (96, "7777", "not_possible"),
    ],
)  # fmt: skip
def test_every_code_of_a_prompt_is_understood_from_callback_and_query(
    railsim: Simulator, ending: int, code: str, customer: str
) -> None:
    sent = PROMPTS.send(order(1000 + ending))
    (report,) = calls(railsim, "mpesa.stk")
    for outcome in (report.outcome, PROMPTS.enquire(order(), sent.rail_ids)):
        assert (outcome.status, outcome.code, outcome.customer) == (Status.REFUSED, code, customer)
        assert not outcome.stops_rail


def test_an_open_prompt_is_pending_not_failed(railsim: Simulator) -> None:
    railsim.store.set_fault("mpesa", "prompt_open", 60)
    sent = PROMPTS.send(order(500))
    assert PROMPTS.enquire(order(500), sent.rail_ids).status is Status.ACCEPTED
    assert not circuit.is_open("mpesa")


def test_a_wrong_passkey_decides_nothing(railsim: Simulator, settings: Settings) -> None:
    settings.MPESA_PASSKEY = "wrong"
    assert PROMPTS.send(order(500)).status is Status.UNKNOWN
    assert state(railsim)["callbacks"] == []


# --- The paybill --------------------------------------------------------------------------------------------------


def pay_in(sim: Simulator, account: str = "acc 1000002", amount: int = 500) -> None:
    token = sim.desk("mpesa").new_token()
    content = {
        "ShortCode": "522522",
        "CommandID": "CustomerPayBillOnline",
        "Amount": amount,
        "Msisdn": "254711000126",
        "BillRefNumber": account,
    }
    url = f"{sim.url}/mpesa/mpesa/c2b/v2/simulate"
    assert httpx.post(url, json=content, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_the_paybill_is_registered_once(railsim: Simulator) -> None:
    assert mpesa.register_paybill().status is Status.ACCEPTED
    again = mpesa.register_paybill()
    assert (again.status, again.code) == (Status.UNKNOWN, "500.003.1001")


def test_a_payment_to_the_paybill_is_read(railsim: Simulator) -> None:
    mpesa.register_paybill()
    pay_in(railsim)
    paid = mpesa_messages.paid_in(read(state(railsim)["callbacks"][0]["body"].encode()))
    assert (paid.account, paid.amount, paid.payer) == ("ACC1000002", Decimal("500.00"), "JANE WANJIKU")
    assert (paid.short_code, paid.masked_phone, len(paid.receipt)) == ("522522", "2547 ***** 126", 10)


def test_what_was_paid_in_is_reversed_once(railsim: Simulator) -> None:
    mpesa.register_paybill()
    pay_in(railsim)
    receipt = json.loads(state(railsim)["callbacks"][0]["body"])["TransID"]
    railsim.store.write("DELETE FROM callback")
    back = order(500)
    for wanted in (receipt, receipt, "SUNKNOWN00"):
        assert mpesa.reverse(back, wanted).status is Status.ACCEPTED
    reports = calls(railsim, "mpesa.reversal")
    assert [(r.order_id, r.outcome.status, r.outcome.code) for r in reports] == [
        (back.id, Status.PAID, "0"),
        (back.id, Status.PAID, "R000001"),
        (back.id, Status.REFUSED, "R000002"),
    ]
