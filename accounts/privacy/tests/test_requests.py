"""Requests under the Data Protection Act: the clock, the queue, the answer."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import BranchCustomer, CustomerDetails, DataRequest, PrivacyFigure, User
from accounts.privacy import consents, requests
from accounts.privacy.requests import State
from tests.factories import ConsentFactory, CustomerDetailsFactory, DataRequestFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
NEW = "/settings/privacy/requests/new/"
QUEUE = "/admin/boards/data-requests/"
WORDS = "Your name is spelt Wanjiku from today on."


def ask(client: Client, kind: str = "CORRECTION", details: str = "My name is spelt wrongly.") -> Any:
    return client.post(NEW, {"kind": kind, "details": details})


def page_of(row: DataRequest) -> str:
    return reverse("data_request", args=[row.pk])


def board_of(row: DataRequest) -> str:
    return f"{QUEUE}{row.pk}/"


def of(user: User, **more: Any) -> DataRequest:
    row: DataRequest = DataRequestFactory(customer_id=user.customer_id, **more)
    return row


# --- The customer -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        ("ACCESS", 7),
        ("CORRECTION", 7),
        ("ERASURE", 7),
        ("RESTRICTION", 7),
        ("OBJECTION", 7),
        ("PORTABILITY", 30),
        ("REVIEW", 7),
    ],
)
def test_each_kind_has_a_reference_and_its_legal_clock(client: Client, kind: str, days: int) -> None:
    answer = ask(client, kind)
    row = DataRequest.objects.get()
    assert answer["Location"] == page_of(row)
    assert row.due_on == clock.today() + timedelta(days=days)
    page = client.get(page_of(row)).content.decode()
    assert row.reference in page
    assert "Our answer comes by" in page
    assert AuditEvent.objects.get(verb="data_request.made").data["kind"] == kind


def test_a_new_figure_holds_for_requests_of_its_day_on(client: Client) -> None:
    PrivacyFigure(
        code="ACCESS", value="3.00", effective_from=clock.today() + timedelta(days=1), created_by="A, B"
    ).save()
    ask(client, "ACCESS")
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        browser = Client()
        sign_in(browser, User.objects.get(customer__isnull=False))
        ask(browser, "ACCESS")
    first, second = DataRequest.objects.order_by("made_at")
    assert (first.due_on - clock.today()).days == 7
    assert (second.due_on - clock.today()).days == 1 + 3
    assert second.figure.value == 3


@pytest.mark.parametrize("days", [date(2027, 12, 31), date(2028, 2, 25)])
def test_the_clock_counts_days_over_the_end_of_years_and_februaries(wanjiku: User, days: date) -> None:
    with time_machine.travel(clock.midnight(days) + timedelta(hours=23, minutes=59), tick=False):
        assert wanjiku.customer is not None
        row = requests.make(wanjiku.customer, "ACCESS", "x" * 20, system("test"))
    assert row.due_on == days + timedelta(days=7)


@pytest.mark.parametrize(
    ("kind", "details", "words"),
    [
        ("", "My name is spelt wrongly.", "Choose what you ask for."),
        ("MURDER", "My name is spelt wrongly.", "Choose what you ask for."),
        ("ACCESS", "", "Say what it is about."),
        ("ACCESS", "short", "say a little more"),
        ("ACCESS", "x" * 10_000, "Up to 1000 characters"),
        ("ACCESS", "reads \u202ebackwards from here", "hidden character"),
        ("ACCESS", "a null \x00 in the middle", "hidden character"),
    ],
)
def test_a_form_that_is_wrong_says_what_and_keeps_the_rest(client: Client, kind: str, details: str, words: str) -> None:
    page = ask(client, kind, details)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not DataRequest.objects.exists()


@pytest.mark.parametrize("text", ["=HYPERLINK(1) in all my rows", "<script>alert(1)</script>", "Nisaidie 🎉"])
def test_what_was_written_is_shown_as_it_was_written(client: Client, text: str) -> None:
    ask(client, details=f"{text}\nand a second line")
    row = DataRequest.objects.get()
    assert row.details == f"{text}\nand a second line"
    assert "<script>alert" not in client.get(page_of(row)).content.decode()
    assert "<script>alert" not in signed_in(staff()).get(board_of(row)).content.decode()


def test_asking_without_end_is_stopped(client: Client) -> None:
    for _time in range(requests.ASKING.limit):
        assert ask(client).status_code == 303
    assert ask(client).status_code == 429
    assert DataRequest.objects.count() == requests.ASKING.limit


def test_it_is_taken_back_once_and_only_while_it_waits(client: Client, wanjiku: User) -> None:
    row = of(wanjiku)
    address = reverse("data_request_withdraw", args=[row.pk])
    client.post(address)
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN
    assert "answered or taken back" in client.post(address, follow=True).content.decode()


def test_nobody_elses_is_found_or_taken_back(client: Client) -> None:
    row = of(UserFactory())
    assert client.get(page_of(row)).status_code == 404
    assert client.post(reverse("data_request_withdraw", args=[row.pk])).status_code == 404
    row.refresh_from_db()
    assert row.state == State.OPEN


def test_what_a_former_holder_of_the_id_asked_for_is_not_shown(client: Client, wanjiku: User) -> None:
    assert wanjiku.customer is not None
    row = of(wanjiku, made_at=wanjiku.customer.created_at - timedelta(days=1))
    assert client.get(page_of(row)).status_code == 404
    assert row.reference not in client.get("/settings/privacy/requests/").content.decode()


@pytest.mark.parametrize("kind", requests.Kind.values)
def test_every_request_is_told_at_once_by_sms_by_email_and_in_the_inbox(client: Client, kind: str) -> None:
    ask(client, kind)
    row = DataRequest.objects.get()
    cause = f"data-request-made:{row.pk}"
    assert InboxItem.objects.get(cause=cause).category == "SECURITY"
    sent = OutboxMessage.objects.filter(cause__startswith=cause)
    assert {one.channel for one in sent} == {"SMS", "EMAIL"}
    assert {one.event for one in sent} == {"SECURITY"}
    assert all(row.reference in one.body and str(row.get_kind_display()) in one.body for one in sent)
    assert all(len(one.body) <= 160 for one in sent if one.channel == "SMS")


def test_what_was_told_goes_with_what_was_asked(wanjiku: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """No request without a word of it: if the word can't be kept, neither is the request."""

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("accounts.privacy.telling.everywhere", fails)
    assert wanjiku.customer is not None
    with pytest.raises(RuntimeError):
        requests.make(wanjiku.customer, "ERASURE", "x" * 20, system("test"))
    assert not DataRequest.objects.exists()


# --- The staff ----------------------------------------------------------------------------------------------------


def test_the_queue_goes_by_deadline_with_the_overdue_first(wanjiku: User) -> None:
    today = clock.today()
    later, late, soon = (of(wanjiku, due_on=today + timedelta(days=days)) for days in (9, -1, 0))
    page = signed_in(staff()).get(QUEUE).content.decode()
    places = [page.index(row.reference) for row in (late, soon, later)]
    assert places == sorted(places)
    assert page.count("Overdue") == 1, "what is due today is in time"
    assert "Later than the law allows" in signed_in(staff("risk")).get("/admin/").content.decode()


def test_every_look_at_a_request_is_the_customers_to_see(client: Client, wanjiku: User) -> None:
    row = of(wanjiku)
    signed_in(staff()).get(board_of(row))
    assert AuditEvent.objects.filter(verb="staff.viewed", subject=f"data-request:{row.pk}").count() == 1
    assert "Your requests about data" in client.get("/settings/privacy/looks/").content.decode()


def test_one_takes_it_and_answers_it_and_the_customer_reads_it(client: Client, wanjiku: User) -> None:
    row, clerk = of(wanjiku), staff()
    desk = signed_in(clerk)
    desk.post(board_of(row), {"claim": "1"})
    assert "The bank is working on it" in client.get(page_of(row)).content.decode()
    desk.post(board_of(row), {"answer": "1", "decision": "grant", "words": WORDS})
    row.refresh_from_db()
    assert (row.state, row.answer, row.answered_by) == (State.GRANTED, WORDS, clerk.username)
    page = client.get(page_of(row)).content.decode()
    assert WORDS in page
    assert clerk.username not in page
    assert InboxItem.objects.filter(cause=f"data-request:{row.pk}").count() == 1
    assert row.reference in OutboxMessage.objects.get(cause=f"data-request:{row.pk}").body


def test_a_refusal_needs_a_reason_and_names_the_right_to_complain(client: Client, wanjiku: User) -> None:
    row, desk = of(wanjiku), signed_in(staff())
    desk.post(board_of(row), {"claim": "1"})
    for words in ("", "No.", " " * 40):
        desk.post(board_of(row), {"answer": "1", "decision": "refuse", "words": words})
        row.refresh_from_db()
        assert row.state == State.CLAIMED
    reason = "POCAMLA, section 46, makes us keep payments for seven years."
    desk.post(board_of(row), {"answer": "1", "decision": "refuse", "words": reason})
    page = client.get(page_of(row)).content.decode()
    assert reason in page
    assert "ODPC" in page
    assert "right to complain" in page


def test_nobody_answers_what_a_colleague_has_or_nobody_took(wanjiku: User) -> None:
    row, mine, theirs = of(wanjiku), signed_in(staff()), signed_in(staff("risk"))
    answer = {"answer": "1", "decision": "grant", "words": WORDS}
    assert "Take the request" in mine.post(board_of(row), answer).content.decode()
    mine.post(board_of(row), {"claim": "1"})
    assert "A colleague" in theirs.post(board_of(row), answer).content.decode()
    assert "A colleague" in theirs.post(board_of(row), {"claim": "1"}, follow=True).content.decode()
    row.refresh_from_db()
    assert row.state == State.CLAIMED
    mine.post(board_of(row), {"release": "1"})
    theirs.post(board_of(row), {"claim": "1"})
    assert theirs.post(board_of(row), answer).status_code == 302


def test_it_is_answered_once(wanjiku: User) -> None:
    row, desk = of(wanjiku), signed_in(staff())
    desk.post(board_of(row), {"claim": "1"})
    for decision in ("grant", "refuse"):
        desk.post(board_of(row), {"answer": "1", "decision": decision, "words": WORDS})
    row.refresh_from_db()
    assert row.state == State.GRANTED
    assert AuditEvent.objects.filter(verb="data_request.answered").count() == 1


def test_audit_looks_and_answers_nothing(wanjiku: User) -> None:
    row, desk = of(wanjiku), signed_in(staff("audit"))
    assert desk.get(board_of(row)).status_code == 200
    assert desk.post(board_of(row), {"claim": "1"}).status_code == 403
    row.refresh_from_db()
    assert row.state == State.OPEN


def answered(row: DataRequest, *, is_granted: bool = True) -> None:
    requests.claim(row.pk, by="A", actor=system("test"))
    if is_granted and row.kind == "ERASURE":
        requests.grant_erasure(row.pk, words=WORDS, by="A", checker="B", actor=system("test"))
        return
    requests.answer(row.pk, is_granted=is_granted, words=WORDS, by="A", actor=system("test"))


@pytest.mark.parametrize(
    ("kind", "is_granted", "consent_left", "details_left"),
    [
        ("ERASURE", True, False, False),
        ("ERASURE", False, True, True),
        ("OBJECTION", True, False, True),
        ("CORRECTION", True, True, True),
    ],
)
def test_what_is_granted_is_also_done(
    wanjiku: User, kind: str, is_granted: bool, consent_left: bool, details_left: bool
) -> None:
    customer = wanjiku.customer
    assert customer is not None
    ConsentFactory(customer_id=customer.user_id)
    CustomerDetailsFactory(customer_id=customer.user_id)
    answered(of(wanjiku, kind=kind), is_granted=is_granted)
    assert consents.may(customer, "MARKETING_SMS") is consent_left
    assert CustomerDetails.objects.filter(customer_id=customer.user_id).exists() is details_left


def test_the_answer_to_a_former_holder_of_the_id_touches_and_tells_nobody(wanjiku: User) -> None:
    customer = wanjiku.customer
    assert customer is not None
    row = of(wanjiku, kind="ERASURE")
    CustomerDetailsFactory(customer_id=customer.user_id)
    BranchCustomer.objects.filter(pk=customer.pk).update(created_at=clock.now() + timedelta(seconds=1))
    answered(row)
    assert CustomerDetails.objects.filter(customer_id=customer.user_id).exists()
    assert not InboxItem.objects.filter(cause=f"data-request:{row.pk}").exists()
