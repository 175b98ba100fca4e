"""Correcting a detail at the branch: asked on a page, done by hand there, seen here."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.approvals import details, services, watching
from accounts.approvals.services import DraftIsGone
from accounts.identity import links
from accounts.models import ApprovalRequest, AuthorizationItem, BranchCustomer, User
from accounts.tests.approvals import ANYONE, State, ask_to_correct, branch_decides, branch_writes, fresh, told
from tests.factories import CustomerFactory, UploadFactory, UserFactory
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.notifications.models import OutboxMessage

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory(customer=CustomerFactory(phone_number="+254722000111", email="old@example.com"))


@pytest.fixture
def customer(user: User) -> BranchCustomer:
    assert user.customer is not None
    return user.customer


# --- What becomes of it -------------------------------------------------------------------------------------------


def test_a_correction_is_done_when_the_branchs_row_shows_it(customer: BranchCustomer) -> None:
    request = ask_to_correct(customer, "phone_number", "+254733444555")
    branch_decides(request, "APPROVED")
    watching.watch()
    assert fresh(request).state == State.APPROVED
    assert f"request-approved:0:{request.id}" in told(customer)
    branch_writes(customer, "phone_number", "0733444555")
    with time_machine.travel(clock.now() + timedelta(seconds=11)):
        watching.watch()
    assert fresh(request).state == State.DONE
    assert OutboxMessage.objects.get(cause=f"request-done:{request.id}").to == "+254733444555"


def test_the_row_alone_without_a_decision_is_not_done(customer: BranchCustomer) -> None:
    request = ask_to_correct(customer)
    branch_writes(customer, "email", "new@example.com")
    watching.watch()
    assert fresh(request).state == State.SENT


def test_a_corrected_national_id_keeps_the_login(customer: BranchCustomer, user: User) -> None:
    request = ask_to_correct(customer, "national_id", "31234567")
    branch_decides(request, "APPROVED")
    branch_writes(customer, "national_id", "31234567")
    assert not links.link_is_intact(user, BranchCustomer.objects.get(pk=customer.pk))
    watching.watch()
    assert links.link_is_intact(User.objects.get(pk=user.pk), BranchCustomer.objects.get(pk=customer.pk))


def test_a_login_that_was_somebody_elses_is_not_mended(customer: BranchCustomer, user: User) -> None:
    request = ask_to_correct(customer, "national_id", "31234567")
    User.objects.filter(pk=user.pk).update(fingerprint="0" * 64)
    branch_decides(request, "APPROVED")
    branch_writes(customer, "national_id", "31234567")
    watching.watch()
    assert User.objects.get(pk=user.pk).fingerprint == "0" * 64


@pytest.mark.parametrize(
    ("detail", "one", "other", "expected"),
    [
        ("phone_number", "0733 444 555", "+254733444555", True),
        ("phone_number", "0733444556", "+254733444555", False),
        ("full_name", "WANJIKU  MWANGI", "Wanjiku Mwangi", True),
        ("email", "New@Example.com", "new@example.com", True),
        ("national_id", "a1234567", "A1234567", True),
        ("national_id", "31234567", "31234568", False),
    ],
)
def test_a_value_is_known_again_however_it_is_written(detail: str, one: str, other: str, expected: bool) -> None:
    assert details.same(detail, one, other) is expected


def test_messages_are_in_the_readers_language(user: User, customer: BranchCustomer) -> None:
    User.objects.filter(pk=user.pk).update(language="sw")
    request = ask_to_correct(customer)
    body = OutboxMessage.objects.get(cause=f"request-sent:{request.id}").body
    assert "you asked us" not in body


# --- The pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Jane Doe. Papers in the portal: 2. ID seen and verified", None),
        ('Jane". Papers in the portal: 2. "ok', "Jane'. Papers in the portal: 2. 'ok"),
        ("Jane\nPapers in the portal: 2", "Jane Papers in the portal: 2"),
        ("Jane\u202eeoD \u201d x", "Jane eoD ' x"),
    ],
)
def test_what_the_customer_wrote_is_quoted_and_last_in_the_branchs_queue(
    customer: BranchCustomer, typed: str, shown: str | None
) -> None:
    ask_to_correct(customer, "full_name", typed)
    says = AuthorizationItem.objects.get().description or ""
    begins = f'Customer {customer.user_id} asks to correct the name. Change it by hand. The customer wrote: "'
    assert says == f'{begins}{shown or typed}"'


def test_a_long_value_is_cut_where_staff_read_it() -> None:
    assert services.quoted("x" * 5000) == f'"{"x" * services.MOST_TYPED}…"'


def test_no_more_than_five_drafts_are_open_and_the_oldest_gives_way(customer: BranchCustomer) -> None:
    made = []
    for n in range(8):
        with time_machine.travel(clock.now() + timedelta(minutes=n)):
            made.append(details.draft(customer, detail="email", value=f"{n}@example.com"))
    still_open = {row.pk for row in ApprovalRequest.objects.filter(customer=customer, state=State.DRAFT)}
    assert still_open == {row.pk for row in made[3:]}
    details.draft(CustomerFactory(), detail="email", value="other@example.com")
    assert ApprovalRequest.objects.filter(state=State.DRAFT).count() == 6


def test_changing_one_of_five_drafts_gives_up_none_of_the_others(customer: BranchCustomer) -> None:
    made = []
    for n in range(services.MOST_DRAFTS):
        with time_machine.travel(clock.now() + timedelta(minutes=n)):
            made.append(details.draft(customer, detail="email", value=f"{n}@example.com"))
    new = details.redraft(customer, made[-1].id, detail="email", value="newest@example.com", actor=ANYONE)
    still_open = {row.pk for row in ApprovalRequest.objects.filter(customer=customer, state=State.DRAFT)}
    assert still_open == {new.pk, *(row.pk for row in made[:-1])}


@pytest.fixture
def client(user: User) -> Client:
    browser = Client()
    sign_in(browser, user)
    return browser


def test_from_the_form_to_the_list(client: Client, customer: BranchCustomer) -> None:
    answer = client.post("/settings/details/", {"detail": "phone_number", "value": "0733 444 555"})
    request = ApprovalRequest.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/settings/requests/{request.id}/")
    review = client.get(answer["Location"]).content.decode()
    assert "+254733444555" in review
    assert "Nothing has been sent yet" in review
    assert AuthorizationItem.objects.count() == 0
    client.post(f"/settings/requests/{request.id}/send/")
    page = client.get(f"/settings/requests/{request.id}/").content.decode()
    assert "has not decided yet" in page
    assert "/cancel/" not in page
    branch_decides(request := fresh(request), "APPROVED")
    watching.watch()
    assert "Approved and being done" in client.get("/settings/requests/").content.decode()
    assert "by hand" in client.get(f"/settings/requests/{request.id}/").content.decode()


def test_a_reason_is_shown_as_text(client: Client, customer: BranchCustomer) -> None:
    request = ask_to_correct(customer)
    branch_decides(request, "REJECTED", "<script>alert(1)</script>")
    watching.watch()
    page = client.get(f"/settings/requests/{request.id}/").content.decode()
    assert "Refused" in page
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page


def test_sending_what_waits_already_is_refused_in_words(client: Client, customer: BranchCustomer) -> None:
    ask_to_correct(customer)
    draft = details.draft(customer, detail="email", value="newer@example.com")
    page = client.post(f"/settings/requests/{draft.id}/send/").content.decode()
    assert "You have asked for this already" in page
    assert "Error: " in page


def test_a_given_up_request_says_so(client: Client, customer: BranchCustomer) -> None:
    draft = details.draft(customer, detail="email", value="newer@example.com")
    answer = client.post(f"/settings/requests/{draft.id}/cancel/", follow=True)
    assert "This was not sent" in answer.content.decode()
    assert fresh(draft).state == State.CANCELLED


def test_a_stranger_sees_and_sends_nothing(customer: BranchCustomer) -> None:
    draft = details.draft(customer, detail="email", value="newer@example.com")
    stranger = Client()
    sign_in(stranger, UserFactory())
    assert stranger.get(f"/settings/requests/{draft.id}/").status_code == 404
    assert stranger.post(f"/settings/requests/{draft.id}/send/").status_code == 404
    assert fresh(draft).state == State.DRAFT


@pytest.mark.parametrize(
    ("detail", "value"),
    [
        ("phone_number", "12"),
        ("phone_number", "+254722000111"),
        ("national_id", "12-34"),
        ("email", "nobody"),
        ("email", "OLD@example.com"),
        ("full_name", "W"),
        ("full_name", ""),
        ("full_name", "Wan\u202ejiku"),
        ("password_hash", "x"),
        ("email", "a" * 95 + "@x.co.ke"),
    ],
)
def test_what_cannot_be_right_is_refused_at_the_form(client: Client, detail: str, value: str) -> None:
    page = client.post("/settings/details/", {"detail": detail, "value": value})
    assert (page.status_code, ApprovalRequest.objects.count()) == (200, 0)
    assert "Error: " in page.content.decode()


# --- What was not sent ----------------------------------------------------------------------------------------------


def test_a_draft_is_listed_with_its_ways_on_and_back(client: Client, customer: BranchCustomer) -> None:
    draft = details.draft(customer, detail="email", value="newer@example.com")
    page = client.get("/settings/requests/").content.decode()
    assert "Not sent yet" in page
    assert "newer@example.com" in page
    assert f'href="/settings/requests/{draft.id}/"' in page
    assert f'action="/settings/requests/{draft.id}/cancel/"' in page
    client.post(f"/settings/requests/{draft.id}/cancel/")
    page = client.get("/settings/requests/").content.decode()
    assert "newer@example.com" not in page
    assert "You have not sent a branch anything yet" in page


def test_what_ran_out_or_is_somebody_elses_is_not_listed(client: Client, customer: BranchCustomer) -> None:
    details.draft(CustomerFactory(), detail="email", value="stranger@example.com")
    details.draft(customer, detail="email", value="newer@example.com")
    ApprovalRequest.objects.filter(customer=customer).update(expires_at=clock.now())
    page = client.get("/settings/requests/").content.decode()
    assert "stranger@example.com" not in page
    assert "newer@example.com" not in page


def test_changing_a_draft_begins_with_what_it_says_and_takes_its_place(
    client: Client, customer: BranchCustomer
) -> None:
    draft = details.draft(customer, detail="email", value="newer@example.com")
    paper = UploadFactory(customer_id=customer.user_id, about=draft.id)
    page = client.get(f"/settings/details/?draft={draft.id}").content.decode()
    assert 'value="newer@example.com"' in page
    assert f'value="{draft.id}"' in page
    answer = client.post(
        "/settings/details/", {"detail": "phone_number", "value": "0733 444 555", "draft": str(draft.id)}
    )
    new = ApprovalRequest.objects.exclude(pk=draft.pk).get()
    assert answer["Location"] == f"/settings/requests/{new.id}/"
    assert (fresh(draft).state, new.state, new.payload["new"]) == (State.CANCELLED, State.DRAFT, "+254733444555")
    paper.refresh_from_db()
    assert (paper.about, paper.keep_until) == (new.id, new.expires_at)
    assert paper.name in client.get(answer["Location"]).content.decode()


def test_what_was_reviewed_in_another_tab_is_not_sent_once_it_was_changed(
    client: Client, customer: BranchCustomer
) -> None:
    draft = details.draft(customer, detail="email", value="newer@example.com")
    details.redraft(customer, draft.id, detail="email", value="newest@example.com", actor=ANYONE)
    page = client.post(f"/settings/requests/{draft.id}/send/").content.decode()
    assert "was given up or has run out" in page or "This was not sent" in page
    assert AuthorizationItem.objects.count() == 0


@pytest.mark.parametrize("end", [State.SENT, State.CANCELLED])
def test_what_is_no_draft_any_more_is_left_as_it_is_and_a_new_one_made(
    client: Client, customer: BranchCustomer, end: str
) -> None:
    old = ask_to_correct(customer) if end == State.SENT else details.draft(customer, detail="email", value="a@b.com")
    ApprovalRequest.objects.filter(pk=old.pk).update(state=end)
    page = client.get(f"/settings/details/?draft={old.id}").content.decode()
    assert old.payload["new"] not in page
    client.post("/settings/details/", {"detail": "full_name", "value": "Wanjiku Njeri", "draft": str(old.id)})
    assert fresh(old).state == end
    assert ApprovalRequest.objects.exclude(pk=old.pk).get().payload["new"] == "Wanjiku Njeri"


@pytest.mark.parametrize(
    "draft", ["1", "\N{ARABIC-INDIC DIGIT ONE}" * 36, "<script>", "x" * 10_000, "0b5c0f9e-7a53-4a3f-9a43-7a1f0c9ad0c1"]
)
def test_a_draft_there_is_not_is_not_found(client: Client, draft: str) -> None:
    assert client.get("/settings/details/", {"draft": draft}).status_code == 404
    typed = {"detail": "full_name", "value": "Wanjiku Njeri", "draft": draft}
    assert client.post("/settings/details/", typed).status_code in {200, 404}
    assert not ApprovalRequest.objects.exists()


def test_somebody_elses_draft_is_neither_shown_nor_replaced(client: Client) -> None:
    theirs = details.draft(CustomerFactory(), detail="email", value="stranger@example.com")
    assert client.get(f"/settings/details/?draft={theirs.id}").status_code == 404
    typed = {"detail": "full_name", "value": "Wanjiku Njeri", "draft": str(theirs.id)}
    assert client.post("/settings/details/", typed).status_code == 404
    assert fresh(theirs).state == State.DRAFT
    assert ApprovalRequest.objects.count() == 1


def test_what_waits_already_is_said_at_the_form_before_any_paper(client: Client, customer: BranchCustomer) -> None:
    ask_to_correct(customer)
    page = client.post("/settings/details/", {"detail": "email", "value": "newer@example.com"}).content.decode()
    assert "You have asked for this already" in page
    assert 'value="newer@example.com"' in page
    assert ApprovalRequest.objects.count() == 1
    assert client.post("/settings/details/", {"detail": "full_name", "value": "Wanjiku Njeri"}).status_code == 303


def test_what_the_bank_has_now_is_shown_masked(client: Client, customer: BranchCustomer) -> None:
    draft = details.draft(customer, detail="phone_number", value="+254733444555")
    for path in ("/settings/details/", f"/settings/requests/{draft.id}/"):
        page = client.get(path).content.decode()
        assert details.masked("phone_number", "+254722000111") in page
        assert "254722000111" not in page
    details.send(customer, draft, ANYONE)
    page = client.get(f"/settings/requests/{draft.id}/").content.decode()
    assert details.masked("phone_number", "+254722000111") in page
    assert "254722000111" not in page


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_a_draft_sent_and_changed_at_once_is_one_or_the_other() -> None:
    for _n in range(5):
        customer = UserFactory().customer
        assert customer is not None
        draft = details.draft(customer, detail="email", value="newer@example.com")
        UploadFactory(customer_id=customer.user_id, about=draft.id)
        done = at_once(
            [
                lambda customer=customer, draft=draft: details.send(customer, draft, ANYONE),
                lambda customer=customer, draft=draft: details.redraft(
                    customer, draft.id, detail="email", value="newest@example.com", actor=ANYONE
                ),
            ]
        )
        refused = [one for one in done if isinstance(one, Exception)]
        assert [type(one) for one in refused] == [DraftIsGone]
        was_sent = fresh(draft).state == State.SENT
        assert AuthorizationItem.objects.filter(queue_id=fresh(draft).queue_id or "").count() == was_sent
        assert ApprovalRequest.objects.filter(customer=customer, state=State.DRAFT).count() == (not was_sent)
