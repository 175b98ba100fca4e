"""Choosing: it counts, it is written down, and nobody is made deaf in silence."""

from decimal import Decimal

import pytest
from django.conf import settings

from accounts.models import LowBalanceTold, MessageChoice, MessageHabits, User
from accounts.notices.choosing import choose, chosen_by
from accounts.notices.rules import Choice, defaults
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
    wants,
)
from tests.factories import AccountFactory
from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.events import CHOSEN, Event
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.registry import exporters

pytestmark = pytest.mark.django_db

D = Decimal


def test_who_never_chose_has_the_defaults_and_no_row(user: User) -> None:
    assert chosen_by(customer_of(user)) == defaults(has_phone=True)
    assert not MessageHabits.objects.exists()


def test_what_was_chosen_is_what_counts(user: User) -> None:
    choice = Choice(sms=False, email=True, at_least=D("250.00"))
    assert wants(user, {Event.CARD: choice}, quiet=NIGHT, below="5000.00")
    found = chosen_by(customer_of(user))
    assert (found.choices[Event.CARD], found.quiet, found.low_balance) == (choice, NIGHT, D("5000.00"))
    assert found.choices[Event.MONEY_IN] == BY_SMS
    assert MessageChoice.objects.count() == len(CHOSEN)


def test_the_same_again_changes_nothing_and_says_nothing(user: User) -> None:
    assert wants(user, {Event.MONEY_OUT: NONE})
    told, events = len(notices(user)), AuditEvent.objects.count()
    assert not wants(user, {Event.MONEY_OUT: NONE})
    assert (len(notices(user)), AuditEvent.objects.count()) == (told, events)
    assert MessageHabits.objects.count() == 1


def test_every_change_is_written_down_with_before_and_after(user: User) -> None:
    wants(user, {Event.CARD: Choice(sms=True, email=True, at_least=D("250.00"))}, quiet=NIGHT, below="5000.00")
    event = AuditEvent.objects.get(verb="messages.chosen")
    assert event.customer_id == customer_of(user).user_id
    assert (event.data["before"]["CARD"], event.data["before"]["quiet"]) == (["SMS"], [])
    assert event.data["after"]["CARD"] == ["EMAIL", "SMS", "250.00"]
    assert (event.data["after"]["quiet"], event.data["after"]["below"]) == (["22:00", "06:00"], "5000.00")


@pytest.mark.parametrize(
    ("event", "before", "after", "words"),
    [
        (Event.MONEY_OUT, BY_SMS, NONE, "all of money out"),
        (Event.CARD, BY_SMS, NONE, "all of card use"),
        (Event.MONEY_OUT, BOTH, BY_EMAIL, "some of money out"),
        (Event.CARD, BY_SMS, Choice(sms=True, email=False, at_least=D("999999.00")), "some of card use"),
    ],
)
def test_hearing_less_of_money_that_leaves_is_told_everywhere_and_cannot_be_muted(
    event: Event, before: Choice, after: Choice, words: str, user: User, sent: Sent
) -> None:
    wants(user, {**dict.fromkeys(CHOSEN, NONE), event: before})
    deliver()
    sent.clear()
    wants(user, {event: after})
    deliver()
    body = f"Wekeza: you turned off messages: {words}. Not you? Call {settings.FRAUD_PHONE} now."
    assert sorted(sent) == [(EMAIL, ADDRESS, body), (SMS, PHONE, body)]
    item = InboxItem.objects.filter(category="SECURITY").order_by("-pk").first()
    assert item is not None
    assert (item.text, item.link_name, item.can_be_archived) == (body, "notifications", False)


@pytest.mark.parametrize(
    "choices",
    [
        {Event.MONEY_IN: NONE, Event.STANDING: NONE, Event.REQUESTS: NONE, Event.REMINDERS: NONE},
        {Event.MONEY_OUT: BOTH, Event.CARD: BOTH},
    ],
)
def test_other_choices_are_made_without_a_word(choices: dict[Event, Choice], user: User) -> None:
    wants(user, choices)
    assert notices(user) == []


def test_each_time_is_told_even_within_one_second(user: User) -> None:
    for choice in (NONE, BY_SMS, NONE):
        wants(user, {Event.MONEY_OUT: choice})
    assert [row.channel for row in notices(user)] == [EMAIL, EMAIL, SMS, SMS]


@pytest.mark.parametrize("language", ["en", "sw"])
def test_it_fits_one_sms_however_much_was_turned_off(language: str, user: User) -> None:
    User.objects.filter(pk=user.pk).update(language=language)
    user.refresh_from_db()
    wants(user, {Event.MONEY_OUT: NONE, Event.CARD: NONE}, quiet=NIGHT)
    body = notices(user)[0].body
    assert len(body) <= 160, body
    assert body.isascii()
    assert "22:00" in body
    assert ("turned off" in body) is (language == "en")


def test_who_has_no_number_is_told_by_email(sent: Sent) -> None:
    user = somebody(phone=None)
    wants(user, {Event.MONEY_OUT: NONE})
    deliver()
    assert {(channel, to) for channel, to, _body in sent} == {(EMAIL, ADDRESS)}


def test_another_figure_is_a_new_start(user: User) -> None:
    account = AccountFactory(customer=user.customer, balance=D("10.00"))
    stranger = a_stranger()
    for owner, pk in ((user, account.pk), (stranger, account.pk + 1)):
        LowBalanceTold.objects.create(account_id=pk, customer_id=customer_of(owner).user_id, told_at=clock.now())
    wants(user, below="700.00")
    assert list(LowBalanceTold.objects.values_list("customer_id", flat=True)) == [customer_of(stranger).user_id]


def test_what_was_chosen_is_handed_over_with_everything_else(user: User) -> None:
    wants(user, {Event.CARD: Choice(sms=True, email=False, at_least=D("250.00"))}, quiet=NIGHT, below="5000.00")
    found = exporters.get("messages").of(customer_of(user))
    assert {row["event"] for row in found["choices"]} == {event.value for event in CHOSEN}
    assert str(found["habits"][0]["low_balance"]) == "5000.00"
    assert exporters.get("messages").of(customer_of(a_stranger()))["choices"] == []


def test_staff_get_no_messages(user: User) -> None:
    user.customer = None
    with pytest.raises(ValueError, match="staff"):
        choose(user, defaults(has_phone=True), system("test"))
