"""A changed phone or e-mail is told to the addresses of before and of now, once, whoever looks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from accounts.identity import alerts, knowncontacts
from accounts.identity.tests.helpers import walk_in
from accounts.models import BranchCustomer, User
from tests.factories import UserFactory
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db
OLD, NEW = "+254711000222", "+254733999888"
OLD_MAIL, NEW_MAIL = "wanjiku@example.com", "thief@example.net"


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def every_look_counts() -> None:
    cache.clear()


@pytest.fixture
def wanjiku(nine: time_machine.Traveller) -> User:
    return UserFactory(customer__phone_number="0711000222", customer__email=OLD_MAIL)


def changes(user: User, **columns: str | None) -> None:
    """The branch changes the row, as its own software does."""
    BranchCustomer.objects.filter(pk=user.customer_id).update(**columns)


def watch() -> int:
    cache.clear()
    return knowncontacts.watch()


def told() -> set[str]:
    return set(OutboxMessage.objects.filter(cause__startswith="contact-changed:").values_list("to", flat=True))


def test_a_changed_number_is_told_to_the_old_one_the_new_one_and_by_e_mail(wanjiku: User) -> None:
    changes(wanjiku, phone_number="0733999888")
    assert watch() == 1
    assert told() == {OLD, NEW, OLD_MAIL}
    words = "The phone number of your Wekeza account was changed at 23/11/2026 09:00. Not you? Call +254 700 123 456."
    assert set(OutboxMessage.objects.values_list("body", flat=True)) == {words}
    assert len(words) <= 160
    assert InboxItem.objects.get(customer_id=wanjiku.customer_id).text == words
    event = AuditEvent.objects.get(verb="contact.changed")
    assert (event.customer_id, event.data) == (wanjiku.customer_id, {"changed": ["SMS"]})


def test_a_changed_e_mail_is_told_to_the_old_one_the_new_one_and_by_sms(wanjiku: User) -> None:
    changes(wanjiku, email=NEW_MAIL)
    watch()
    assert told() == {OLD, OLD_MAIL, NEW_MAIL}
    assert "The e-mail address of your" in InboxItem.objects.get().text
    wanjiku.refresh_from_db()
    assert (wanjiku.known_email, wanjiku.phone_changed_at) == (NEW_MAIL, None)


def test_of_both_at_once_one_message_goes_to_all_four(wanjiku: User) -> None:
    changes(wanjiku, email=NEW_MAIL, phone_number=NEW)
    watch()
    assert told() == {OLD, NEW, OLD_MAIL, NEW_MAIL}
    assert OutboxMessage.objects.count() == 4
    assert InboxItem.objects.get().text.startswith("Phone number and e-mail address of your")


def test_a_number_taken_away_is_told_to_it(wanjiku: User) -> None:
    changes(wanjiku, phone_number=None)
    watch()
    assert told() == {OLD, OLD_MAIL}


def test_the_message_is_in_the_customers_language(wanjiku: User) -> None:
    User.objects.filter(pk=wanjiku.pk).update(language="sw")
    changes(wanjiku, phone_number=NEW)
    watch()
    assert "imebadilishwa" in InboxItem.objects.get().text
    assert "Si wewe?" in InboxItem.objects.get().text


@pytest.mark.parametrize(
    "columns", [{"phone_number": "+254 711000222"}, {"phone_number": "254711000222"}, {"email": "Wanjiku@Example.COM"}]
)
def test_another_spelling_is_no_change(wanjiku: User, columns: dict[str, Any]) -> None:
    changes(wanjiku, **columns)
    assert watch() == 0
    assert told() == set()


def test_it_is_told_once_however_often_one_looks(wanjiku: User) -> None:
    changes(wanjiku, phone_number=NEW)
    assert [watch(), watch(), watch()] == [1, 0, 0]
    walk_in(Client(), wanjiku)
    assert OutboxMessage.objects.filter(cause__startswith="contact-changed:").count() == 3


def test_there_and_back_again_are_two_changes(wanjiku: User, nine: time_machine.Traveller) -> None:
    changes(wanjiku, phone_number=NEW)
    watch()
    nine.shift(timedelta(minutes=5))
    changes(wanjiku, phone_number="0711000222")
    watch()
    assert InboxItem.objects.count() == 2
    wanjiku.refresh_from_db()
    assert wanjiku.phone_changed_at == clock.now(), "it counts as new again"


def test_whoever_signs_in_before_the_worker_looked_does_not_keep_it_quiet(wanjiku: User) -> None:
    changes(wanjiku, phone_number=NEW)
    walk_in(Client(), User.objects.select_related("customer").get(pk=wanjiku.pk))
    assert told() == {OLD, NEW, OLD_MAIL}
    assert watch() == 0


def test_an_e_mail_seen_for_the_first_time_is_no_news(wanjiku: User) -> None:
    """Logins from before e-mails were remembered."""
    User.objects.update(known_email="")
    assert watch() == 1
    assert told() == set()
    wanjiku.refresh_from_db()
    assert wanjiku.known_email == OLD_MAIL
    changes(wanjiku, email=NEW_MAIL)
    watch()
    assert told() == {OLD, OLD_MAIL, NEW_MAIL}


def test_who_got_a_reused_row_is_told_nothing_of_whoever_had_it_before(wanjiku: User) -> None:
    changes(wanjiku, national_id="99999999", email=NEW_MAIL, phone_number=NEW)
    assert watch() == 0
    assert told() == set()


def test_staff_and_closed_logins_are_passed_over(wanjiku: User) -> None:
    UserFactory(customer=None)
    User.objects.filter(pk=wanjiku.pk).update(is_active=False)
    changes(wanjiku, phone_number=NEW)
    assert watch() == 0


def test_a_message_that_cannot_be_written_leaves_the_change_to_be_told_later(
    wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes(wanjiku, phone_number=NEW)
    with monkeypatch.context() as patch:
        patch.setattr(alerts, "contact_changed", _fail)
        with pytest.raises(OSError, match="disk full"):
            watch()
    assert AuditEvent.objects.filter(verb="contact.changed").count() == 0
    assert watch() == 1
    assert told() == {OLD, NEW, OLD_MAIL}


def _fail(*_arguments: object) -> None:
    raise OSError("disk full")


def test_the_worker_looks_at_all_every_half_minute_in_parts(wanjiku: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowncontacts, "BATCH", 2)
    users = [wanjiku, *(UserFactory() for _ in range(4))]
    for number, user in enumerate(users):
        changes(user, phone_number=f"+25473399988{number}")
    assert [knowncontacts.watch() for _round in range(4)] == [2, 2, 1, 0], "and then waits"
    changes(wanjiku, phone_number=NEW)
    assert knowncontacts.watch() == 0
    cache.delete("contacts-lap")  # half a minute later
    assert knowncontacts.watch() == 1


def test_one_query_tells_of_a_thousand_that_nothing_changed(wanjiku: User, django_assert_num_queries: Any) -> None:
    for _ in range(5):
        UserFactory()
    cache.clear()
    with django_assert_num_queries(1):
        assert knowncontacts.watch() == 0


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_eight_that_look_at_once_one_tells() -> None:
    user = UserFactory(customer__phone_number="0711000222", customer__email=OLD_MAIL)
    changes(user, phone_number=NEW)
    looking = [User.objects.select_related("customer").get(pk=user.pk) for _ in range(8)]
    answers = at_once([lambda one=one: knowncontacts.note(one) for one in looking])
    assert sorted(map(str, answers)) == ["False"] * 7 + ["True"]
    assert InboxItem.objects.count() == 1


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_several_would_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race shown: the row is read by all before any of them writes."""
    import threading

    user = UserFactory(customer__phone_number="0711000222", customer__email=OLD_MAIL)
    changes(user, phone_number=NEW)
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda self, **_options: self)
    together, take = threading.Barrier(3), knowncontacts._take_note

    def wait_and_take(row: User, tell: bool) -> None:
        together.wait(timeout=30)
        take(row, tell)

    monkeypatch.setattr(knowncontacts, "_take_note", wait_and_take)
    looking = [User.objects.select_related("customer").get(pk=user.pk) for _ in range(3)]
    answers = at_once([lambda one=one: knowncontacts.note(one) for one in looking])
    assert [answer for answer in answers if answer is True] == [True] * 3
    assert InboxItem.objects.count() == 3
