"""Papers: sent all or none, decided once by staff, asked for again before they end, and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import BranchCustomer, CustomerDocument, CustomerIdentity
from accounts.profile import documents
from tests.factories import CustomerDocumentFactory, CustomerFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.staff.tests.scenes import signed_in, staff
from wekeza_portal.uploads.models import Upload
from wekeza_portal.uploads.tests.files import pdf, picture, sent

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "/settings/profile/papers/"
State = CustomerDocument.State
STAFF = {"by": "SUP001", "actor": system("test")}


def send(browser: Client, *files: Any, what: str = "ID") -> Any:
    return browser.post(f"{HERE}?what={what}", {"papers": list(files)})


def page(browser: Client) -> str:
    return browser.get(HERE).content.decode()


@pytest.fixture
def paper(browser: Client, customer: BranchCustomer) -> CustomerDocument:
    send(browser, sent("ID.jpg", picture()))
    return CustomerDocument.objects.get()


def test_a_paper_is_sent_and_looked_at(browser: Client, customer: BranchCustomer) -> None:
    assert "Nothing sent yet" in page(browser)
    answer = send(browser, sent("front.jpg", picture()), sent("back.pdf", pdf()))
    assert (answer.status_code, answer["Location"]) == (303, HERE)
    paper = CustomerDocument.objects.get()
    assert (paper.kind, paper.state, paper.customer_id) == ("ID", "SENT", customer.user_id)
    assert [(file.name, file.state) for file in documents.files_of(paper)] == [
        ("front.jpg", "HANDED_IN"), ("back.pdf", "HANDED_IN")
    ]  # fmt: skip
    assert "not looked at yet" in page(browser)
    assert AuditEvent.objects.filter(verb="paper.sent", customer_id=customer.user_id).exists()


def test_one_bad_file_keeps_none(browser: Client) -> None:
    answer = send(browser, sent("ID.jpg", picture()), sent("virus.exe", b"MZ"))
    assert answer.status_code == 200
    assert "virus.exe" in answer.content.decode()
    assert not CustomerDocument.objects.exists()
    assert not Upload.objects.exists()


def test_nothing_chosen_is_said_so(browser: Client) -> None:
    assert "Choose a file, or take a photo." in send(browser).content.decode()


@pytest.mark.parametrize("what", ["PASSPORT", "id", "x" * 3000, "<script>"])
def test_there_are_three_kinds(browser: Client, what: str) -> None:
    assert browser.get(HERE, {"what": what}).status_code == 404
    assert browser.post(f"{HERE}?what=PASSPORT", {"papers": [sent("ID.jpg", picture())]}).status_code == 404
    assert not Upload.objects.exists()


def test_a_later_one_takes_the_place_of_one_that_waits(browser: Client, paper: CustomerDocument) -> None:
    send(browser, sent("better.jpg", picture()))
    paper.refresh_from_db()
    assert paper.state == State.REPLACED
    assert len(documents.waiting()) == 1
    with pytest.raises(documents.DecidedAlready):
        documents.verify(paper.uuid, None, **STAFF)


def test_each_customer_sees_their_own(paper: CustomerDocument) -> None:
    stranger = Client()
    sign_in(stranger, UserFactory())
    assert "not looked at yet" not in page(stranger)
    file = documents.files_of(paper)[0]
    assert stranger.get(f"/papers/{file.uuid}/").status_code == 404


def test_who_got_a_reused_id_sees_no_papers_of_the_former_holder(db: None) -> None:
    old = CustomerDocumentFactory(sent_at=clock.now() - timedelta(days=900))
    assert documents.newest_of(BranchCustomer.objects.get(pk=old.customer_id)) == {}


def test_staff_accept_it_until_a_day_and_the_customer_is_told(browser: Client, paper: CustomerDocument) -> None:
    client = signed_in(staff("support"))
    assert str(paper.uuid) in client.get("/admin/boards/papers/").content.decode()
    board = f"/admin/boards/papers/{paper.uuid}/"
    assert "ID.jpg" in client.get(board).content.decode()
    ends = clock.today() + timedelta(days=400)
    answer = client.post(board, {"decision": "accept", "expires_on": ends.isoformat(), "reason": ""})
    assert answer.status_code == 302
    paper.refresh_from_db()
    assert (paper.state, paper.expires_on) == (State.VERIFIED, ends)
    assert paper.decided_by.startswith("TELLER")
    assert "Accepted, good until" in page(browser)
    assert InboxItem.objects.get(cause=f"paper-decided:{paper.uuid}").title == "Your paper was accepted"
    assert AuditEvent.objects.filter(verb="staff.viewed", subject=f"paper:{paper.uuid}").exists()


def test_an_accepted_paper_opens_nothing_by_itself(paper: CustomerDocument) -> None:
    documents.verify(paper.uuid, None, **STAFF)
    assert not CustomerIdentity.objects.exists()


def test_a_refusal_says_why(browser: Client, paper: CustomerDocument) -> None:
    board = f"/admin/boards/papers/{paper.uuid}/"
    client = signed_in(staff("risk"))
    assert client.post(board, {"decision": "refuse", "reason": "  "}).status_code == 200
    client.post(board, {"decision": "refuse", "reason": "The number can't be read <b>"})
    assert "The number can&#x27;t be read &lt;b&gt;" in page(browser)
    assert "can't be read" in InboxItem.objects.get(cause=f"paper-decided:{paper.uuid}").text
    assert "can't be read" not in OutboxMessage.objects.get(cause=f"paper-decided:{paper.uuid}").body


def test_it_is_decided_once(paper: CustomerDocument) -> None:
    documents.verify(paper.uuid, None, **STAFF)
    for again in (
        lambda: documents.refuse(paper.uuid, "x", **STAFF),
        lambda: documents.verify(paper.uuid, None, **STAFF),
    ):
        with pytest.raises(documents.DecidedAlready):
            again()
    assert InboxItem.objects.filter(cause=f"paper-decided:{paper.uuid}").count() == 1


@pytest.mark.parametrize("days", [0, -1, -9000])
def test_a_paper_that_has_ended_is_not_accepted(paper: CustomerDocument, days: int) -> None:
    with pytest.raises(documents.EndedAlready):
        documents.verify(paper.uuid, clock.today() + timedelta(days=days), **STAFF)
    paper.refresh_from_db()
    assert paper.state == State.SENT


def test_who_may_only_look_decides_nothing(paper: CustomerDocument) -> None:
    client = signed_in(staff("audit"))
    board = f"/admin/boards/papers/{paper.uuid}/"
    assert "Write it down" not in client.get(board).content.decode()
    client.post(board, {"decision": "accept"})
    paper.refresh_from_db()
    assert paper.state == State.SENT


def test_its_end_is_told_a_month_a_week_and_on_the_day_before_once_each(db: None) -> None:
    today = clock.today()
    paper = CustomerDocumentFactory(state=State.VERIFIED, expires_on=today + timedelta(days=31))
    told = [sum(documents.remind(today + timedelta(days=day)) for _again in range(2)) for day in range(40)]
    assert [day for day, count in enumerate(told) if count] == [1, 24, 31]
    assert sum(told) == 3
    assert InboxItem.objects.filter(cause__startswith=f"paper-ending:{paper.uuid}").count() == 3


def test_days_without_a_worker_make_one_notice_not_three(db: None) -> None:
    CustomerDocumentFactory(state=State.VERIFIED, expires_on=clock.today() + timedelta(days=3))
    assert documents.remind(clock.today()) == 1
    assert InboxItem.objects.get(cause__startswith="paper-ending").cause.endswith(":7")


def test_who_has_sent_the_new_one_is_not_reminded_of_the_old(db: None) -> None:
    customer = CustomerFactory()
    old = {"customer_id": customer.user_id, "state": State.VERIFIED, "expires_on": clock.today() + timedelta(days=5)}
    CustomerDocumentFactory(**old)
    CustomerDocumentFactory(customer_id=customer.user_id)
    assert documents.remind(clock.today()) == 0
