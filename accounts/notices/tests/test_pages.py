"""Settings, Messages as a browser walks it; and those who type nonsense or try to look at others."""

import re
import uuid
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import BranchCustomer, MessageHabits, User
from accounts.notices.choosing import chosen_by
from accounts.notices.rules import Choice
from accounts.notices.tests.scenes import (
    ADDRESS,
    BOTH,
    BY_EMAIL,
    BY_SMS,
    NIGHT,
    NONE,
    PHONE,
    SMS,
    Sent,
    a_stranger,
    customer_of,
    deliver,
    somebody,
    wants,
)
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications import channels
from wekeza_portal.notifications.events import ALWAYS, CHOSEN, Event
from wekeza_portal.notifications.models import OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)

D = Decimal
PAGE = "/settings/notifications/"
EVENTS = [event.value.lower() for event in CHOSEN]
ALL: dict[str, Any] = {event: ["SMS", "EMAIL"] for event in EVENTS}


def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


@pytest.fixture
def browser(user: User) -> Client:
    return signed_in(user)


def text(html: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.decode()))


def ticked(html: bytes) -> set[tuple[str, str]]:
    """Name and value of every box that stands ticked."""
    boxes = re.findall(r"<input type=\"checkbox\"[^>]*>", html.decode())
    found = set()
    for box in boxes:
        name, value = re.search(r'name="([^"]+)"', box), re.search(r'value="([^"]+)"', box)
        assert name
        assert value
        if " checked" in box:
            found.add((name[1], value[1]))
    return found


def test_the_page_offers_every_event_and_ticks_what_counts(browser: Client) -> None:
    page = browser.get(PAGE)
    assert ticked(page.content) == {(event, "SMS") for event in EVENTS}
    said = text(page.content)
    for event in CHOSEN:
        assert str(event.label) in said
    for event in ALWAYS:
        assert f'name="{event.value.lower()}"' not in page.content.decode()
    assert "Nobody can turn these off" in said
    assert "push" not in said.lower()
    assert PHONE not in said
    assert ADDRESS not in said


def test_the_settings_lead_there(browser: Client) -> None:
    assert f'href="{PAGE}"' in browser.get("/settings/").content.decode()


def test_what_is_ticked_and_typed_counts_and_stands_there_again(browser: Client, user: User) -> None:
    typed = {
        **ALL,
        "card": ["EMAIL"],
        "money_in_from": "1,000",
        "money_out_from": "KES 200",
        "card_from": "",
        "low_balance_from": "5000.50",
        "quiet_from": "22:00",
        "quiet_to": "06:00",
    }
    answer = browser.post(PAGE, typed)
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    found = chosen_by(customer_of(user))
    assert found.choices[Event.MONEY_IN] == Choice(True, True, D("1000.00"))
    assert found.choices[Event.MONEY_OUT] == Choice(True, True, D("200.00"))
    assert found.choices[Event.CARD] == BY_EMAIL
    assert (found.quiet, found.low_balance) == (NIGHT, D("5000.50"))
    page = browser.get(PAGE)
    assert ("card", "SMS") not in ticked(page.content)
    for value in ("1,000.00", "200.00", "5,000.50", "22:00", "06:00"):
        assert f'value="{value}"' in page.content.decode()
    assert "Saved. It counts from the next message on." in text(page.content)


def test_nothing_ticked_is_nothing_sent_and_everything_emptied(browser: Client, user: User) -> None:
    wants(user, {Event.MONEY_IN: Choice(True, True, D("9.00"))}, quiet=NIGHT, below="9.00")
    browser.post(PAGE, {})
    found = chosen_by(customer_of(user))
    assert set(found.choices.values()) == {NONE}
    assert (found.quiet, found.low_balance) == (None, None)


AMOUNTS = [
    "NaN",
    "Infinity",
    "1e9",
    "-5",
    "0",
    "٥٠٠",
    "５００",
    "1.234",
    "=HYPERLINK(1)",
    "<script>",
    "🎉",
    "9" * 10_000,
]


@pytest.mark.parametrize("field", ["money_in_from", "money_out_from", "card_from", "low_balance_from"])
@pytest.mark.parametrize("nonsense", AMOUNTS)
def test_a_figure_that_is_none_is_refused_beside_it_and_changes_nothing(
    field: str, nonsense: str, browser: Client
) -> None:
    answer = browser.post(PAGE, {**ALL, field: nonsense})
    assert answer.status_code == 200
    html = answer.content.decode()
    assert f'id="id_{field}_error"' in html
    assert html.count('class="error" id=') == 1
    assert "<script>" not in re.sub(r"<script [^>]*>", "", html)
    assert not MessageHabits.objects.exists()


@pytest.mark.parametrize(
    ("begins", "ends", "field", "words"),
    [
        ("22:00", "22:00", "quiet_to", "Enter another time than the first one."),
        ("00:00", "00:00", "quiet_to", "Enter another time than the first one."),
        ("22:00", "", "quiet_to", "Enter this time too"),
        ("", "06:00", "quiet_from", "Enter this time too"),
        ("06:00", "22:00", "quiet_to", "12 hours at most"),
        ("00:00", "23:59", "quiet_to", "12 hours at most"),
        ("18:00", "06:01", "quiet_to", "12 hours at most"),
        ("24:00", "06:00", "quiet_from", "Enter a time like 22:00."),
        ("٢٢:٠٠", "06:00", "quiet_from", "Enter a time like 22:00."),
        ("22", "06:00", "quiet_from", "Enter a time like 22:00."),
        ("10pm", "06:00", "quiet_from", "Enter a time like 22:00."),
        ("22:00", "NaN", "quiet_to", "Enter a time like 22:00."),
        ("22:00", "9" * 10_000, "quiet_to", "Enter a time like 22:00."),
        ("22:00\x00", "06:00", "quiet_from", "Enter a time like 22:00."),
    ],
)
def test_hours_that_are_none_are_refused_beside_them(
    begins: str, ends: str, field: str, words: str, browser: Client
) -> None:
    answer = browser.post(PAGE, {**ALL, "quiet_from": begins, "quiet_to": ends})
    assert answer.status_code == 200
    assert words in text(answer.content)
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert not MessageHabits.objects.exists()


@pytest.mark.parametrize(
    ("begins", "ends"), [("18:00", "06:00"), ("00:00", "06:00"), ("23:59", "00:00"), ("9:05", "9:06")]
)
def test_hours_up_to_twelve_are_taken_over_midnight_too(begins: str, ends: str, browser: Client, user: User) -> None:
    assert browser.post(PAGE, {**ALL, "quiet_from": begins, "quiet_to": ends}).status_code == 303
    quiet = chosen_by(customer_of(user)).quiet
    assert quiet == tuple(time(*(int(part) for part in typed.split(":"))) for typed in (begins, ends))


@pytest.mark.parametrize("value", ["PUSH", "SECURITY", "sms", "<script>", "🎉", "x" * 10_000])
def test_a_channel_that_is_none_is_refused(value: str, browser: Client) -> None:
    answer = browser.post(PAGE, {**ALL, "money_in": ["SMS", value]})
    assert (answer.status_code, MessageHabits.objects.exists()) == (200, False)


def test_fields_that_nobody_offered_do_nothing(browser: Client, user: User) -> None:
    stranger = a_stranger()
    forged = {"security": "", "code": "", "customer": str(customer_of(stranger).pk), "user": str(stranger.pk)}
    assert browser.post(PAGE, {**ALL, **forged}).status_code == 303
    assert MessageHabits.objects.get().customer_id == customer_of(user).user_id


@pytest.mark.parametrize(
    ("phone", "email", "offered", "words"),
    [
        (None, ADDRESS, {"EMAIL"}, "The bank has no phone number of yours"),
        ("0722000111", "nobody", {"SMS"}, "The bank has no e-mail address of yours"),
    ],
)
def test_a_channel_without_an_address_says_so_instead_of_being_offered(
    phone: str | None, email: str, offered: set[str], words: str
) -> None:
    user = somebody(phone=phone)
    BranchCustomer.objects.filter(pk=customer_of(user).pk).update(email=email)
    page = signed_in(user).get(PAGE)
    html = page.content.decode()
    assert words in text(page.content)
    assert set(re.findall(r'type="checkbox" name="card" value="(\w+)"', html)) == offered
    assert set(re.findall(r'<button [^>]*name="channel" value="(\w+)"', html)) == offered
    other = ({"SMS", "EMAIL"} - offered).pop()
    assert signed_in(user).post(PAGE, {"card": [other]}).status_code == 200
    assert not MessageHabits.objects.exists()


def test_a_channel_that_could_not_be_offered_comes_back_as_it_was(user: User) -> None:
    wants(user, {Event.CARD: BOTH, Event.REQUESTS: BY_SMS})
    BranchCustomer.objects.filter(pk=customer_of(user).pk).update(phone_number=None)
    user = User.objects.get(pk=user.pk)
    signed_in(user).post(PAGE, {"card": ["EMAIL"]})
    BranchCustomer.objects.filter(pk=customer_of(user).pk).update(phone_number="0722000111")
    found = chosen_by(BranchCustomer.objects.get(pk=customer_of(user).pk)).choices
    assert (found[Event.CARD], found[Event.REQUESTS]) == (BOTH, NONE)


def test_ticks_come_back_after_the_session_ran_out_and_those_taken_away_stay_away(browser: Client) -> None:
    kept = {"_path": PAGE, "money_out": ["SMS", "EMAIL"], "card": ["EMAIL"], "quiet_from": "23:00", "card_from": "abc"}
    assert browser.post("/session/keep/", kept).status_code == 204
    page = browser.get(PAGE)
    assert ticked(page.content) == {("money_out", "SMS"), ("money_out", "EMAIL"), ("card", "EMAIL")}
    assert 'value="23:00"' in page.content.decode()
    assert 'value="abc"' in page.content.decode()
    assert not MessageHabits.objects.exists()


def test_too_many_changes_are_stopped(browser: Client) -> None:
    for number in range(30):
        assert browser.post(PAGE, {**ALL, "card_from": f"{number + 1}"}).status_code == 303
    assert browser.post(PAGE, {**ALL, "card_from": "500"}).status_code == 429


# --- A test message -----------------------------------------------------------------------------------------------

TRY = f"{PAGE}test/"


def test_a_test_message_goes_through_the_outbox_and_its_page_says_what_became_of_it(
    browser: Client, user: User, sent: Sent
) -> None:
    wants(user, dict.fromkeys(CHOSEN, NONE))
    deliver()
    sent.clear()
    answer = browser.post(TRY, {"channel": "SMS"})
    assert answer.status_code == 303
    assert "On its way out" in text(browser.get(answer["Location"]).content)
    deliver()
    assert sent == [(SMS, PHONE, "Wekeza: this is the test message that you asked for. It has reached you.")]
    row = OutboxMessage.objects.get(cause__startswith="test-message")
    for delivery, words in (("ACCEPTED", "State Sent "), ("DELIVERED", "Arrived"), ("FAILED", "Did not arrive")):
        OutboxMessage.objects.filter(pk=row.pk).update(delivery=delivery)
        page = text(browser.get(answer["Location"]).content)
        assert words in page
        assert PHONE not in page
    assert AuditEvent.objects.get(verb="messages.tested").data == {"channel": "SMS"}


def test_one_that_was_refused_is_not_called_sent(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(**message: str) -> str:
        raise channels.Refused("unknown subscriber")

    monkeypatch.setattr(channels, "send", refuses)
    answer = browser.post(TRY, {"channel": "EMAIL"})
    deliver()
    page = text(browser.get(answer["Location"]).content)
    assert "Could not be sent" in page
    assert "Sent at" not in page


def test_one_that_did_not_work_says_that_it_is_tried_again(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**message: str) -> str:
        raise channels.TryAgain("mail server: ConnectionRefusedError")

    monkeypatch.setattr(channels, "send", fails)
    answer = browser.post(TRY, {"channel": "EMAIL"})
    deliver()
    page = text(browser.get(answer["Location"]).content)
    assert "Not sent yet, we try again" in page
    assert "ConnectionRefused" not in page


def test_it_goes_at_once_in_quiet_hours_for_whoever_asks_is_awake(browser: Client, user: User, sent: Sent) -> None:
    wants(user, quiet=NIGHT)
    deliver()
    sent.clear()
    with time_machine.travel(clock.now().replace(hour=20, minute=30) + timedelta(days=0), tick=False):
        sign_in(browser, user)
        browser.post(TRY, {"channel": "SMS"})
        deliver()
    assert len(sent) == 1


def test_five_a_day_and_no_more(browser: Client) -> None:
    for _ in range(5):
        assert browser.post(TRY, {"channel": "SMS"}).status_code == 303
    assert browser.post(TRY, {"channel": "EMAIL"}).status_code == 429
    assert OutboxMessage.objects.filter(cause__startswith="test-message").count() == 5


def test_nothing_is_sent_where_there_is_no_address() -> None:
    browser = signed_in(somebody(phone=None))
    answer = browser.post(TRY, {"channel": "SMS"}, follow=True)
    assert "We have no such address of yours, so nothing was sent." in text(answer.content)
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("channel", ["", "PUSH", "sms", "<script>", "x" * 10_000])
def test_a_channel_that_is_none_sends_nothing(channel: str, browser: Client) -> None:
    assert browser.post(TRY, {"channel": channel})["Location"] == PAGE
    assert not OutboxMessage.objects.exists()


def test_nobody_sees_the_test_message_of_another_or_any_other_message_here(browser: Client, user: User) -> None:
    theirs = signed_in(a_stranger()).post(TRY, {"channel": "SMS"})["Location"]
    assert browser.get(theirs).status_code == 404
    wants(user, {Event.MONEY_OUT: NONE})
    notice = OutboxMessage.objects.filter(customer_id=customer_of(user).user_id).first()
    assert notice is not None
    assert browser.get(f"{TRY}{notice.pk}/").status_code == 404
    assert browser.get(f"{TRY}{uuid.uuid4()}/").status_code == 404


def test_a_former_owner_of_the_id_left_no_test_message(browser: Client, user: User) -> None:
    address = browser.post(TRY, {"channel": "SMS"})["Location"]
    before = customer_of(user).created_at - timedelta(days=1)
    OutboxMessage.objects.update(created_at=before)
    assert browser.get(address).status_code == 404
