"""The sender obeys the reader: it mutes, waits and sends elsewhere, but never what nobody can mute."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from wekeza_portal import clock
from wekeza_portal.notifications import channels, services
from wekeza_portal.notifications.events import ALWAYS, CHOSEN, WITH_AMOUNT, Event, Wish
from wekeza_portal.notifications.models import Channel, OutboxMessage
from wekeza_portal.notifications.services import deliver_due, enqueue, oldest_due_seconds
from wekeza_portal.registry import message_wishes

pytestmark = pytest.mark.django_db

START = "2026-11-23T23:30:00+03:00"
State = OutboxMessage.State
Sent = list[tuple[str, str]]
D = Decimal


def write(event: Event, cause: str = "payment:1", **changes: Any) -> OutboxMessage:
    values: dict[str, Any] = {
        "channel": Channel.SMS,
        "to": "+254722000111",
        "customer_id": 15,
        "subject": "You sent money",
        "body": "You sent KES 500.00.",
        "amount": D("500.00") if event in WITH_AMOUNT else None,
    }
    return enqueue(cause=cause, event=event, **{**values, **changes})


def write_code() -> OutboxMessage:
    return write(Event.CODE, "code:1", secret=True, expires_at=clock.now() + timedelta(minutes=5))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    found: Sent = []
    monkeypatch.setattr(channels, "send", lambda **message: found.append((message["channel"], message["to"])))
    return found


@pytest.fixture
def wish(monkeypatch: pytest.MonkeyPatch) -> Callable[[Wish], list[str]]:
    """Every reader wants this; gives the events of those messages that anybody was asked about."""

    def wants(what: Wish) -> list[str]:
        asked: list[str] = []

        def answer(message: OutboxMessage, now: datetime) -> Wish:
            asked.append(message.event)
            return what

        monkeypatch.setattr(message_wishes, "_entries", {"test": answer})
        return asked

    return wants


@pytest.fixture(autouse=True)
def at() -> Any:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def state_of(message: OutboxMessage) -> str:
    message.refresh_from_db()
    return str(message.state)


@pytest.mark.parametrize("event", CHOSEN)
def test_what_its_reader_muted_is_settled_and_never_sent(event: Event, wish: Any, sent: Sent) -> None:
    wish(Wish(send=False))
    message = write(event)
    assert [deliver_due(), deliver_due()] == [0, 0]
    assert (state_of(message), message.attempts, message.sent_at, sent) == (State.MUTED, 0, None, [])
    assert oldest_due_seconds() is None


@pytest.mark.parametrize("event", sorted(ALWAYS))
@pytest.mark.parametrize("reader", ["is deaf", "sleeps"])
def test_codes_security_and_what_was_asked_for_are_neither_muted_nor_kept_waiting(
    event: Event, reader: str, wish: Any, sent: Sent
) -> None:
    asked = wish(Wish(send=False) if reader == "is deaf" else Wish(not_before=clock.now() + timedelta(hours=6)))
    message = write(event)
    assert deliver_due() == 1
    assert (state_of(message), len(sent), asked) == (State.SENT, 1, [])


def test_a_code_is_sent_in_quiet_hours_and_one_that_ran_out_is_not(wish: Any, sent: Sent, at: Any) -> None:
    wish(Wish(not_before=clock.now() + timedelta(hours=6)))
    code = write_code()
    deliver_due()
    assert (state_of(code), len(sent)) == (State.SENT, 1)
    late = write(Event.CODE, "code:2", secret=True, expires_at=clock.now() + timedelta(minutes=5))
    at.shift(timedelta(minutes=6))
    deliver_due()
    assert (state_of(late), late.body, len(sent)) == (State.EXPIRED, "", 1)


def test_what_waits_is_nobodys_delay_and_is_asked_about_again_when_it_is_due(wish: Any, sent: Sent, at: Any) -> None:
    end = clock.now() + timedelta(hours=6)
    wish(Wish(not_before=end))
    message = write(Event.MONEY_IN)
    assert [deliver_due(), deliver_due()] == [0, 0]
    assert (state_of(message), message.due_at, message.attempts) == (State.QUEUED, end, 0)
    assert oldest_due_seconds() is None
    at.move_to(end)
    wish(Wish())
    assert deliver_due() == 1
    assert (state_of(message), len(sent)) == (State.SENT, 1)


def test_a_moment_that_is_over_holds_nothing_up(wish: Any, sent: Sent) -> None:
    wish(Wish(not_before=clock.now()))
    write(Event.MONEY_IN)
    assert (deliver_due(), len(sent)) == (1, 1)


def test_others_are_sent_past_one_that_is_muted_or_waits(wish: Any, sent: Sent) -> None:
    wish(Wish(send=False))
    write(Event.NEWS, "news:1")
    alarm = write(Event.SECURITY, "alarm:1")
    assert deliver_due() == 1
    assert state_of(alarm) == State.SENT


@pytest.mark.parametrize("here", [True, False])
def test_the_same_goes_by_another_channel_too_once_and_never_by_a_third(here: bool, wish: Any, sent: Sent) -> None:
    """Also asked of the copy, whose wish names the first channel: that must not make a copy of a copy."""
    wish(Wish(send=here, also={Channel.EMAIL: "w@example.com"}))
    message = write(Event.MONEY_IN)
    deliver_due()
    copy = OutboxMessage.objects.get(copy_of=message.pk)
    assert state_of(message) == (State.SENT if here else State.MUTED)
    assert (copy.channel, copy.to, copy.body, copy.subject) == (
        Channel.EMAIL,
        "w@example.com",
        message.body,
        "You sent money",
    )
    assert (copy.event, copy.amount, copy.customer_id) == (message.event, D("500.00"), 15)
    OutboxMessage.objects.filter(pk=message.pk).update(state=State.QUEUED, due_at=clock.now())
    deliver_due()
    assert OutboxMessage.objects.count() == 2


def test_a_copy_is_written_with_the_claim_or_not_at_all(wish: Any, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    wish(Wish(send=False, also={Channel.EMAIL: "w@example.com"}))
    message = write(Event.MONEY_IN)

    def die(*what: object, **more: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(services, "_settle", die)
        with pytest.raises(MemoryError):
            deliver_due()
    assert (state_of(message), OutboxMessage.objects.count()) == (State.QUEUED, 1)
    deliver_due()
    assert (state_of(message), OutboxMessage.objects.count()) == (State.MUTED, 2)


@pytest.mark.parametrize("changes", [{"customer_id": None}, {}])
def test_nobody_is_asked_about_nobodys_message_or_one_of_before(
    changes: dict[str, None], wish: Any, sent: Sent
) -> None:
    asked = wish(Wish(send=False))
    message = write(Event.REQUESTS, **changes)
    if not changes:
        OutboxMessage.objects.filter(pk=message.pk).update(event="")
    assert (deliver_due(), len(sent), asked) == (1, 1, [])


def test_where_nobody_has_a_word_on_it_everything_goes(monkeypatch: pytest.MonkeyPatch, sent: Sent) -> None:
    monkeypatch.setattr(message_wishes, "_entries", {})
    write(Event.MONEY_OUT)
    assert (deliver_due(), len(sent)) == (1, 1)


@pytest.mark.parametrize("event", ["", "PAYMENT", "money_in", None])
def test_it_refuses_a_message_without_an_event(event: Any) -> None:
    with pytest.raises(ValueError, match="needs an event"):
        write(event)
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("event", CHOSEN)
def test_it_refuses_a_secret_that_could_be_muted(event: Event) -> None:
    with pytest.raises(ValueError, match="nobody can mute"):
        write(event, secret=True, expires_at=clock.now() + timedelta(minutes=5))


@pytest.mark.parametrize("event", sorted(WITH_AMOUNT))
def test_it_refuses_a_message_about_money_that_names_no_amount(event: Event) -> None:
    with pytest.raises(ValueError, match="amount"):
        write(event, amount=None)
