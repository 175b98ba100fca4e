"""Terms that changed: accepted once at the next sign-in, before anything else, and nothing gets around it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.identity.tests.helpers import code_for
from accounts.models import Freeze, KeptForm, LegalText, SignedInSession, TermsAcceptance, User
from accounts.privacy import terms, texts
from accounts.privacy.tests.conftest import new_terms
from tests.factories import PASSWORD, UserFactory
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.documents.models import IssuedPaper

pytestmark = pytest.mark.django_db
PAGE = "/terms/accept/"


def accept(client: Client, version: Any = 2, **more: str) -> Any:
    return client.post(PAGE, {"version": version, **more})


def test_who_has_accepted_the_version_in_force_sees_nothing_of_it(client: Client) -> None:
    assert client.get("/settings/").status_code == 200
    assert client.get(PAGE)["Location"] == "/"


def test_a_new_version_stands_between_the_code_and_the_home_page(wanjiku: User) -> None:
    new_terms()
    assert wanjiku.customer is not None
    browser = Client()
    browser.post("/login/", {"email": wanjiku.customer.email, "password": PASSWORD, "next": "/move/mobile/"})
    answer = browser.post("/login/code/", {"code": code_for(wanjiku.customer)}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{PAGE}?next=%2Fmove%2Fmobile%2F"
    page = answer.content.decode()
    assert "Our terms have changed" in page
    assert "Fees are fairer." in page
    assert 'action="/logout/"' in page
    assert "<script>alert" not in page
    assert accept(browser, next="/move/mobile/")["Location"] == "/move/mobile/"
    assert browser.get("/move/mobile/").status_code == 200


def test_it_is_read_in_the_readers_language_and_noted_in_which(client: Client, wanjiku: User) -> None:
    new_terms()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "sw"
    page = client.get(PAGE).content.decode()
    assert "Lipa unachodaiwa." in page
    assert "Pay what you owe." not in page
    accept(client)
    assert TermsAcceptance.objects.get(user=wanjiku).language == "sw"


def test_whoever_never_accepted_any_is_asked_without_talk_of_changes(wanjiku: User) -> None:
    User.objects.filter(pk=wanjiku.pk).update(accepted_terms=0)
    browser = Client()
    sign_in(browser, wanjiku)
    page = browser.get("/settings/", follow=True).content.decode()
    assert "Our terms" in page
    assert "have changed" not in page
    accept(browser, 1)
    assert browser.get("/settings/").status_code == 200


def test_accepting_is_written_down_once_with_version_time_and_address(client: Client, wanjiku: User) -> None:
    new_terms()
    before = clock.now()
    for _time in range(2):
        assert accept(client)["Location"] == "/"
    row = TermsAcceptance.objects.get(user=wanjiku)
    assert (row.text.version, row.ip, row.language) == (2, "127.0.0.1", "en")
    assert before <= row.accepted_at <= clock.now()
    event = AuditEvent.objects.get(verb="terms.accepted")
    assert (event.customer_id, event.data, event.actor_kind) == (wanjiku.customer_id, {"version": 2}, "customer")


@pytest.mark.parametrize("version", ["", "1", "3", "-2", "2.5", "1e9", "NaN", "9" * 400, "<script>", "🎉"])
def test_nothing_but_the_version_that_is_due_is_accepted(client: Client, wanjiku: User, version: str) -> None:
    new_terms()
    page = accept(client, version)
    assert page.status_code == 200
    assert "replaced in the meantime" in page.content.decode()
    assert not TermsAcceptance.objects.exists()
    assert client.get("/")["Location"] == PAGE


def test_a_version_that_was_replaced_while_it_was_read_is_not_accepted(client: Client, wanjiku: User) -> None:
    new_terms(clock.today() - timedelta(days=2))
    new_terms(version=3)
    assert "Version 3" in accept(client, 2).content.decode()
    assert accept(client, 3).status_code == 302
    assert list(TermsAcceptance.objects.values_list("text__version", flat=True)) == [3]


def test_a_version_that_begins_later_is_only_announced(client: Client) -> None:
    new_terms(clock.today() + timedelta(days=1))
    assert client.get("/settings/").status_code == 200
    page = Client().get("/terms/").content.decode()
    assert "Version 2 begins on" in page
    assert "Fees are fairer." in page


def test_nobody_is_interrupted_at_midnight_but_asked_at_the_next_sign_in(client: Client, wanjiku: User) -> None:
    new_terms(clock.today())
    yesterday = clock.midnight(clock.today()) - timedelta(seconds=1)
    SignedInSession.objects.filter(user=wanjiku).update(started_at=yesterday)
    assert texts.due(wanjiku, yesterday) == 0
    assert texts.due(wanjiku, clock.midnight(clock.today())) == 2


def test_what_was_typed_is_there_again_once_they_are_accepted(client: Client, wanjiku: User) -> None:
    new_terms()
    typed = {"home_address": "House 4, Umoja", "town": "Nairobi"}
    answer = client.post(
        "/settings/profile/home/", typed, headers={"Referer": "http://testserver/settings/profile/home/"}
    )
    assert (answer.status_code, answer["Location"]) == (303, f"{PAGE}?next=%2Fsettings%2Fprofile%2Fhome%2F")
    assert KeptForm.objects.filter(user=wanjiku).count() == 1
    accept(client)
    assert "House 4, Umoja" in client.get("/settings/profile/home/").content.decode()


def test_a_script_is_told_so_and_gets_nothing(client: Client) -> None:
    new_terms()
    for headers in ({"Accept": "application/json"}, {"Sec-Fetch-Mode": "cors"}):
        answer = client.get("/inbox/", headers=headers)
        assert (answer.status_code, answer.json()) == (403, {"error": "terms", "terms": PAGE})


def test_signing_out_stays_possible_and_what_is_typed_is_kept(client: Client, wanjiku: User) -> None:
    new_terms()
    kept = client.post("/session/keep/", {"_path": "/settings/profile/home/", "town": "Kisumu"})
    assert kept.status_code == 204
    assert client.post("/logout/")["Location"] == "/login/"
    assert not TermsAcceptance.objects.exists()


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/terms/accept/", "javascript:alert(1)"])
def test_it_leads_to_pages_of_our_own_alone(client: Client, where: str) -> None:
    new_terms()
    assert accept(client, next=where)["Location"] == "/"


def test_no_request_asks_the_database_for_it(client: Client) -> None:
    client.get("/settings/")
    with CaptureQueriesContext(connection) as seen:
        client.get("/settings/")
    assert not [query for query in seen.captured_queries if "portal_legal_text" in query["sql"]]


def test_staff_have_nothing_to_accept(db: None) -> None:
    from wekeza_portal.staff.tests.scenes import signed_in, staff

    new_terms()
    assert signed_in(staff()).get("/admin/").status_code == 200


def test_of_two_tabs_both_get_in_and_one_row_is_written(wanjiku: User) -> None:
    new_terms()
    browsers = [Client(), Client()]
    for browser in browsers:
        sign_in(browser, wanjiku)
    assert [accept(browser)["Location"] for browser in browsers] == ["/", "/"]
    assert TermsAcceptance.objects.filter(user=wanjiku).count() == 1


# --- Looking it up ------------------------------------------------------------------------------------------------


def accepted(user: User, at: datetime | None = None) -> TermsAcceptance:
    text = LegalText.objects.get(kind="TERMS", version=1)
    row: TermsAcceptance = TermsAcceptance.objects.create(
        user=user, text=text, accepted_at=at or clock.now(), language="en", ip="41.90.1.2"
    )
    return row


def test_the_customer_reads_what_they_accepted_and_when(client: Client, wanjiku: User) -> None:
    row = accepted(wanjiku)
    assert reverse("terms_one", args=[row.pk]) in client.get("/settings/privacy/terms/").content.decode()
    page = client.get(reverse("terms_one", args=[row.pk])).content.decode()
    assert "Who this is between" in page
    assert "41.90.1.2" in page


def test_it_is_a_paper_that_can_be_verified(client: Client, wanjiku: User) -> None:
    row = accepted(wanjiku)
    first, again = (client.get(reverse("terms_pdf", args=[row.pk])) for _time in range(2))
    assert first["Content-Type"] == "application/pdf"
    assert first.content == again.content
    paper = IssuedPaper.objects.get(kind=terms.PAPER)
    assert paper.facts["version"] == "1"
    assert "Accepted terms" in Client().get(f"/verify/{paper.code}/").content.decode()


def test_nobody_elses_is_shown(client: Client) -> None:
    theirs = accepted(UserFactory())
    for name in ("terms_one", "terms_pdf"):
        assert client.get(reverse(name, args=[theirs.pk])).status_code == 404


def test_the_same_person_accepting_twice_at_once_is_one_acceptance(wanjiku: User) -> None:
    new_terms()
    actor = Actor(kind="customer", id=str(wanjiku.pk), customer_id=wanjiku.customer_id)
    for _time in range(2):
        terms.accept(wanjiku, 2, signed_in_at=clock.now(), language="sw", actor=actor, user_agent="x")
    assert TermsAcceptance.objects.get(user=wanjiku).language == "sw"


def test_an_acceptance_that_the_login_forgot_stands_as_it_was(client: Client, wanjiku: User) -> None:
    new_terms()
    accept(client)
    first = TermsAcceptance.objects.get(user=wanjiku)
    User.objects.filter(pk=wanjiku.pk).update(accepted_terms=1)
    assert client.get("/settings/").status_code == 303
    assert accept(client)["Location"] == "/"
    assert TermsAcceptance.objects.get(user=wanjiku).accepted_at == first.accepted_at


# --- The text -----------------------------------------------------------------------------------------------------


def test_a_text_falls_into_headings_points_and_paragraphs() -> None:
    pieces = texts.blocks("## One\n\nTwo\n- a\n- b\n\n##Three\n-c\n")
    assert [piece.kind for piece in pieces] == ["heading", "paragraph", "list", "paragraph", "paragraph"]
    assert pieces[2].points == ("a", "b")


def test_both_languages_have_the_same_pieces() -> None:
    for row in LegalText.objects.all():
        english, kiswahili = (
            [(piece.kind, len(piece.points)) for piece in texts.blocks(text)] for text in (row.text_en, row.text_sw)
        )
        assert english == kiswahili, row


@pytest.mark.parametrize("name", ["freeze_now", "sessions_end_others", "not_me"])
def test_the_emergency_brake_works_before_they_are_accepted(client: Client, name: str) -> None:
    user = UserFactory(accepted_terms=0)
    sign_in(client, user)
    answer = client.post(reverse(name))
    assert not answer["Location"].startswith("/terms/"), answer["Location"]
    if name == "freeze_now":
        assert Freeze.objects.filter(open_for=user.customer_id).exists()
