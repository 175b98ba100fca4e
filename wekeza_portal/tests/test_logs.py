"""A log line tells what happened and gives nothing away."""

import json
import logging
import sys

import pytest

from wekeza_portal import logs


def line(message: str, *args: object, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("portal.test", logging.WARNING, __file__, 1, message, args, info)
    return logs.JsonFormatter().format(record)


def test_a_line_is_json_with_time_in_utc_level_logger_and_message() -> None:
    entry = json.loads(line("paid %s", "KES 500.00"))
    assert entry["time"].endswith("+00:00")
    assert (entry["level"], entry["logger"], entry["message"]) == ("WARNING", "portal.test", "paid KES 500.00")
    assert "request_id" not in entry


def test_a_line_names_the_request_it_belongs_to() -> None:
    token = logs.request_id.set("0f0e")
    try:
        assert json.loads(line("hello"))["request_id"] == "0f0e"
    finally:
        logs.request_id.reset(token)


@pytest.mark.parametrize("name", ["Wanjiku\r\nINFO forged line", "a\nb", "a\u2028b", "a\x85b"])
def test_a_line_break_in_a_name_stays_one_line(name: str) -> None:
    text = line("customer %s", name)
    assert len(text.splitlines()) == 1
    assert json.loads(text)["message"] == f"customer {name}"


@pytest.mark.parametrize(
    "message",
    [
        "password=canary-77 refused",
        "{'password': 'canary-77', 'x': 1}",
        '{"new_password1": "canary 77 with spaces"}',
        "code: canary-77",
        "sessionid=canary-77; path=/",
        "Set-Cookie: canary-77",
        "apiKey=canary-77&to=1",
        "SECRET_KEY='canary-77'",
        "csrfmiddlewaretoken=canary-77",
        "Authorization: Bearer canary-77",
        "sent Bearer canary-77",
        "otp=canary-77",
    ],
)
def test_a_named_secret_is_hidden(message: str) -> None:
    assert "canary" not in line(message)


@pytest.mark.parametrize(
    ("message", "hidden", "shown"),
    [
        ("Your sign-in code is 482913.", "482913", "sign-in code"),
        ("to +254711000111", "711000", "111"),
        ("to 0711000111 now", "0711000", "now"),
        ("mail to wanjiku.m@example.com", "wanjiku", "w***@example.com"),
        ("session 3x9k2m4n5b6v7c8x9z1a2s3d4f5g6h7j ended", "3x9k2m4n", "ended"),
    ],
)
def test_what_looks_like_a_code_phone_address_or_session_is_hidden(message: str, hidden: str, shown: str) -> None:
    text = line(message)
    assert hidden not in text
    assert shown in text


@pytest.mark.parametrize(
    "message",
    [
        "GET /move/wekeza/ 200 in 12 ms",
        "posted 7K3M-9QTX-2B4D KES 123456.78",
        "instruction 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "account ACC1000015",
        "at 2026-11-23 09:00:00",
    ],
)
def test_what_support_needs_stays_readable(message: str) -> None:
    assert json.loads(line(message))["message"] == message


def test_a_traceback_is_in_the_line_and_cleaned_too() -> None:
    try:
        raise ValueError("password='canary-77'")
    except ValueError:
        text = line("failed", error=sys.exc_info()[1])
    entry = json.loads(text)
    assert "Traceback" in entry["error"]
    assert "ValueError" in entry["error"]
    assert "canary" not in text


def test_a_line_names_the_customer_whose_request_it_is() -> None:
    assert "customer_id" not in json.loads(line("hello"))
    token = logs.customer_id.set(7)
    try:
        assert json.loads(line("hello"))["customer_id"] == 7
    finally:
        logs.customer_id.reset(token)


def test_what_the_server_quotes_of_a_duplicate_is_hidden() -> None:
    text = line("(1062, \"Duplicate entry '28123456-O\\'Brien' for key 'national_id'\")")
    assert "28123456" not in text
    assert "Brien" not in text
    assert "for key 'national_id'" in text
