"""The outbox keeps its promises: once per cause, at least one try, nothing secret left behind."""

import smtplib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from wekeza_portal import clock, registry
from wekeza_portal.notifications import channels, services
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.models import Channel, DemoMessage, OutboxMessage
from wekeza_portal.notifications.services import deliver_due, enqueue
from wekeza_portal.rails import sms
from wekeza_portal.stopping import stopping

START = "2026-11-23 09:00:00+03:00"
State = OutboxMessage.State
Sent = list[dict[str, str]]


def write(cause: str = "payment:1", **changes: Any) -> OutboxMessage:
    values: dict[str, Any] = {
        "cause": cause,
        "event": Event.SECURITY,
        "channel": Channel.EMAIL,
        "to": "wanjiku@example.com",
        "customer_id": 15,
        "subject": "You sent money",
        "body": "You sent KES 500.00.",
    }
    return enqueue(**{**values, **changes})


def write_code(cause: str = "code:1") -> OutboxMessage:
    expires = clock.now() + timedelta(minutes=5)
    return write(
        cause,
        event=Event.CODE,
        channel=Channel.SMS,
        to="0711000111",
        body="Code 123456",
        secret=True,
        expires_at=expires,
    )


@pytest.fixture
def at() -> Any:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Stands for every provider and accepts all."""
    found: Sent = []
    monkeypatch.setattr(channels, "send", lambda **message: found.append(message))
    return found


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> list[str]:
    tried: list[str] = []

    def send(*, to: str, **_: str) -> None:
        tried.append(to)
        raise error

    monkeypatch.setattr(channels, "send", send)
    return tried


# --- Writing ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_same_cause_twice_is_one_message() -> None:
    first = write("payment:1")
    second = write("payment:1", body="Something else")
    assert first.pk == second.pk
    assert OutboxMessage.objects.get().body == "You sent KES 500.00."


@pytest.mark.django_db
def test_a_message_vanishes_with_the_transaction_of_its_cause() -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_a_secret_is_stored_encrypted() -> None:
    assert "123456" not in OutboxMessage.objects.get(pk=write_code().pk).body


@pytest.mark.django_db
def test_it_refuses_a_secret_that_never_expires() -> None:
    with pytest.raises(ValueError, match="worthless"):
        write(secret=True)


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"to": ""}, {"to": "x" * 255}, {"cause": "x" * 121}, {"cause": ""}])
def test_it_refuses_what_does_not_fit_its_column(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="characters"):
        write(**{"cause": "payment:1", **changes})


@pytest.mark.django_db
def test_a_long_subject_is_cut_not_refused() -> None:
    assert len(write(subject="x" * 300).subject) == 200


# --- Sending ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_due_message_is_sent_once(at: Any, sent: Sent) -> None:
    message = write()
    assert deliver_due() == 1
    assert deliver_due() == 0
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.attempts) == (State.SENT, clock.now(), 1)
    assert sent == [
        {
            "channel": "EMAIL",
            "to": "wanjiku@example.com",
            "subject": "You sent money",
            "body": "You sent KES 500.00.",
        }
    ]


@pytest.mark.django_db
def test_codes_go_first_readable_to_their_reader_and_are_blanked_when_sent(at: Any, sent: Sent) -> None:
    write()
    code = write_code()
    deliver_due()
    code.refresh_from_db()
    assert [message["body"] for message in sent] == ["Code 123456", "You sent KES 500.00."]
    assert (code.state, code.body) == (State.SENT, "")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_inside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[bool] = []
    monkeypatch.setattr(channels, "send", lambda **_: inside.append(connection.in_atomic_block))
    write()
    deliver_due()
    assert inside == [False]


@pytest.mark.django_db
def test_an_idle_round_takes_no_lock_and_writes_nothing() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert deliver_due() == 0
    assert len(queries) == 1
    assert queries[0]["sql"].startswith("SELECT")
    assert "FOR UPDATE" not in queries[0]["sql"]


@pytest.mark.django_db
def test_one_round_handles_no_more_than_its_limit(at: Any, sent: Sent) -> None:
    for number in range(5):
        write(f"payment:{number}")
    assert deliver_due(limit=3) == 3
    assert OutboxMessage.objects.filter(state=State.QUEUED).count() == 2


# --- When it does not work ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_failure_is_tried_again_after_1_5_15_and_60_minutes_and_given_up_after_8(
    at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = failing(monkeypatch, channels.TryAgain("gateway"))
    message = write()
    waits: list[float] = []
    for _ in range(7):
        deliver_due()
        message.refresh_from_db()
        assert (message.state, message.last_error) == (State.QUEUED, "gateway")
        wait = message.due_at - clock.now()
        waits.append(wait / timedelta(minutes=1))
        at.shift(wait - timedelta(seconds=1))
        assert deliver_due() == 0
        at.shift(timedelta(seconds=1))
    deliver_due()
    message.refresh_from_db()
    assert waits == [1, 5, 15, 60, 60, 60, 60]
    assert message.state == State.FAILED
    assert len(tried) == 8


@pytest.mark.django_db
def test_a_refusal_is_final_at_once_and_a_secret_is_blanked(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, channels.Refused("403 not a phone number"))
    code = write_code()
    deliver_due()
    code.refresh_from_db()
    assert (code.state, code.body, code.last_error) == (State.FAILED, "", "403 not a phone number")


@pytest.mark.django_db
def test_a_code_is_never_sent_after_it_expired(at: Any, sent: Sent) -> None:
    code = write_code()
    at.shift(timedelta(minutes=5))
    deliver_due()
    code.refresh_from_db()
    assert sent == []
    assert (code.state, code.body) == (State.EXPIRED, "")


@pytest.mark.django_db
def test_a_code_whose_next_try_would_come_too_late_is_dropped_now(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, channels.TryAgain("gateway"))
    code = write_code()
    deliver_due()
    code.refresh_from_db()
    assert code.state == State.QUEUED
    at.shift(timedelta(minutes=1))
    deliver_due()
    code.refresh_from_db()
    assert (code.state, code.body) == (State.EXPIRED, "")


@pytest.mark.django_db
def test_a_secret_whose_key_is_gone_fails_without_holding_up_others(at: Any, sent: Sent, settings: Settings) -> None:
    settings.FIELD_KEYS = ["an old key"]
    code = write_code()
    settings.FIELD_KEYS = ["a new key"]
    write()
    assert deliver_due() == 2
    code.refresh_from_db()
    assert (code.state, code.body) == (State.FAILED, "")
    assert len(sent) == 1


class Killed(BaseException):
    """Stands for kill -9 in the middle of sending."""


@pytest.mark.django_db(transaction=True)
def test_a_message_left_by_a_killed_worker_is_taken_up_when_its_claim_is_over(
    at: Any, monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    message = write()
    with monkeypatch.context() as dying:
        dying.setattr(channels, "send", lambda **_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            deliver_due()
    message.refresh_from_db()
    assert message.state == State.SENDING
    at.shift(timedelta(seconds=59))
    assert deliver_due() == 0
    at.shift(timedelta(seconds=1))
    assert deliver_due() == 1
    message.refresh_from_db()
    assert (message.state, len(sent)) == (State.SENT, 1)


@pytest.mark.django_db
def test_a_message_that_kills_every_worker_is_given_up(at: Any, sent: Sent) -> None:
    message = write()
    OutboxMessage.objects.filter(pk=message.pk).update(state=State.SENDING, attempts=services.MAX_ATTEMPTS)
    assert deliver_due() == 0
    message.refresh_from_db()
    assert (message.state, sent) == (State.FAILED, [])


@pytest.mark.django_db
def test_a_worker_that_comes_back_late_overwrites_nobodys_outcome(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    message = write()

    def overtaken(**_: str) -> None:
        OutboxMessage.objects.filter(pk=message.pk).update(state=State.SENT, attempts=2)
        raise channels.TryAgain("time-out")

    monkeypatch.setattr(channels, "send", overtaken)
    deliver_due()
    message.refresh_from_db()
    assert (message.state, message.last_error) == (State.SENT, "")


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_the_same_message(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []
    monkeypatch.setattr(channels, "send", lambda *, body, **_: found.append(body))
    for number in range(40):
        write(f"payment:{number}", body=str(number))
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        deliver_due()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    deliver_due()
    assert sorted(found, key=int) == [str(number) for number in range(40)]


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_a_worker_steps_past_a_message_another_holds(sent: Sent) -> None:
    held, free = write("payment:1"), write("payment:2")
    results: list[int] = []
    with transaction.atomic():
        OutboxMessage.objects.select_for_update().get(pk=held.pk)
        other = threading.Thread(target=lambda: (results.append(deliver_due(limit=1)), connection.close()))
        other.start()
        other.join(timeout=4)
    assert results == [1]
    free.refresh_from_db()
    assert free.state == State.SENT


@pytest.mark.django_db
def test_a_worker_that_is_told_to_stop_claims_no_message_and_the_next_one_does(sent: Sent) -> None:
    message = write("payment:1")
    stopping.set()
    try:
        assert deliver_due() == 0
    finally:
        stopping.clear()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.QUEUED, 0)
    assert deliver_due() == 1


# --- Age of the queue ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_queue_knows_how_long_its_oldest_due_message_waits(at: Any) -> None:
    assert services.oldest_due_seconds() is None
    write()
    at.shift(timedelta(seconds=90))
    write("payment:2")
    assert services.oldest_due_seconds() == 90


@pytest.mark.django_db
def test_a_message_backing_off_does_not_count_as_waiting(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, channels.TryAgain("gateway"))
    write()
    deliver_due()
    assert services.oldest_due_seconds() is None


# --- Channels -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_in_the_demo_everything_goes_to_the_demo_phone_and_nothing_leaves(settings: Settings) -> None:
    settings.DEMO = True
    write()
    write_code()
    deliver_due()
    assert list(DemoMessage.objects.order_by("id").values_list("to", "channel", "body")) == [
        ("0711000111", "SMS", "Code 123456"),
        ("wanjiku@example.com", "EMAIL", "You sent KES 500.00."),
    ]
    assert mail.outbox == []


@pytest.mark.django_db
def test_outside_the_demo_mail_goes_by_mail_and_the_demo_phone_stays_empty() -> None:
    write()
    deliver_due()
    assert [(message.to, message.subject) for message in mail.outbox] == [(["wanjiku@example.com"], "You sent money")]
    assert not DemoMessage.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [(sms.Outcome.ACCEPTED, None), (sms.Outcome.REFUSED, channels.Refused), (sms.Outcome.RETRY, channels.TryAgain)],
)
def test_an_sms_ends_as_its_provider_says(
    monkeypatch: pytest.MonkeyPatch, outcome: sms.Outcome, expected: type[Exception] | None
) -> None:
    monkeypatch.setattr(sms, "send", lambda to, text: sms.Answer(outcome, "why"))
    send: Callable[[], None] = lambda: channels.send(channel="SMS", to="0711000111", subject="", body="Hi")  # noqa: E731
    if expected is None:
        send()
    else:
        with pytest.raises(expected, match="why"):
            send()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.c": (550, b"no such user")}), channels.Refused),
        (smtplib.SMTPRecipientsRefused({"a@b.c": (450, b"greylisted")}), channels.TryAgain),
        (smtplib.SMTPServerDisconnected("gone"), channels.TryAgain),
        (ConnectionRefusedError(), channels.TryAgain),
        (TimeoutError(), channels.TryAgain),
    ],
)
def test_a_mail_server_that_fails_is_told_from_one_that_refuses(
    monkeypatch: pytest.MonkeyPatch, error: Exception, expected: type[Exception]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    with pytest.raises(expected):
        channels.send(channel="EMAIL", to="a@b.c", subject="Hello", body="Hi")


def test_a_line_break_in_a_subject_is_refused_not_sent() -> None:
    with pytest.raises(channels.Refused):
        channels.send(channel="EMAIL", to="a@b.c", subject="Hello\nBcc: x@y.z", body="Hi")
    assert mail.outbox == []


def test_the_worker_knows_the_outbox() -> None:
    assert registry.waiting_steps.get("messages") is deliver_due
