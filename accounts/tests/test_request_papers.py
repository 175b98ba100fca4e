"""Papers added to a correction: seen and removed until it is sent, then the bank's to look at."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from accounts.approvals import details, papers, services
from accounts.models import ApprovalRequest, AuthorizationItem, BranchCustomer, KeptForm, User
from accounts.tests.approvals import ANYONE, State, fresh
from tests.factories import CustomerFactory, UploadFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import clock, crypto, ratelimit
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.documents.models import StoredFile
from wekeza_portal.staff.tests.scenes import signed_in, staff
from wekeza_portal.uploads import housekeeping
from wekeza_portal.uploads import services as uploads
from wekeza_portal.uploads.models import Upload
from wekeza_portal.uploads.tests.files import noise, pdf, picture, sent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user() -> User:
    return UserFactory(customer=CustomerFactory(phone_number="+254722000111", email="old@example.com"))


@pytest.fixture
def customer(user: User) -> BranchCustomer:
    assert user.customer is not None
    return user.customer


@pytest.fixture
def client(user: User) -> Client:
    browser = Client()
    sign_in(browser, user)
    return browser


@pytest.fixture
def draft(customer: BranchCustomer) -> ApprovalRequest:
    return details.draft(customer, detail="full_name", value="Wanjiku Njeri Mwangi")


def page_of(draft: ApprovalRequest) -> str:
    return f"/settings/requests/{draft.id}/"


def add(client: Client, draft: ApprovalRequest, *files: Any, **more: Any) -> Any:
    return client.post(page_of(draft), {"papers": list(files), **more})


def names(draft: ApprovalRequest) -> list[str]:
    return [paper.name for paper in papers.of(draft)]


# --- Adding and taking back ---------------------------------------------------------------------------------------


def test_from_adding_to_the_branch(client: Client, draft: ApprovalRequest) -> None:
    before = client.get(page_of(draft)).content.decode()
    assert "JPEG, PNG or PDF. Up to 5 MB in one go, 10 papers in all." in before
    assert 'capture="environment"' in before
    answer = add(client, draft, sent("ID.jpg", picture()), sent("deed.pdf", pdf(2)))
    assert (answer.status_code, answer["Location"]) == (303, page_of(draft))
    review = client.get(page_of(draft)).content.decode()
    assert "ID.jpg" in review
    assert "2 pages" in review
    client.post(f"{page_of(draft)}papers/{papers.of(draft)[0].uuid}/remove/")
    assert names(draft) == ["deed.pdf"]
    client.post(f"{page_of(draft)}send/")
    after = client.get(page_of(draft)).content.decode()
    assert "deed.pdf" in after
    assert "Received" in after
    assert "/remove/" not in after
    assert "Papers that prove it" not in after


def test_a_photo_from_the_camera_is_a_paper_too(client: Client, draft: ApprovalRequest) -> None:
    add(client, draft, sent("ID.jpg", picture()), photo=[sent("image.jpg", picture())])
    assert names(draft) == ["ID.jpg", "image.jpg"]


def test_the_branch_is_told_how_many_and_where_and_nothing_else(client: Client, draft: ApprovalRequest) -> None:
    add(client, draft, *(sent(f"{n} x\u202e<b>.jpg", picture()) for n in range(10)))
    client.post(f"{page_of(draft)}send/")
    row = AuthorizationItem.objects.get()
    data = json.loads(row.operation_data or "")
    assert data["papers"] == 10
    assert data["reference"] == str(draft.id)
    assert set(data) == {"reference", "user_id", "detail", "old_value", "new_value", "papers"}
    assert len(row.operation_data or "") < 1000
    assert 'Papers in the portal: 10. The customer wrote: "' in (row.description or "")
    assert ".jpg" not in (row.operation_data or "") + (row.description or "")


def test_what_was_chosen_and_not_added_goes_along(client: Client, draft: ApprovalRequest) -> None:
    client.post(f"{page_of(draft)}send/", {"papers": [sent("ID.jpg", picture())]})
    assert (fresh(draft).state, names(draft)) == (State.SENT, ["ID.jpg"])
    assert json.loads(AuthorizationItem.objects.get().operation_data or "")["papers"] == 1


def test_a_file_that_cannot_be_taken_stops_the_sending(client: Client, draft: ApprovalRequest) -> None:
    both = [sent("ID.jpg", picture()), sent("x.gif", picture("GIF"))]
    page = client.post(f"{page_of(draft)}send/", {"papers": both}).content.decode()
    assert "x.gif: We take JPEG and PNG" in page
    assert "Nothing has been sent yet" in page
    assert (fresh(draft).state, names(draft)) == (State.DRAFT, ["ID.jpg"])
    large = [sent("large.jpg", picture() + bytes(5_400_000))]
    page = client.post(f"{page_of(draft)}send/", {"papers": large}).content.decode()
    assert "That was more than 5 MB in one go" in page
    assert not AuthorizationItem.objects.exists()


def test_without_papers_nothing_is_said_of_them(client: Client, draft: ApprovalRequest) -> None:
    client.post(f"{page_of(draft)}send/")
    row = AuthorizationItem.objects.get()
    assert "papers" not in json.loads(row.operation_data or "")
    assert "Papers" not in (row.description or "")


def test_what_can_be_kept_is_kept_and_the_rest_named_with_its_reason(client: Client, draft: ApprovalRequest) -> None:
    page = add(
        client,
        draft,
        sent("good.jpg", picture()),
        sent("<script>alert(1)</script>.svg", b"<svg/>"),
        sent("moving.gif", picture("GIF")),
        sent("empty.pdf", b""),
        sent("half.png", noise("PNG", (200, 200))[:-500]),
        sent("good.pdf", pdf()),
    ).content.decode()
    assert names(draft) == ["good.jpg", "good.pdf"]
    assert "Error: " in page
    for words in (
        "script&gt;.svg: We take JPEG and PNG",
        "moving.gif: We take JPEG and PNG",
        "empty.pdf: This file is empty",
        "half.png: We could not read this file",
    ):
        assert words in page, words
    assert "<script>alert" not in page
    assert 'href="#id_papers"' in page


def test_sending_nothing_says_what_to_do(client: Client, draft: ApprovalRequest) -> None:
    page = client.post(page_of(draft), {})
    assert "Choose a file, or take a photo." in page.content.decode()


def test_eleven_at_once_are_refused_whole_and_the_eleventh_later_too(client: Client, draft: ApprovalRequest) -> None:
    eleven = [sent(f"{n}.jpg", picture()) for n in range(11)]
    assert "up to 10 papers" in add(client, draft, *eleven).content.decode()
    assert names(draft) == []
    for n in range(10):
        UploadFactory(customer_id=draft.customer_id, about=draft.id, name=f"{n}.png")
    assert "up to 10 papers" in add(client, draft, sent("x.jpg", picture())).content.decode()
    assert len(names(draft)) == 10
    assert "as many as go with one request" in client.get(page_of(draft)).content.decode()


def test_a_hundred_and_one_files_are_refused_in_words(client: Client, draft: ApprovalRequest) -> None:
    answer = add(client, draft, *(sent(f"{n}.jpg", b"x") for n in range(101)))
    assert answer.status_code == 400
    assert "You chose too many files at once" in answer.content.decode()


def test_more_than_fits_one_request_is_refused_in_words_and_not_read(client: Client, draft: ApprovalRequest) -> None:
    large = sent("a.jpg", picture() + bytes(3_000_000)), sent("b.jpg", picture() + bytes(3_000_000))
    page = add(client, draft, *large)
    assert page.status_code == 200
    assert "That was more than 5 MB in one go" in page.content.decode()
    assert names(draft) == []
    assert add(client, draft, sent("c.jpg", picture() + bytes(5_000_000))).status_code == 303


def test_the_limit_of_a_request_leaves_room_for_the_largest_file() -> None:
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE > uploads.LARGEST
    assert settings.FILE_UPLOAD_HANDLERS == ["django.core.files.uploadhandler.MemoryFileUploadHandler"]


def test_too_many_tries_are_stopped_and_what_was_kept_stays(client: Client, draft: ApprovalRequest) -> None:
    for _number in range(59):
        ratelimit.consume(uploads.UPLOADING, str(draft.customer_id))
    answer = add(client, draft, sent("1.jpg", picture()), sent("2.jpg", picture()))
    assert answer.status_code == 429
    assert names(draft) == ["1.jpg"]


def test_a_name_of_ten_thousand_characters_and_a_picture_fit(client: Client, draft: ApprovalRequest) -> None:
    add(client, draft, sent("\U0001f600" * 10_000 + ".jpg", picture()))
    assert len(names(draft)) <= 1  # the parser may cut a name that long, and the kind with it
    add(client, draft, sent("\U0001f600" * 50 + ".jpg", picture()))
    assert names(draft)[-1] == "\U0001f600" * 50 + ".jpg"
    assert client.get(page_of(draft)).status_code == 200


# --- Until when ---------------------------------------------------------------------------------------------------


def test_nothing_is_added_to_or_taken_from_what_was_sent(client: Client, draft: ApprovalRequest) -> None:
    add(client, draft, sent("ID.jpg", picture()))
    client.post(f"{page_of(draft)}send/")
    assert "This was sent or given up meanwhile" in add(client, draft, sent("late.jpg", picture())).content.decode()
    client.post(f"{page_of(draft)}papers/{papers.of(draft)[0].uuid}/remove/")
    assert names(draft) == ["ID.jpg"]
    assert papers.of(draft)[0].state == Upload.State.HANDED_IN


def test_a_paper_that_is_ready_after_the_request_went_stays_out(
    client: Client, draft: ApprovalRequest, customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = uploads.cleaning.clean

    def slowly(kind: str, content: bytes, whose: str) -> Any:
        done = clean(kind, content, whose)
        details.send(customer, fresh(draft), ANYONE)
        return done

    monkeypatch.setattr(uploads.cleaning, "clean", slowly)
    add(client, draft, sent("ID.jpg", picture()))
    assert (fresh(draft).state, names(draft)) == (State.SENT, [])
    assert not StoredFile.objects.filter(name__startswith="uploads/").exists()
    assert "papers" not in json.loads(AuthorizationItem.objects.get().operation_data or "")


def test_papers_of_a_draft_given_up_are_gone_at_once(client: Client, draft: ApprovalRequest) -> None:
    add(client, draft, sent("ID.jpg", picture()))
    client.post(f"{page_of(draft)}cancel/")
    assert fresh(draft).state == State.CANCELLED
    assert (Upload.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_papers_of_a_draft_that_ran_out_are_deleted_by_the_worker(client: Client, draft: ApprovalRequest) -> None:
    add(client, draft, sent("ID.jpg", picture()))
    with time_machine.travel(clock.now() + services.DRAFT_LIFE + timedelta(minutes=1)):
        housekeeping.cache.clear()
        assert housekeeping.tidy() == 1
    assert (Upload.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_papers_that_were_sent_outlive_the_draft(client: Client, draft: ApprovalRequest) -> None:
    add(client, draft, sent("ID.jpg", picture()))
    client.post(f"{page_of(draft)}send/")
    with time_machine.travel(clock.now() + timedelta(days=400)):
        housekeeping.cache.clear()
        assert housekeeping.tidy() == 0
    assert names(draft) == ["ID.jpg"]


def test_a_session_that_ran_out_while_sending_keeps_the_request_and_what_it_had(
    client: Client, draft: ApprovalRequest
) -> None:
    add(client, draft, sent("ID.jpg", picture()))
    referer = f"http://testserver{page_of(draft)}"
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        answer = client.post(page_of(draft), {"papers": [sent("late.jpg", picture())]}, headers={"referer": referer})
        assert (answer.status_code, unquote(answer["Location"])) == (302, f"/login/?next={page_of(draft)}")
    assert names(draft) == ["ID.jpg"]
    assert fresh(draft).state == State.DRAFT


def test_a_form_with_a_file_in_it_keeps_its_texts(client: Client, user: User) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        client.post("/settings/details/", {"detail": "email", "value": "x@y.co", "papers": sent("x.jpg", picture())})
    kept = KeptForm.objects.get(user=user)
    assert kept.path == "/settings/details/"
    assert json.loads(crypto.decrypt(kept.data)) == {"detail": ["email"], "value": ["x@y.co"]}


# --- Whose --------------------------------------------------------------------------------------------------------


def test_the_owner_saves_it_as_a_file_that_can_do_nothing(client: Client, draft: ApprovalRequest) -> None:
    add(client, draft, sent('my "ID"; x=\u00e9.jpg', picture()))
    paper = papers.of(draft)[0]
    answer = client.get(f"/papers/{paper.uuid}/")
    assert answer.content == uploads.read(paper)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    policy = [part.strip() for part in answer["Content-Security-Policy"].split(";")]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    head = client.head(f"/papers/{paper.uuid}/")
    assert (head.status_code, head.content) == (200, b"")
    assert client.post(f"/papers/{paper.uuid}/").status_code == 405


def test_a_stranger_finds_nothing_and_changes_nothing(client: Client, draft: ApprovalRequest) -> None:
    add(client, draft, sent("ID.jpg", picture()))
    paper = papers.of(draft)[0]
    user = UserFactory()
    stranger = Client()
    sign_in(stranger, user)
    own = details.draft(user.customer, detail="full_name", value="Somebody Else")
    assert stranger.get(f"/papers/{paper.uuid}/").status_code == 404
    assert add(stranger, draft, sent("x.jpg", picture())).status_code == 404
    for request in (draft, own):
        assert stranger.post(f"{page_of(request)}papers/{paper.uuid}/remove/").status_code == 404
    assert "ID.jpg" not in stranger.get(page_of(own)).content.decode()
    assert Client().get(f"/papers/{paper.uuid}/")["Location"].startswith("/login/")
    assert names(draft) == ["ID.jpg"]


def test_a_paper_is_not_removed_through_another_request_of_the_same_customer(
    client: Client, draft: ApprovalRequest, customer: BranchCustomer
) -> None:
    add(client, draft, sent("ID.jpg", picture()))
    other = details.draft(customer, detail="email", value="new@example.com")
    assert client.post(f"{page_of(other)}papers/{papers.of(draft)[0].uuid}/remove/").status_code == 404
    assert names(draft) == ["ID.jpg"]


# --- Staff --------------------------------------------------------------------------------------------------------


def board(paper: Upload) -> str:
    return f"/admin/boards/uploads/{paper.uuid}/"


def test_staff_find_it_by_the_request_and_the_customer_sees_that_they_looked(
    client: Client, draft: ApprovalRequest
) -> None:
    add(client, draft, sent("ID.jpg", picture()))
    client.post(f"{page_of(draft)}send/")
    paper = papers.of(draft)[0]
    member = staff("support")
    desk = signed_in(member)
    listed = desk.get("/admin/uploads/upload/", {"q": str(draft.id)}).content.decode()
    assert "ID.jpg" in listed
    row = desk.get(f"/admin/uploads/upload/{paper.pk}/").content.decode()
    assert board(paper) in row
    answer = desk.get(board(paper))
    assert answer.content == uploads.read(paper)
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    looks = AuditEvent.objects.filter(verb="staff.viewed", customer_id=draft.customer_id)
    assert f"upload:{paper.uuid}" in set(looks.values_list("subject", flat=True))
    assert papers.of(draft)[0].looked_by == member.username
    assert "Seen by the bank" in client.get(page_of(draft)).content.decode()


def test_staff_never_see_what_was_not_handed_in(client: Client, draft: ApprovalRequest) -> None:
    add(client, draft, sent("ID.jpg", picture()))
    paper = papers.of(draft)[0]
    desk = signed_in(staff("support"))
    assert desk.get(board(paper)).status_code == 404
    assert "ID.jpg" not in desk.get("/admin/uploads/upload/", {"q": str(draft.id)}).content.decode()
    assert not AuditEvent.objects.filter(subject=f"upload:{paper.uuid}", verb="staff.viewed").exists()


def test_only_who_may_open_papers_opens_one(client: Client, draft: ApprovalRequest) -> None:
    add(client, draft, sent("ID.jpg", picture()))
    client.post(f"{page_of(draft)}send/")
    paper = papers.of(draft)[0]
    for role in ("audit", None):
        assert signed_in(staff(role)).get(board(paper)).status_code == 403
    assert client.get(board(paper)).status_code in {302, 403}
    assert papers.of(draft)[0].looked_at is None
