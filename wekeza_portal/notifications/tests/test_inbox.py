"""The inbox keeps its promises: once per cause, its reader's alone, never a free address."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction
from django.http import Http404
from django.urls import NoReverseMatch

from tests.factories import InboxItemFactory
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.notifications import inbox
from wekeza_portal.notifications.inbox import Category, Link, Owner
from wekeza_portal.notifications.models import InboxItem

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=clock.NAIROBI)
ME = Owner(15, NOON - timedelta(days=3000))
STRANGER = Owner(16, NOON - timedelta(days=3000))


def put(cause: str = "payment:1", **changes: Any) -> InboxItem:
    values: dict[str, Any] = {
        "cause": cause,
        "customer_id": ME.customer_id,
        "category": Category.MONEY,
        "title": "You sent money",
        "text": "You sent KES 500.00.",
    }
    inbox.put(**{**values, **changes})
    return InboxItem.objects.get(cause=cause)


# --- Writing ------------------------------------------------------------------------------------------------------


def test_the_same_cause_twice_is_one_message_as_first_written() -> None:
    put()
    assert put(text="Something else").text == "You sent KES 500.00."
    assert InboxItem.objects.count() == 1


def test_a_message_vanishes_with_the_transaction_of_its_cause() -> None:
    with transaction.atomic():
        put()
        transaction.set_rollback(True)
    assert not InboxItem.objects.exists()


@pytest.mark.parametrize("changes", [{"cause": ""}, {"cause": "x" * 121}, {"category": "GOSSIP"}, {"category": ""}])
def test_it_refuses_what_does_not_fit(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="category"):
        inbox.put(**{"cause": "c", "customer_id": 15, "category": "NEWS", "title": "t", "text": "x", **changes})
    assert not InboxItem.objects.exists()


def test_a_long_title_is_cut_and_a_long_text_is_kept_whole() -> None:
    item = put(title="🎉" * 300, text="é" * 10_000)
    assert item.title == "🎉" * 200
    assert item.text == "é" * 10_000


@pytest.mark.parametrize("name", ["https://evil.example", "//evil.example", "logout", "admin:index", "no-such-page"])
def test_it_refuses_a_link_that_nobody_registered(name: str) -> None:
    with pytest.raises(LookupError):
        put(link=Link(name))
    assert not InboxItem.objects.exists()


def test_it_refuses_a_link_that_leads_nowhere() -> None:
    with pytest.raises(NoReverseMatch):
        put(link=Link("payment_receipt", {"instruction_id": "not-a-uuid"}))


def test_a_link_is_kept_as_a_name_and_becomes_an_address_when_shown() -> None:
    payment = uuid4()
    item = put(link=Link("payment_receipt", {"instruction_id": payment}))
    assert (item.link_name, item.link_kwargs) == ("payment_receipt", {"instruction_id": str(payment)})
    assert inbox.address_of(item) == f"/move/payments/{payment}/"
    assert inbox.words_of_link(item) == "See the receipt"


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [("", {}), ("logout", {}), ("https://evil.example", {}), ("payment_receipt", {}), ("movement", {"other": "x"})],
)
def test_a_row_that_leads_nowhere_safe_shows_no_link(name: str, kwargs: dict[str, str]) -> None:
    item = InboxItemFactory(link_name=name, link_kwargs=kwargs)
    assert inbox.address_of(item) is None


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_ten_who_tell_the_same_at_once_tell_it_once() -> None:
    def tell() -> None:
        with transaction.atomic():
            inbox.put(cause="payment:1", customer_id=15, category=Category.MONEY, title="t", text="x")

    assert [result for result in at_once([tell] * 10) if result is not None] == []
    assert InboxItem.objects.count() == 1


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_read_and_put_away_at_once_undo_nothing_of_each_other() -> None:
    item = put()
    results = at_once([lambda: inbox.mark_read(item), lambda: inbox.set_archived(item, True)] * 5)
    assert not [result for result in results if isinstance(result, Exception)]
    item.refresh_from_db()
    assert item.read_at
    assert item.archived_at


# --- Whose it is --------------------------------------------------------------------------------------------------


def test_nobody_sees_anothers_message() -> None:
    item = put()
    assert inbox.get(ME, item.public_id) == item
    with pytest.raises(Http404):
        inbox.get(STRANGER, item.public_id)
    assert inbox.page(STRANGER).items == []
    assert inbox.count_unread(STRANGER) == 0
    assert inbox.mark_all_read(STRANGER, clock.now()) == 0
    with pytest.raises(Http404):
        inbox.page(STRANGER, before=item.public_id)


def test_who_got_a_reused_id_does_not_see_the_messages_of_whoever_had_it_before() -> None:
    InboxItemFactory(customer_id=15, created_at=NOON - timedelta(days=2))
    mine = InboxItemFactory(customer_id=15, created_at=NOON)
    reader = Owner(15, since=NOON - timedelta(days=1))
    assert inbox.page(reader).items == [mine]
    assert inbox.count_unread(reader) == 1


# --- Going through them -------------------------------------------------------------------------------------------


def test_pages_go_on_where_the_last_one_ended_also_within_one_second() -> None:
    rows = [InboxItemFactory(customer_id=15, created_at=NOON - timedelta(seconds=n // 7)) for n in range(45)]
    InboxItemFactory(customer_id=16, created_at=NOON)
    seen: list[InboxItem] = []
    before = None
    for expected in (20, 20, 5):
        page = inbox.page(ME, before=before)
        assert len(page.items) == expected
        seen += page.items
        before = page.older
    assert before is None
    assert seen == sorted(rows, key=lambda row: (row.created_at, row.pk), reverse=True)


def test_a_message_that_comes_while_paging_moves_nothing() -> None:
    for minute in range(25):
        InboxItemFactory(customer_id=15, created_at=NOON - timedelta(minutes=minute))
    first = inbox.page(ME)
    InboxItemFactory(customer_id=15, created_at=NOON + timedelta(minutes=1))
    second = inbox.page(ME, before=first.older)
    assert len(second.items) == 5
    assert not {item.pk for item in first.items} & {item.pk for item in second.items}


def test_messages_stand_under_their_day_in_nairobi() -> None:
    late = InboxItemFactory(customer_id=15, created_at=datetime(2026, 11, 22, 23, 30, tzinfo=clock.NAIROBI))
    early = InboxItemFactory(customer_id=15, created_at=datetime(2026, 11, 23, 0, 30, tzinfo=clock.NAIROBI))
    days = inbox.page(ME).days
    assert [(f"{day}", items) for day, items in days] == [("2026-11-23", [early]), ("2026-11-22", [late])]


def test_unread_and_put_away_are_what_they_say() -> None:
    read = InboxItemFactory(customer_id=15, read_at=NOON)
    new = InboxItemFactory(customer_id=15)
    away = InboxItemFactory(customer_id=15, archived_at=NOON)
    assert set(inbox.page(ME).items) == {read, new}
    assert inbox.page(ME, show="unread").items == [new]
    assert inbox.page(ME, show="archived").items == [away]
    assert inbox.count_unread(ME) == 1, "what was put away waits for nobody"


def test_the_count_stops_at_a_hundred() -> None:
    InboxItemFactory.create_batch(103, customer_id=15)
    assert inbox.count_unread(ME) == 100


# --- Reading and putting away -------------------------------------------------------------------------------------


def test_the_first_reading_counts() -> None:
    item = put()
    with time_machine.travel(NOON, tick=False):
        inbox.mark_read(item)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        inbox.mark_read(item)
    item.refresh_from_db()
    assert item.read_at == NOON


def test_marking_all_leaves_what_came_after_the_list_was_shown() -> None:
    InboxItemFactory.create_batch(3, customer_id=15, created_at=NOON)
    later = InboxItemFactory(customer_id=15, created_at=NOON + timedelta(seconds=1))
    theirs = InboxItemFactory(customer_id=16, created_at=NOON)
    assert inbox.mark_all_read(ME, NOON) == 3
    assert inbox.page(ME, show="unread").items == [later]
    theirs.refresh_from_db()
    assert theirs.is_unread


def test_a_message_is_put_away_and_taken_out_again() -> None:
    item = put()
    assert inbox.set_archived(item, True)
    assert inbox.page(ME).items == []
    assert inbox.set_archived(item, False)
    assert inbox.page(ME).items == [item]


def test_what_was_said_about_security_stays() -> None:
    item = put(category=Category.SECURITY)
    assert not inbox.set_archived(item, True)
    assert inbox.page(ME).items == [item]


# --- Forgetting ---------------------------------------------------------------------------------------------------


def test_messages_are_kept_24_months_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    keeps = InboxItemFactory(customer_id=15, created_at=datetime(2024, 11, 23, 12, 0, tzinfo=clock.NAIROBI))
    InboxItemFactory(customer_id=15, created_at=NOON - timedelta(days=731, seconds=1))
    assert inbox.forget_old(NOON) == 1
    assert list(InboxItem.objects.all()) == [keeps]


def test_many_old_messages_go_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "FORGET_AT_ONCE", 2)
    InboxItemFactory.create_batch(3, created_at=NOON - timedelta(days=800))
    assert [inbox.forget_old(NOON) for _ in range(3)] == [2, 1, 0]
