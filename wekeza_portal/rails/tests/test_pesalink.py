"""The PesaLink client and the simulated partner bank, over a real socket: every answer, every reject, and silence."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from pytest_django import Settings

from wekeza_portal.rails import circuit, pesalink_messages, wire
from wekeza_portal.rails.base import CUSTOMER_REASONS, Order, Receiver, Status
from wekeza_portal.rails.cdsc import Cdsc
from wekeza_portal.rails.models import RailToken
from wekeza_portal.rails.pesalink import PesaLink
from wekeza_portal.rails.simulator import people
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.rails.tests.talking import an_order, desk, executions, heard, reports, state

pytestmark = pytest.mark.django_db
RAIL, BROKERS = PesaLink(), Cdsc()
ACCOUNT = {"bank": "01", "account": "1234567890"}


def order(amount: Any = "1500.00", **changes: Any) -> Order:
    return an_order(ACCOUNT, amount, **changes)


# --- Paying -------------------------------------------------------------------------------------------------------


def test_a_payment_is_accepted_and_its_result_names_order_amount_receipt_and_receiver(railsim: Simulator) -> None:
    sent = order("1500.50")
    outcome = RAIL.send(sent)
    assert (outcome.status, outcome.rail_ids["message"]) == (Status.ACCEPTED, sent.id.hex)
    (report,) = reports(railsim, RAIL)
    assert (report.order_id, report.outcome.status, report.outcome.amount) == (sent.id, Status.PAID, Decimal("1500.50"))
    assert report.outcome.receipt.startswith("PL")
    assert report.outcome.name == people.name_of("1234567890")
    assert executions(railsim) == [(sent.id.hex, "1500.50", "01/1234567890")]


def test_the_message_says_who_pays_who_is_paid_and_where_the_result_goes(railsim: Simulator) -> None:
    RAIL.send(order("1500.5"))
    (request,) = heard(railsim, "/A2A/")
    content = json.loads(request["body"])
    (destination,) = content["Destinations"]
    assert content["Source"]["AccountNumber"] == "36001000001"
    assert (destination["AccountNumber"], destination["BankCode"]) == ("1234567890", "01")
    assert {content["Source"]["Amount"], destination["Amount"]} == {"1500.50"}
    assert destination["ReferenceNumber"] == "7KQ2-M9XD-4TWR"
    assert "/rails/" in content["CallBackUrl"]


def test_it_pays_to_a_phone_too(railsim: Simulator) -> None:
    sent = an_order({"phone": "254711000111"})
    assert RAIL.send(sent).status is Status.ACCEPTED
    assert executions(railsim) == [(sent.id.hex, "1500.00", "254711000111")]
    assert "AccountNumber" not in json.loads(heard(railsim, "/A2M/")[0]["body"])["Destinations"][0]


@pytest.mark.parametrize(
    ("ending", "code", "status", "customer"),
    [
        (1, "AM04", Status.REFUSED, "not_possible"),
        (2, "AM02", Status.REFUSED, "too_large"),
        (3, "AC04", Status.REFUSED, "account_closed"),
        (4, "AC06", Status.REFUSED, "account_blocked"),
        (5, "BE01", Status.REFUSED, "other_name"),
        (6, "TM01", Status.REFUSED, "closed_now"),
        (7, "DUPL", Status.UNKNOWN, "later"),
        (40, "AC01", Status.REFUSED, "wrong_account"),
        (96, "ZZ96", Status.UNKNOWN, "later"),
    ],
)
def test_every_reject_means_what_the_contract_says(
    railsim: Simulator, ending: int, code: str, status: Status, customer: str
) -> None:
    sent = order(1500 + ending)
    assert RAIL.send(sent).status is Status.ACCEPTED
    (report,) = reports(railsim, RAIL)
    outcome = report.outcome
    assert (report.order_id, outcome.code, outcome.status, outcome.customer) == (sent.id, code, status, customer)
    assert (outcome.receipt, outcome.amount, bool(outcome.reason)) == ("", None, True)
    assert executions(railsim) == []


@pytest.mark.parametrize(("end", "customer"), [("0404", "wrong_account"), ("0403", "account_closed")])
def test_an_account_that_cannot_be_paid_is_refused(railsim: Simulator, end: str, customer: str) -> None:
    RAIL.send(an_order({"bank": "99", "account": f"990000{end}"}))
    (report,) = reports(railsim, RAIL)
    assert (report.outcome.status, report.outcome.customer) == (Status.REFUSED, customer)


def test_busy_decides_nothing_and_nothing_was_done(railsim: Simulator) -> None:
    assert RAIL.send(order(1526)).status is Status.UNKNOWN
    assert executions(railsim) == []


def test_503_after_accepting_is_unknown_and_the_money_did_move(railsim: Simulator) -> None:
    assert RAIL.send(order(1597)).status is Status.UNKNOWN
    assert len(executions(railsim)) == 1


@pytest.mark.parametrize(("amount", "copies"), [(1598, 2), (1599, 0)])
def test_a_result_may_come_twice_or_never(railsim: Simulator, amount: int, copies: int) -> None:
    RAIL.send(order(amount))
    assert len(reports(railsim, RAIL)) == copies


def test_a_duplicate_reference_is_409_there_and_unknown_here_and_never_paid_again(railsim: Simulator) -> None:
    sent = order()
    outcomes = [RAIL.send(sent) for _ in range(3)]
    assert [outcome.status for outcome in outcomes] == [Status.ACCEPTED, Status.UNKNOWN, Status.UNKNOWN]
    assert [row["status"] for row in heard(railsim, "/A2A/")] == [200, 409, 409]
    assert len(executions(railsim)) == 1
    assert state(railsim)["alarms"] == []


def test_a_company_that_forgets_ids_rings_the_alarm(railsim: Simulator) -> None:
    railsim.store.set_fault("pesalink", "forgets_ids", 1)
    sent = order()
    RAIL.send(sent)
    RAIL.send(sent)
    assert any(sent.id.hex in alarm for alarm in state(railsim)["alarms"])


def test_too_much_is_refused_at_the_door_in_the_customers_words(railsim: Simulator) -> None:
    assert RAIL.send(order("999999.00")).status is Status.ACCEPTED
    outcome = RAIL.send(order("1000000.00", reference="OTHER"))
    assert (outcome.status, outcome.customer, outcome.stops_rail) == (Status.REFUSED, "too_large", False)
    assert (RAIL.limits.least, RAIL.limits.most, RAIL.limits.whole) == (Decimal(1), Decimal(999_999), False)


# --- Silence and tokens -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["busy", "refuse"])
def test_without_a_token_nothing_is_sent(railsim: Simulator, fault: str) -> None:
    railsim.store.set_fault("pesalink", fault, 1)
    assert RAIL.send(order()).status is Status.NOT_SENT


@pytest.mark.parametrize("fault", ["busy", "refuse", "accept_503"])
def test_with_a_token_silence_after_sending_is_unknown(railsim: Simulator, fault: str) -> None:
    RAIL.send(order())
    railsim.store.set_fault("pesalink", fault, 1)
    assert RAIL.send(order(reference="OTHER")).status is Status.UNKNOWN


def test_a_slow_answer_is_unknown_and_not_waited_for(railsim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    RAIL.send(order())
    railsim.store.set_fault("pesalink", "slow", 2)
    real = wire.http.call
    monkeypatch.setattr(wire.http, "call", lambda *a, **k: real(*a, **{**k, "timeout": 0.2}))
    outcome = RAIL.send(order(reference="OTHER"))
    assert (outcome.status, outcome.code) == (Status.UNKNOWN, "ReadTimeout")


def test_a_company_that_is_not_there_was_sent_nothing(railsim: Simulator, settings: Settings) -> None:
    RAIL.send(order())
    settings.PESALINK_URL = "http://127.0.0.1:9"
    outcome = RAIL.send(order())
    assert (outcome.status, outcome.code) == (Status.NOT_SENT, "ConnectError")


def test_after_five_silences_it_is_left_alone_and_brokers_too_only_after_their_own(railsim: Simulator) -> None:
    RAIL.send(order())
    railsim.store.set_fault("pesalink", "busy", 1)
    for number in range(5):
        RAIL.send(order(reference=f"R{number}"))
    known = len(state(railsim)["requests"])
    assert (RAIL.send(order()).code, circuit.is_open("pesalink"), circuit.is_open("cdsc")) == ("circuit", True, False)
    assert len(state(railsim)["requests"]) == known


def test_one_token_serves_accounts_phones_brokers_and_names(railsim: Simulator) -> None:
    RAIL.send(order())
    RAIL.look_up(ACCOUNT)
    BROKERS.send(an_order({"cds_number": "1234567", "client_type": "LI", "bank": "99", "bank_account": "9900000001"}))
    assert len(heard(railsim, "/token")) == 1
    assert RailToken.objects.get().rail == "pesalink"


def test_a_token_that_ended_is_replaced_and_the_same_order_sent_once(railsim: Simulator) -> None:
    RAIL.send(order(reference="FIRST"))
    desk(railsim, "pesalink").new_token()  # somebody else's; ours is worthless now
    sent = order()
    assert RAIL.send(sent).status is Status.ACCEPTED
    assert [originator for originator, *_rest in executions(railsim)][1:] == [sent.id.hex]
    assert state(railsim)["alarms"] == []


def test_a_token_refused_twice_stops_the_rail_and_sends_nothing(
    railsim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    invented = iter(("one", "two"))
    monkeypatch.setattr("wekeza_portal.rails.pesalink.fetch_token", lambda: (next(invented), 3599))
    outcome = RAIL.send(order())
    assert (outcome.status, outcome.stops_rail, executions(railsim)) == (Status.NOT_SENT, True, [])


def test_a_wrong_key_gives_no_token_and_sends_nothing(railsim: Simulator, settings: Settings) -> None:
    settings.PESALINK_CONSUMER_SECRET = "wrong"
    assert RAIL.send(order()).code == "TokenRefused"


@pytest.mark.parametrize("name", ["PESALINK_CONSUMER_KEY", "PESALINK_CONSUMER_SECRET", "PESALINK_ACCOUNT"])
def test_without_credentials_nobody_is_called(railsim: Simulator, settings: Settings, name: str) -> None:
    setattr(settings, name, "")
    assert RAIL.send(order()).status is Status.NOT_SENT
    assert RAIL.look_up(ACCOUNT) is None
    assert state(railsim)["requests"] == []


# --- Asking -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "status"),
    [(1500, Status.PAID), (1597, Status.PAID), (1599, Status.PAID), (1540, Status.REFUSED), (1537, Status.ACCEPTED),
     (1507, Status.UNKNOWN)],
)  # fmt: skip
def test_an_enquiry_says_what_became_of_it(railsim: Simulator, amount: int, status: Status) -> None:
    sent = order(amount)
    RAIL.send(sent)
    outcome = RAIL.enquire(sent, {})
    assert outcome.status is status
    assert (outcome.amount == sent.amount, bool(outcome.receipt)) == (status is Status.PAID,) * 2


def test_an_order_they_never_had_is_not_found(railsim: Simulator) -> None:
    sent = order(1526)
    RAIL.send(sent)
    assert RAIL.enquire(sent, {}).status is Status.NOT_FOUND


def test_any_other_404_and_a_refused_question_say_nothing_about_the_order(
    railsim: Simulator, settings: Settings
) -> None:
    settings.PESALINK_URL += "/elsewhere"
    RailToken.objects.all().delete()
    assert RAIL.enquire(order(), {}).status is not Status.NOT_FOUND
    odd = httpx.Response(404, json={"MessageCode": "404", "MessageDescription": "no such resource"})
    assert pesalink_messages.state(odd).status is Status.UNKNOWN


# --- Names --------------------------------------------------------------------------------------------------------


def test_the_name_behind_an_account_or_a_phone(railsim: Simulator) -> None:
    assert RAIL.look_up(ACCOUNT) == Receiver(name=people.name_of("1234567890"))
    assert RAIL.look_up({"phone": "254711000111"}) == Receiver(name=people.name_of("254711000111"), bank="68")
    assert RAIL.look_up({"phone": "254711000499"}) == Receiver(name=people.name_of("254711000499"), bank="99")
    assert json.loads(heard(railsim, "IPSL")[0]["body"])["RecipientBankIdentifier"] == "0001"


@pytest.mark.parametrize(
    ("end", "refusal"), [("0404", "wrong_account"), ("0403", "account_closed"), ("0406", "account_blocked")]
)
def test_an_account_that_is_none_is_refused_before_anything_is_sent(railsim: Simulator, end: str, refusal: str) -> None:
    assert RAIL.look_up({"bank": "99", "account": f"990000{end}"}) == Receiver(refusal=refusal)


@pytest.mark.parametrize(
    ("end", "refusal"), [("0404", "phone_not_linked"), ("0403", "account_closed"), ("0406", "account_blocked")]
)
def test_a_phone_that_leads_to_no_account_is_not_called_a_wrong_account(
    railsim: Simulator, end: str, refusal: str
) -> None:
    assert RAIL.look_up({"phone": f"25471100{end}"}) == Receiver(refusal=refusal)
    destination = {"PhoneNumber": f"25471100{end}", "ResponseCode": {"0404": "AC01"}.get(end, "AC04")}
    found = pesalink_messages.result({**RESULT, "Destinations": [destination]}).outcome
    assert (found.status, found.customer) == (Status.REFUSED, {"0404": refusal}.get(end, "account_closed"))


@pytest.mark.parametrize(
    ("said", "bank"),
    [("0068", "68"), ("68", "68"), (68, "68"), (1, "01"), ("0168", "0168"), ("KCBL", "KCBL"),
     ("\u0660\u0661", "\u0660\u0661"), (None, ""), ([], ""), ({}, ""), ("9" * 500, "9" * 20)],
)  # fmt: skip
def test_the_bank_behind_a_phone_is_read_as_two_digits_or_left_as_it_came(said: object, bank: str) -> None:
    body = {"MessageCode": "0", "AccountName": "JANE", "RecipientBankIdentifier": said}
    response = httpx.Response(200, json=body)
    assert pesalink_messages.receiver(response, by_phone=True) == Receiver(name="JANE", bank=bank)
    assert pesalink_messages.receiver(response) == Receiver(name="JANE"), "the customer chose the bank of an account"


@pytest.mark.parametrize("fault", ["busy", "refuse"])
def test_no_answer_is_no_name_and_no_refusal(railsim: Simulator, fault: str) -> None:
    RAIL.look_up(ACCOUNT)
    railsim.store.set_fault("pesalink", fault, 1)
    assert RAIL.look_up(ACCOUNT) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (200, b"[]"), (200, b'{"MessageCode": "0"}'), (200, b'{"MessageCode": "0", "AccountName": {}}'),
     (500, b'{"MessageCode": "AC01"}'), (403, b'{"MessageCode": "AC01"}'), (404, b"nobody here")],
)  # fmt: skip
def test_an_unclear_answer_to_the_name_stops_nobody(status: int, body: bytes) -> None:
    assert pesalink_messages.receiver(httpx.Response(status, content=body)) is None


# --- Brokers ------------------------------------------------------------------------------------------------------

BANKED = {"cds_number": "1234567", "client_type": "LI", "bank": "99", "bank_account": "9900000001"}
PAYBILL = {"cds_number": "1234567", "client_type": "LI", "paybill": "905200"}


@pytest.mark.parametrize(("where", "receiver"), [(BANKED, "99/9900000001"), (PAYBILL, "905200/1234567")])
def test_a_brokers_client_account_is_paid_with_the_cds_number_as_reference(
    railsim: Simulator, where: dict[str, str], receiver: str
) -> None:
    sent = an_order(where, "25000.00")
    assert BROKERS.send(sent).status is Status.ACCEPTED
    (report,) = reports(railsim, BROKERS)
    assert (report.order_id, report.outcome.status) == (sent.id, Status.PAID)
    assert executions(railsim) == [(sent.id.hex, "25000.00", receiver)]
    content = json.loads(heard(railsim, "/FundsTransfer/")[0]["body"])
    assert {content["Source"]["Narration"], content["Destinations"][0]["Narration"]} == {"1234567"}
    assert BROKERS.enquire(sent, {}).status is Status.PAID


def test_brokers_results_have_an_address_of_their_own(railsim: Simulator) -> None:
    RAIL.send(order(reference="ONE"))
    BROKERS.send(an_order(BANKED, reference="TWO"))
    assert len({row["url"] for row in state(railsim)["callbacks"]}) == 2


# --- What they might send -----------------------------------------------------------------------------------------

RESULT = {"MessageReference": UUID(int=7).hex, "MessageCode": "0"}


@pytest.mark.parametrize(
    "message",
    [{}, {"MessageReference": "x", "Destinations": [{"ResponseCode": "0"}]}, RESULT, {**RESULT, "Destinations": []},
     {**RESULT, "Destinations": None}, {**RESULT, "Destinations": [{}]}, {**RESULT, "Destinations": ["0"]},
     {**RESULT, "Destinations": [{"ResponseCode": "0"}, {"ResponseCode": "AC01"}]},
     {**RESULT, "Destinations": [{"ResponseCode": None}]}, {**RESULT, "Destinations": [{"ResponseCode": ["0"]}]},
     {**RESULT, "Destinations": [{"ResponseCode": "0", "Amount": "NaN"}]},
     {**RESULT, "Destinations": [{"ResponseCode": "0", "Amount": "-1"}]},
     {**RESULT, "Destinations": [{"ResponseCode": "0", "Amount": "1.001"}]}],
)  # fmt: skip
def test_what_makes_no_sense_is_unreadable_never_paid(message: dict[str, Any]) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        RAIL.parse("pesalink.result", message)


@pytest.mark.parametrize(
    ("destination", "status"),
    [
        ({"ResponseCode": 0, "Amount": 1500}, Status.PAID),
        ({"ResponseCode": "00"}, Status.PAID),
        ({"Status": "IN_TRANSIT", "ResponseCode": "0"}, Status.ACCEPTED),
        ({"Status": "SUBMITTED"}, Status.ACCEPTED),
        ({"Status": "FAILED", "ResponseCode": "XX"}, Status.REFUSED),
        ({"Status": "REJECTED"}, Status.REFUSED),
        ({"Status": "REJECTED", "ResponseCode": "0"}, Status.UNKNOWN),
        ({"Status": "COMPLETED", "ResponseCode": "AM77"}, Status.UNKNOWN),
        ({"Status": "REJECTED", "ResponseCode": "DUPL"}, Status.UNKNOWN),
        ({"ResponseCode": "1"}, Status.UNKNOWN),
    ],
)
def test_only_clear_words_pay_or_refuse(destination: dict[str, Any], status: Status) -> None:
    report = RAIL.parse("pesalink.result", {**RESULT, "Destinations": [destination]})
    assert (report.outcome.status, report.order_id) == (status, UUID(int=7))


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [(200, b"", Status.UNKNOWN), (200, b'{"MessageCode": "1"}', Status.UNKNOWN), (200, b"<html>", Status.UNKNOWN),
     (400, b"", Status.REFUSED), (403, b"{}", Status.REFUSED), (408, b"{}", Status.UNKNOWN),
     (409, b"{}", Status.UNKNOWN), (502, b"<html>", Status.UNKNOWN), (302, b"", Status.UNKNOWN)],
)  # fmt: skip
def test_an_acknowledgement_that_is_none_decides_nothing(
    railsim: Simulator, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, expected: Status
) -> None:
    RAIL.look_up(ACCOUNT)  # for the token
    monkeypatch.setattr(wire.http, "call", lambda *a, **k: httpx.Response(status, content=body))
    assert RAIL.send(order()).status is expected


def test_every_reject_has_words_for_the_customer() -> None:
    assert {customer for _reason, customer in pesalink_messages.REJECTS.values()} <= set(CUSTOMER_REASONS)
