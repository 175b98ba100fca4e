"""The inbox as its reader meets it: list, message, bell."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.identity import housekeeping
from accounts.models import BranchCustomer
from statements.tests.support import signed_in_owner
from tests.factories import CustomerFactory, InboxItemFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.notifications.models import InboxItem

pytestmark = pytest.mark.django_db

SECURITY = InboxItem.Category.SECURITY
ODD = [
    '=HYPERLINK("http://evil.example")',
    "<script>alert(1)</script>",
    "🎉" * 80,
    "\u202eesrever",
    "x" * 200,
    "٣٤٥ {{ portal }} %(amount)s",
]


@pytest.fixture
def mine() -> tuple[Client, BranchCustomer]:
    client, customer, _account = signed_in_owner()
    return client, customer


def body_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def bell(page: str) -> str:
    found = re.search(r"data-unread(?: hidden)?>([^<]*)</b>", page)
    assert found
    return found[1]


def at(item: InboxItem, more: str = "") -> str:
    return f"/inbox/{item.public_id}/{more}"


def fresh(item: InboxItem) -> InboxItem:
    return InboxItem.objects.get(pk=item.pk)


# --- The list -----------------------------------------------------------------------------------------------------


def test_an_empty_inbox_says_what_will_stand_there(mine: tuple[Client, BranchCustomer]) -> None:
    client, _customer = mine
    assert "has not told you anything yet" in body_of(client, "/inbox/")
    assert "You have read everything" in body_of(client, "/inbox/?show=unread")
    assert "You have put no message away" in body_of(client, "/inbox/?show=archived")
    assert "Mark all as read" not in body_of(client, "/inbox/")


def test_it_lists_twenty_and_leads_to_the_older_ones(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    for number in range(23):
        at_ = clock.now() - timedelta(minutes=number)
        InboxItemFactory(customer_id=customer.user_id, title=f"Number {number:02}.", created_at=at_)
    page = body_of(client, "/inbox/")
    assert re.findall(r"Number (\d\d)\.", page) == [f"{number:02}" for number in range(20)]
    older = re.search(r'href="(\?before=[^"]+)"', page)
    assert older
    assert re.findall(r"Number (\d\d)\.", body_of(client, f"/inbox/{older[1]}")) == ["20", "21", "22"]


def test_the_filter_stays_on_while_paging(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    InboxItemFactory.create_batch(21, customer_id=customer.user_id)
    InboxItemFactory(customer_id=customer.user_id, read_at=clock.now(), title="Read long ago")
    page = body_of(client, "/inbox/?show=unread")
    assert "Read long ago" not in page
    assert "?show=unread&amp;before=" in page


@pytest.mark.parametrize(
    "query",
    ["show=deleted", "before=1", "before=%00", "before=6f1e2d3c-0000-4000-8000-000000000001", "show=%F0%9F%8E%89"],
)
def test_an_address_that_was_made_up_is_not_found(mine: tuple[Client, BranchCustomer], query: str) -> None:
    assert mine[0].get(f"/inbox/?{query}").status_code == 404


def test_somebody_elses_message_is_no_cursor(mine: tuple[Client, BranchCustomer]) -> None:
    theirs = InboxItemFactory(customer_id=CustomerFactory().user_id)
    assert mine[0].get(f"/inbox/?before={theirs.public_id}").status_code == 404


def test_a_full_inbox_costs_no_more_questions_than_an_empty_one(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    with CaptureQueriesContext(
        connection,
    ) as empty:
        body_of(client, "/inbox/")
    InboxItemFactory.create_batch(50, customer_id=customer.user_id)
    with CaptureQueriesContext(connection) as full:
        body_of(client, "/inbox/")
    assert len(full) == len(empty) <= 6


# --- The bell -----------------------------------------------------------------------------------------------------


def test_the_bell_counts_on_every_page_without_a_question_of_its_own(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    assert bell(body_of(client, "/more/")) == ""
    InboxItemFactory.create_batch(2, customer_id=customer.user_id)
    InboxItemFactory(customer_id=customer.user_id, read_at=clock.now())
    InboxItemFactory(customer_id=customer.user_id, archived_at=clock.now())
    InboxItemFactory(customer_id=CustomerFactory().user_id)
    with CaptureQueriesContext(connection) as asked:
        page = body_of(client, "/more/")
    assert bell(page) == "2"
    assert "Unread: 2" in page
    counting = [query["sql"] for query in asked if "portal_inbox_item" in query["sql"]]
    assert len(counting) == 1
    assert "portal_signed_in_session" in counting[0]


def test_the_bell_says_99_and_more(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    InboxItemFactory.create_batch(99, customer_id=customer.user_id)
    assert bell(body_of(client, "/more/")) == "99"
    InboxItemFactory.create_batch(3, customer_id=customer.user_id)
    assert bell(body_of(client, "/more/")) == "99+"


# --- One message --------------------------------------------------------------------------------------------------


def test_looking_at_a_message_does_not_mark_it_the_button_does(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    item = InboxItemFactory(customer_id=customer.user_id)
    page = body_of(client, at(item))
    assert "data-read-when-opened" in page
    assert fresh(item).is_unread
    response = client.post(at(item, "read/"))
    assert (response.status_code, response["Location"]) == (303, at(item))
    assert not fresh(item).is_unread
    after = body_of(client, at(item))
    assert "Mark as read" not in after
    assert bell(after) == ""


def test_the_script_is_told_how_many_are_left(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    first, _second = InboxItemFactory.create_batch(2, customer_id=customer.user_id)
    for _click in range(2):
        response = client.post(at(first, "read/"), headers={"Accept": "application/json"})
        assert response.json() == {"unread": "1"}


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_shown_as_they_are_and_do_nothing(mine: tuple[Client, BranchCustomer], text: str) -> None:
    from django.utils.html import escape

    client, customer = mine
    item = InboxItemFactory(customer_id=customer.user_id, title=text[:200], text=text)
    for page in (body_of(client, "/inbox/"), body_of(client, at(item))):
        assert escape(text)[:60] in page
        assert "<script>alert" not in page


def test_ten_thousand_characters_are_shown_whole(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    item = InboxItemFactory(customer_id=customer.user_id, text="ab" * 5000 + "THE END")
    assert "THE END" in body_of(client, at(item))


def test_it_leads_to_what_it_speaks_of(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    item = InboxItemFactory(customer_id=customer.user_id, link_name="sign_in_history")
    assert '<a class="btn" href="/settings/sign-ins/">See your sign-ins</a>' in body_of(client, at(item))


def test_an_address_in_the_row_is_never_a_link(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    item = InboxItemFactory(
        customer_id=customer.user_id, link_name="https://evil.example/", text="https://evil.example/"
    )
    assert 'href="https://evil.example' not in body_of(client, at(item))


def test_somebody_elses_message_is_not_found_and_stays_as_it_was() -> None:
    owner = CustomerFactory()
    item = InboxItemFactory(customer_id=owner.user_id)
    stranger = Client()
    sign_in(stranger, UserFactory())
    assert stranger.get(at(item)).status_code == 404
    for path in (at(item, "read/"), at(item, "archive/")):
        assert stranger.post(path, {"archived": "1"}).status_code == 404
    stranger.post("/inbox/read/", {"shown_at": clock.now().isoformat()})
    assert fresh(item).is_unread
    assert fresh(item).archived_at is None


# --- All at once, and putting away --------------------------------------------------------------------------------


def test_all_that_was_shown_is_marked_and_nothing_that_came_since(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    shown = InboxItemFactory(customer_id=customer.user_id, created_at=clock.now() - timedelta(hours=1))
    later = InboxItemFactory(customer_id=customer.user_id, created_at=clock.now())
    seen_at = (clock.now() - timedelta(minutes=5)).isoformat()
    response = client.post("/inbox/read/", {"shown_at": seen_at}, follow=True)
    assert "All messages are marked as read" in response.content.decode()
    assert not fresh(shown).is_unread
    assert fresh(later).is_unread


def test_marking_nothing_claims_nothing(mine: tuple[Client, BranchCustomer]) -> None:
    response = mine[0].post("/inbox/read/", {"shown_at": clock.now().isoformat()}, follow=True)
    assert "are marked as read" not in response.content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "NaN",
        "yesterday",
        "2026-11-23T12:00:00",
        "9999999999",
        "x" * 10_000,
        "٢٠٢٦",
        "0001-01-01T00:00:00+14:00",
        "1999-12-31T23:59:59+00:00",
    ],
)
def test_a_moment_that_cannot_be_read_marks_nothing(mine: tuple[Client, BranchCustomer], typed: str) -> None:
    client, customer = mine
    item = InboxItemFactory(customer_id=customer.user_id)
    assert client.post("/inbox/read/", {"shown_at": typed}).status_code == 404
    assert fresh(item).is_unread


def test_a_moment_to_come_marks_only_what_is_there(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    item = InboxItemFactory(customer_id=customer.user_id)
    assert client.post("/inbox/read/", {"shown_at": "9999-12-31T23:59:59-14:00"}).status_code == 303
    assert not fresh(item).is_unread


def test_a_message_is_put_away_and_brought_back(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    item = InboxItemFactory(customer_id=customer.user_id, title="Rent is in")
    for _click in range(2):
        client.post(at(item, "archive/"), {"archived": "1"})
    assert "Rent is in" not in body_of(client, "/inbox/")
    assert "Rent is in" in body_of(client, "/inbox/?show=archived")
    assert "Back to the inbox" in body_of(client, at(item))
    client.post(at(item, "archive/"), {"archived": "0"})
    assert "Rent is in" in body_of(client, "/inbox/")


def test_a_message_about_security_offers_no_way_to_hide_it_and_refuses_one(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    item = InboxItemFactory(customer_id=customer.user_id, category=SECURITY)
    assert "archive/" not in body_of(client, at(item))
    response = client.post(at(item, "archive/"), {"archived": "1"}, follow=True)
    assert "Messages about security stay in your inbox" in response.content.decode()
    assert fresh(item).archived_at is None


def test_in_kiswahili_the_page_speaks_kiswahili_and_the_message_its_own_language() -> None:
    customer = CustomerFactory()
    client = Client()
    sign_in(client, UserFactory(customer=customer, language="sw"))
    client.cookies["wekeza_language"] = "sw"
    InboxItemFactory(customer_id=customer.user_id, title="KES 500.00 zimeingia")
    page = body_of(client, "/inbox/")
    assert "Hazijasomwa" in page
    assert "KES 500.00 zimeingia" in page


def test_the_housekeeping_deletes_what_is_older_than_two_years() -> None:
    InboxItemFactory(created_at=clock.now() - timedelta(days=740))
    kept = InboxItemFactory(created_at=clock.now() - timedelta(days=700))
    housekeeping.tidy(clock.today())
    assert list(InboxItem.objects.all()) == [kept]


def test_the_list_says_once_that_messages_keep_their_language(mine: tuple[Client, BranchCustomer]) -> None:
    client, customer = mine
    words = "stays in the language in which we sent it"
    assert words not in body_of(client, "/inbox/"), "there is nothing yet that could be in another"
    for _n in range(3):
        InboxItemFactory(customer_id=customer.user_id)
    assert body_of(client, "/inbox/").count(words) == 1
