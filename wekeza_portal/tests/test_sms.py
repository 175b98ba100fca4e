"""The SMS client against a real HTTP server on this machine that answers as Africa's Talking does."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from pytest_django import Settings

from wekeza_portal import http
from wekeza_portal.rails import sms
from wekeza_portal.rails.sms import Outcome


@dataclass
class Provider:
    """What the fake provider answers next, and what it was asked."""

    status: int = 201
    code: int = 101
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str], dict[str, list[str]]]] = field(default_factory=list)
    url: str = ""

    def body(self) -> bytes:
        recipient = {"statusCode": self.code, "number": "+254711000111", "status": "x", "messageId": "ATXid_1"}
        reply = {"SMSMessageData": {"Message": "Sent to 1/1 Total Cost: KES 0.8000", "Recipients": [recipient]}}
        return json.dumps(reply).encode() if self.raw is None else self.raw


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    answers = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            answers.seen.append((self.path, dict(self.headers), form))
            body = answers.body()
            self.send_response(answers.status)
            for name, value in answers.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    answers.url = f"http://127.0.0.1:{server.server_address[1]}/version1/messaging"
    settings.SMS_API_URL = answers.url
    settings.SMS_API_KEY, settings.SMS_USERNAME, settings.SMS_SENDER_ID = "the-key", "wekeza", "WEKEZA"
    yield answers
    http._client().close()
    http._client.cache_clear()
    server.shutdown()
    server.server_close()


def test_it_sends_the_form_the_provider_expects(provider: Provider) -> None:
    answer = sms.send("0711 000 111", "Your code is 123456 & more")

    path, headers, form = provider.seen[0]
    assert answer == sms.Answer(Outcome.ACCEPTED, message_id="ATXid_1")
    assert path == "/version1/messaging"
    assert headers["apiKey"] == "the-key"
    assert headers["Accept"] == "application/json"
    assert form == {
        "username": ["wekeza"],
        "to": ["+254711000111"],
        "message": ["Your code is 123456 & more"],
        "from": ["WEKEZA"],
        "bulkSMSMode": ["1"],
    }


def test_it_leaves_the_sender_out_when_the_bank_has_none(provider: Provider, settings: Settings) -> None:
    settings.SMS_SENDER_ID = ""
    sms.send("+254711000111", "Hello")
    assert "from" not in provider.seen[0][2]


@pytest.mark.parametrize("code", [100, 101, 102])
def test_processed_sent_and_queued_are_accepted(provider: Provider, code: int) -> None:
    provider.code = code
    assert sms.send("+254711000111", "Hello").outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("code", [402, 403, 404, 406, 409])
def test_what_can_never_arrive_is_refused(provider: Provider, code: int) -> None:
    provider.code = code
    answer = sms.send("+254711000111", "Hello")
    assert answer.outcome is Outcome.REFUSED
    assert str(code) in answer.reason


@pytest.mark.parametrize("code", [401, 405, 407, 500, 501, 502, 999])
def test_what_may_pass_later_is_tried_again(provider: Provider, code: int) -> None:
    provider.code = code
    assert sms.send("+254711000111", "Hello").outcome is Outcome.RETRY


@pytest.mark.parametrize("status", [302, 401, 429, 500, 503])
def test_any_other_http_status_is_tried_again(provider: Provider, status: int) -> None:
    provider.status = status
    assert sms.send("+254711000111", "Hello").outcome is Outcome.RETRY


def test_it_follows_no_redirect(provider: Provider) -> None:
    provider.status, provider.headers = 307, {"Location": provider.url + "/elsewhere"}
    sms.send("+254711000111", "Hello")
    assert [path for path, _headers, _form in provider.seen] == ["/version1/messaging"]


@pytest.mark.parametrize("raw", [b"", b"not json", b"[]", b'{"SMSMessageData": {"Recipients": []}}', b"null"])
def test_an_unreadable_answer_is_tried_again(provider: Provider, raw: bytes) -> None:
    provider.raw = raw
    assert sms.send("+254711000111", "Hello") == sms.Answer(Outcome.RETRY, "unreadable answer")


def test_a_provider_that_is_down_is_tried_again(settings: Settings) -> None:
    settings.SMS_API_URL = "http://127.0.0.1:9/version1/messaging"
    assert sms.send("+254711000111", "Hello") == sms.Answer(Outcome.RETRY, "no answer: ConnectError")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0711000111", "+254711000111"),
        ("+254 711 000 111", "+254711000111"),
        ("254711000111", "+254711000111"),
        ("0110 123 456", "+254110123456"),
        ("+44 7911 123456", "+447911123456"),
        ("12", None),
        ("wanjiku", None),
        ("", None),
    ],
)
def test_it_writes_a_number_the_way_the_provider_wants_it(written: str, expected: str | None) -> None:
    assert sms.normalised(written) == expected


def test_it_asks_nobody_about_what_is_no_number(provider: Provider) -> None:
    assert sms.send("no number", "Hello").outcome is Outcome.REFUSED
    assert provider.seen == []


def test_its_log_names_neither_number_nor_text_nor_key(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", logger="wekeza_portal"):
        sms.send("+254711000111", "Your code is 123456")
    assert "127.0.0.1/version1/messaging: 201" in caplog.text
    for secret in ("711000111", "123456", "the-key"):
        assert secret not in caplog.text


def test_every_call_out_has_short_time_outs_and_checks_certificates() -> None:
    client = http._client()
    assert (client.timeout.connect, client.timeout.read) == (3, 10)
    assert client.follow_redirects is False
    assert client.trust_env is False
    context = client._transport._pool._ssl_context
    assert context.check_hostname is True


def test_it_logs_a_call_that_got_no_answer_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(httpx.ConnectError):
        http.call("GET", "http://127.0.0.1:9/path?key=hush")
    assert "GET 127.0.0.1/path: ConnectError" in caplog.text
    assert "hush" not in caplog.text
