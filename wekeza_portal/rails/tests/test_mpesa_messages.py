"""What Safaricom might send: codes as numbers or text, lists as objects, parts missing, rubbish that pays nobody."""

from typing import Any
from uuid import UUID

import pytest

from wekeza_portal.rails import mpesa, mpesa_messages
from wekeza_portal.rails.base import CUSTOMER_REASONS, Status
from wekeza_portal.rails.reading import amount_of, read

PAYOUTS = mpesa.Payouts()
RESULT = {
    "ResultCode": 0,
    "OriginatorConversationID": str(UUID(int=7)),
    "ConversationID": "AG_1",
    "TransactionID": "S1",
}


@pytest.mark.parametrize("code", [0, "0", " 0 "])
def test_codes_come_as_numbers_or_text(code: Any) -> None:
    report = mpesa_messages.payment_result({"Result": {**RESULT, "ResultCode": code}})
    assert (report.outcome.status, report.outcome.receipt, report.outcome.amount) == (Status.PAID, "S1", None)


@pytest.mark.parametrize("wrap", [lambda entry: entry, lambda entry: [entry], lambda entry: [{"Key": "Other"}, entry]])
def test_lists_come_as_objects_where_there_is_one_entry(wrap: Any) -> None:
    entry = {"Key": "Occasion", "Value": str(UUID(int=9))}
    message = {"Result": {"ResultCode": "0", "ReferenceData": {"ReferenceItem": wrap(entry)}}}
    assert mpesa_messages.status_result(message).order_id == UUID(int=9)


@pytest.mark.parametrize("missing", [None, {}, {"ResultParameter": None}, {"ResultParameter": []}])
def test_missing_parameters_are_no_error(missing: Any) -> None:
    message = {"Result": {**RESULT, "ResultParameters": missing, "ReferenceData": missing}}
    assert mpesa_messages.payment_result(message).outcome.status is Status.PAID


@pytest.mark.parametrize("items", [None, {}, {"Item": [{"Name": "Balance"}]}])
def test_a_paid_prompt_without_facts_has_no_amount_to_believe(items: Any) -> None:
    callback = {"CheckoutRequestID": "ws_CO_1", "ResultCode": 0, "CallbackMetadata": items}
    outcome = mpesa_messages.prompt_result({"Body": {"stkCallback": callback}}).outcome
    assert (outcome.status, outcome.amount, outcome.receipt) == (Status.PAID, None, "")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"1", b"null", b"\xff", b'{"Result": NaN}', b'{"Result": Infinity}', b'{"Result":', b"x" * 10_000],
)
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read(body)


@pytest.mark.parametrize("kind", mpesa.PARSERS)
@pytest.mark.parametrize(
    "message",
    [{}, {"Result": None}, {"Result": []}, {"Result": {}}, {"Body": {}}, {"Result": {"ResultCode": None}},
     {"Result": {"ResultCode": True}}, {"Result": {"ResultCode": [0]}}, {"Result": {"ResultCode": " "}}],
)  # fmt: skip
def test_what_has_no_code_is_unreadable_never_paid(kind: str, message: dict[str, Any]) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        PAYOUTS.parse(kind, message)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "1e99", "0.001", "500 KES", [], {}, "1" * 40])
def test_an_amount_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        amount_of(value)


CONFIRMATION = {
    "TransID": "SAB1CD2EF3",
    "TransTime": "20261123090000",
    "TransAmount": "500.00",
    "BusinessShortCode": "522522",
    "BillRefNumber": " acc 100 0002 ",
}


@pytest.mark.parametrize(
    "changes",
    [{"TransAmount": "0"}, {"TransAmount": "x"}, {"TransAmount": ""}, {"TransID": ""}, {"TransID": "<script>"},
     {"TransID": "A" * 21}, {"TransTime": "yesterday"}, {"TransTime": "20261399000000"}],
)  # fmt: skip
def test_a_confirmation_that_makes_no_sense_is_unreadable(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        mpesa_messages.paid_in({**CONFIRMATION, **changes})


def test_a_bare_confirmation_is_enough() -> None:
    paid = mpesa_messages.paid_in(CONFIRMATION)
    assert (paid.account, paid.payer, paid.at.isoformat()) == ("ACC1000002", "", "2026-11-23T09:00:00+03:00")


def test_every_reason_has_words_for_the_customer() -> None:
    tables = (mpesa_messages.REFUSALS, mpesa_messages.PROMPT_REFUSALS)
    assert {customer for table in tables for _reason, customer in table.values()} <= set(CUSTOMER_REASONS)
