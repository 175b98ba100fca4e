"""What was chosen is what is sent; the inbox has everything."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import BranchCustomer, LegalText, MessageChoice, MessageHabits, User
from accounts.notices.rules import Choice
from accounts.notices.tests.scenes import (
    ADDRESS,
    BOTH,
    BY_EMAIL,
    BY_SMS,
    EMAIL,
    NIGHT,
    NONE,
    PHONE,
    SMS,
    Sent,
    a_stranger,
    customer_of,
    deliver,
    notices,
    somebody,
    tells,
    wants,
)
from accounts.privacy import consents, texts
from accounts.telling import News, tell
from tests.factories import CustomerFactory
from transfers.tests.support import an_account, confirm, owner_of, prepare
from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.notifications.events import ALWAYS, CHOSEN, Event
from wekeza_portal.notifications.inbox import Category
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db

State = OutboxMessage.State
D = Decimal
LATE = "2026-11-23T23:30:00+03:00"


@pytest.mark.parametrize("event", CHOSEN)
def test_who_never_chose_gets_an_sms_of_everything(event: Event, user: User, sent: Sent) -> None:
    tells(user, event)
    deliver()
    assert sent == [(SMS, PHONE, f"About {event}.")]


@pytest.mark.parametrize("has_chosen", [False, True])
def test_news_come_only_by_the_ways_that_were_agreed_to(has_chosen: bool, user: User, sent: Sent) -> None:
    if has_chosen:
        wants(user, {Event.MONEY_IN: NONE})
        OutboxMessage.objects.all().delete()
    tells(user, Event.NEWS)
    deliver()
    assert sent == []
    customer = customer_of(user)
    text = texts.required(LegalText.Kind.MARKETING_SMS)
    consents.change(customer, text.kind, give=True, version=text.version, actor=system("test"))
    tells(user, Event.NEWS, cause="again")
    deliver()
    assert sent == [(SMS, PHONE, "About NEWS.")]
    consents.change(customer, text.kind, give=False, version=text.version, actor=system("test"))
    tells(user, Event.NEWS, cause="once more")
    deliver()
    assert len(sent) == 1


@pytest.mark.parametrize("event", CHOSEN)
def test_who_has_no_number_gets_an_email_instead(event: Event, sent: Sent) -> None:
    tells(somebody(phone=None), event)
    deliver()
    assert sent == [(EMAIL, ADDRESS, f"About {event}.")]


@pytest.mark.parametrize("event", CHOSEN)
@pytest.mark.parametrize(
    ("choice", "ways"),
    [
        (BY_SMS, [(SMS, PHONE)]),
        (BY_EMAIL, [(EMAIL, ADDRESS)]),
        (BOTH, [(SMS, PHONE), (EMAIL, ADDRESS)]),
        (NONE, []),
    ],
)
def test_each_event_goes_where_it_was_ticked(
    event: Event, choice: Choice, ways: list[tuple[str, str]], user: User, sent: Sent
) -> None:
    others = {other: BY_SMS if choice == NONE else NONE for other in CHOSEN if other != event}
    wants(user, {**others, event: choice})
    deliver()
    sent.clear()
    row = tells(user, event)
    deliver()
    row.refresh_from_db()
    assert [(channel, to) for channel, to, _body in sent] == ways
    assert row.state == (State.SENT if choice.sms else State.MUTED)
    assert InboxItem.objects.get(cause=row.cause).text == f"About {event}."


@pytest.mark.parametrize("event", [Event.MONEY_IN, Event.MONEY_OUT, Event.CARD])
def test_a_sum_below_the_figure_is_told_in_the_inbox_alone(event: Event, user: User, sent: Sent) -> None:
    wants(user, {event: Choice(sms=True, email=True, at_least=D("1000.00"))})
    deliver()
    sent.clear()
    tells(user, event, "999.99", "small")
    deliver()
    assert sent == []
    tells(user, event, "1000.00", "large")
    deliver()
    assert [channel for channel, _to, _body in sent] == [SMS, EMAIL]
    assert InboxItem.objects.filter(cause__endswith=event).count() == 2


def test_the_choice_of_one_is_nobody_elses(user: User, sent: Sent) -> None:
    stranger = a_stranger()
    wants(user, dict.fromkeys(CHOSEN, NONE))
    deliver()
    sent.clear()
    tells(stranger, Event.MONEY_OUT)
    deliver()
    assert sent == [(SMS, "+254733000222", "About MONEY_OUT.")]


def test_whoever_gets_the_id_of_somebody_else_does_not_inherit_their_silence(user: User, sent: Sent) -> None:
    wants(user, dict.fromkeys(CHOSEN, NONE))
    deliver()
    sent.clear()
    BranchCustomer.objects.filter(pk=customer_of(user).pk).update(national_id="11112222")
    tells(user, Event.MONEY_OUT)
    deliver()
    assert [channel for channel, _to, _body in sent] == [SMS]


def test_a_message_goes_by_the_way_that_is_left_when_the_chosen_one_is_gone(user: User, sent: Sent) -> None:
    wants(user, {Event.REQUESTS: BY_SMS, Event.REMINDERS: NONE})
    BranchCustomer.objects.filter(pk=customer_of(user).pk).update(phone_number=None)
    user.customer.refresh_from_db()  # type: ignore[union-attr]
    tells(user, Event.REQUESTS)
    tells(user, Event.REMINDERS)
    deliver()
    assert sent == [(EMAIL, ADDRESS, "About REQUESTS.")]


@pytest.mark.parametrize("address", ["", "nobody"])
def test_what_was_ticked_by_email_goes_by_sms_where_there_is_no_email_any_more(
    address: str, user: User, sent: Sent
) -> None:
    wants(user, {Event.REQUESTS: BY_EMAIL})
    BranchCustomer.objects.filter(pk=customer_of(user).pk).update(email=address)
    tells(user, Event.REQUESTS)
    deliver()
    assert sent == [(SMS, PHONE, "About REQUESTS.")]


def test_a_row_written_past_the_pages_mutes_no_security(user: User, sent: Sent) -> None:
    wants(user, quiet=NIGHT)
    deliver()
    sent.clear()
    habits = MessageHabits.objects.get(customer=user.customer)
    for event in ALWAYS:
        MessageChoice.objects.create(habits=habits, event=event, sms=False, email=False)
    with time_machine.travel(LATE, tick=False):
        for event in ALWAYS:
            tells(user, event)
        deliver()
    assert sorted(body for _channel, _to, body in sent) == sorted(f"About {event}." for event in ALWAYS)


# --- Quiet hours --------------------------------------------------------------------------------------------------


@pytest.fixture
def night() -> Any:
    with time_machine.travel(LATE, tick=False) as traveller:
        yield traveller


def test_messages_wait_for_the_morning_and_go_then_where_they_were_ticked(user: User, sent: Sent, night: Any) -> None:
    wants(user, {Event.MONEY_IN: BOTH}, quiet=NIGHT)
    deliver()
    assert [row.channel for row in notices(user)] == [EMAIL, SMS]
    assert len(sent) == 2, "that it is quiet now does not wait itself"
    sent.clear()
    row = tells(user, Event.MONEY_IN)
    deliver()
    row.refresh_from_db()
    assert (row.state, sent) == (State.QUEUED, [])
    assert row.due_at.astimezone(clock.NAIROBI).isoformat() == "2026-11-24T06:00:00+03:00"
    night.move_to(row.due_at - timedelta(seconds=1))
    deliver()
    assert sent == []
    night.shift(timedelta(seconds=1))
    deliver()
    assert [channel for channel, _to, _body in sent] == [SMS, EMAIL]


def test_what_nobody_wants_does_not_wait_until_it_is_muted(user: User, sent: Sent, night: Any) -> None:
    wants(user, {Event.MONEY_IN: NONE}, quiet=NIGHT)
    row = tells(user, Event.MONEY_IN)
    deliver()
    row.refresh_from_db()
    assert row.state == State.MUTED


def test_what_waits_goes_as_soon_as_there_are_no_quiet_hours_any_more(user: User, sent: Sent, night: Any) -> None:
    wants(user, quiet=NIGHT)
    tells(user, Event.MONEY_IN)
    stranger = a_stranger()
    wants(stranger, quiet=NIGHT)
    theirs = tells(stranger, Event.MONEY_IN, cause="theirs")
    deliver()
    sent.clear()
    wants(user, quiet=None)
    deliver()
    assert sent == [(SMS, PHONE, "About MONEY_IN.")]
    theirs.refresh_from_db()
    assert theirs.state == State.QUEUED


def test_a_message_that_is_tried_again_after_a_failure_is_not_hurried(user: User, sent: Sent, night: Any) -> None:
    row = tells(user, Event.MONEY_IN)
    later = clock.now() + timedelta(minutes=15)
    OutboxMessage.objects.filter(pk=row.pk).update(attempts=2, due_at=later)
    wants(user, quiet=NIGHT)
    row.refresh_from_db()
    assert row.due_at == later


# --- Every message ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", CHOSEN)
def test_nothing_about_security_can_be_told_in_a_way_that_could_be_muted(event: Event) -> None:
    customer = CustomerFactory()
    with pytest.raises(ValueError, match="nobody can mute"):
        tell(customer, cause="c", event=event, subject="s", body="b", category=Category.SECURITY)
    with pytest.raises(ValueError, match="nobody can mute"):
        News(customer, "c", event, "s", "b", category=Category.SECURITY)
    assert not InboxItem.objects.exists()


def test_a_confirmed_transfer_asks_nobody_what_they_want_and_carries_what_the_sender_needs() -> None:
    sender, receiver = an_account("Emmanuel Otieno"), an_account("Wanjiku Mwangi")
    draft = prepare(sender, receiver, "1250.50")
    with CaptureQueriesContext(connection) as asked:
        confirm(draft)
    assert not [query for query in asked if "portal_message_" in query["sql"]]
    written = [query for query in asked if "portal_outbox_message" in query["sql"]]
    assert len(written) == 1
    rows = {row.customer_id: (row.event, row.amount) for row in OutboxMessage.objects.all()}
    assert rows == {
        owner_of(sender).user_id: (Event.MONEY_OUT, D("1250.50")),
        owner_of(receiver).user_id: (Event.MONEY_IN, D("1250.50")),
    }
