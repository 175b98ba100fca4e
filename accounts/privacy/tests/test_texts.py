"""A legal text changes through two people, for a later day, in both languages alike."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import LegalText, User
from accounts.privacy import changingtexts, texts
from tests.factories import UserFactory
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.models import BackDatedRow
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db
PAGE = "/admin/boards/texts/new/"


def typed(**other: Any) -> dict[str, Any]:
    return {
        "kind": "TERMS",
        "effective_from": (clock.today() + timedelta(days=30)).isoformat(),
        "text_en": "## Fees\nThey are fair.\n- One\n- Two",
        "text_sw": "## Ada\nNi za haki.\n- Moja\n- Mbili",
        "changes_en": "Fees are fairer.",
        "changes_sw": "Ada ni za haki zaidi.",
        "reason": "Board decision 7",
        **other,
    }


def propose(client: Client, **other: Any) -> Any:
    return client.post(PAGE, typed(**other))


def test_one_proposes_another_approves_and_only_then_there_is_a_version() -> None:
    maker, checker = staff("risk"), staff("operations")
    assert propose(signed_in(maker)).status_code == 302
    assert LegalText.objects.filter(kind="TERMS").count() == 1
    proposal = Proposal.objects.get()
    client = signed_in(checker)
    page = client.get(f"/admin/boards/proposals/{proposal.pk}/").content.decode()
    assert "They are fair." in page, "whoever approves has to see the text"
    assert "Ni za haki." in page
    client.post(f"/admin/boards/proposals/{proposal.pk}/decide/", {"approve": "1"})
    row = LegalText.objects.get(kind="TERMS", version=2)
    assert row.created_by == f"{maker.username}, {checker.username}"
    assert texts.in_force("TERMS") == LegalText.objects.get(kind="TERMS", version=1), "not before its day"


def test_the_maker_alone_changes_nothing() -> None:
    maker = signed_in(staff("risk"))
    propose(maker)
    maker.post(f"/admin/boards/proposals/{Proposal.objects.get().pk}/decide/", {"approve": "1"})
    assert not LegalText.objects.filter(version=2).exists()


@pytest.mark.parametrize("role", ["support", "audit"])
def test_other_roles_read_and_propose_nothing(role: str) -> None:
    client = signed_in(staff(role))
    assert client.get("/admin/boards/texts/").status_code == 200
    assert propose(client).status_code == 403
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("days", [-400, -1, 0])
def test_a_version_never_begins_today_or_before(days: int) -> None:
    page = propose(signed_in(staff("risk")), effective_from=(clock.today() + timedelta(days=days)).isoformat())
    assert "tomorrow at the earliest" in page.content.decode()
    assert not Proposal.objects.exists()


def test_a_version_begins_after_every_other_also_when_approved_later() -> None:
    maker, checker = signed_in(staff("risk")), signed_in(staff("operations"))
    propose(maker)
    propose(maker, effective_from=(clock.today() + timedelta(days=20)).isoformat())
    for proposal in Proposal.objects.order_by("payload__effective_from").reverse():
        checker.post(f"/admin/boards/proposals/{proposal.pk}/decide/", {"approve": "1"})
    begun = list(LegalText.objects.filter(kind="TERMS").order_by("version").values_list("effective_from", flat=True))
    assert begun == sorted(begun)
    assert len(begun) == 2, "the one for the earlier day came too late"


def test_the_languages_have_to_say_the_same() -> None:
    page = propose(signed_in(staff("risk")), text_sw="## Ada\nNi za haki.\n- Moja")
    assert "same headings" in page.content.decode()
    assert not Proposal.objects.exists()


def test_markup_in_a_text_is_shown_as_it_was_typed() -> None:
    maker, checker = signed_in(staff("risk")), signed_in(staff("operations"))
    evil = "<script>alert(1)</script>"
    propose(maker, text_en=evil, text_sw=evil, kind="NOTICE")
    checker.post(f"/admin/boards/proposals/{Proposal.objects.get().pk}/decide/", {"approve": "1"})
    assert evil not in maker.get("/admin/boards/texts/").content.decode()


def test_a_row_in_force_is_never_changed() -> None:
    row = LegalText.objects.get(kind="TERMS")
    row.text_en = "You owe us everything."
    with pytest.raises(BackDatedRow):
        row.save(update_fields=["text_en"])
    with pytest.raises(BackDatedRow):
        row.delete()


def test_what_is_approved_is_asked_for_from_its_day_on() -> None:
    user: User = UserFactory()
    payload = changingtexts.payload_of({**typed(), "effective_from": clock.today() + timedelta(days=1)})
    proposal = Proposal(kind="legal_text", payload=payload, made_by_code="A", decided_by_code="B")
    assert texts.due(user, clock.now()) == 0
    changingtexts.apply(proposal)
    assert texts.due(user, clock.now()) == 0
    assert texts.due(user, clock.now() + timedelta(days=1)) == 2


def test_the_form_begins_with_the_words_of_the_latest() -> None:
    page = signed_in(staff("risk")).get(f"{PAGE}?kind=NOTICE").content.decode()
    assert "## Who we are" in page
    assert signed_in(staff("operations")).get(f"{PAGE}?kind=NOTHING").status_code == 200


def test_the_notice_is_open_to_everybody_and_says_how_long_what_is_kept() -> None:
    page = Client().get("/privacy/").content.decode()
    assert "Who we are" in page
    assert "7 years after you leave us" in page
    browser = Client()
    sign_in(browser, UserFactory())
    assert "Who we are" in browser.get("/privacy/").content.decode()
