"""Staff and cards: one blocks, two unblock, and nobody sees more than they need."""

from typing import Any

import pytest

from accounts.cards import staff as acts
from accounts.cards.tests.scenes import a_card, ask, question
from accounts.models import Card
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import signed_in, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _roles() -> None:
    from django.apps import apps
    from django.core.management import call_command

    from wekeza_portal.staff import roles

    call_command("migrate", verbosity=0)
    for app in apps.get_app_configs():
        roles.install(app.label)


def board(card: Card) -> str:
    return f"/admin/boards/cards/{card.pk}/"


def test_one_person_blocks_at_once_and_the_owner_is_told() -> None:
    card = a_card()
    client = signed_in(staff("support"))
    client.post(board(card), {"reason": "Caller says it is not hers"})
    assert ask(question(card)).json()["code"] == "62"
    assert InboxItem.objects.filter(customer_id=card.customer_id).count() == 1
    event = AuditEvent.objects.get(verb="card.blocked")
    assert event.data["reason"] == "Caller says it is not hers"


def test_a_reason_is_needed() -> None:
    card = a_card()
    answer = signed_in(staff("support")).post(board(card), {"reason": " "})
    assert answer.status_code == 200
    assert Card.objects.get(pk=card.pk).blocked_at is None


def test_unblocking_needs_a_second_person() -> None:
    card = a_card()
    maker, checker = signed_in(staff("operations")), signed_in(staff("operations"))
    maker.post(board(card), {"reason": "stolen?"})
    maker.post(board(card), {"reason": "it was not"})
    assert Card.objects.get(pk=card.pk).blocked_at is not None
    decide = f"/admin/boards/proposals/{Proposal.objects.get().pk}/decide/"
    maker.post(decide, {"approve": "1"})
    assert Card.objects.get(pk=card.pk).blocked_at is not None
    assert ask(question(card)).json()["code"] == "62"
    checker.post(decide, {"approve": "1"})
    assert Card.objects.get(pk=card.pk).blocked_at is None
    assert ask(question(card)).json()["code"] == "00"


def test_who_may_only_propose_approves_nothing_and_audit_does_neither() -> None:
    card = a_card()
    support, audit = signed_in(staff("support")), signed_in(staff("audit"))
    audit.post(board(card), {"reason": "x"})
    assert Card.objects.get(pk=card.pk).blocked_at is None
    support.post(board(card), {"reason": "x"})
    support.post(board(card), {"reason": "x"})
    other = signed_in(staff("support"))
    other.post(f"/admin/boards/proposals/{Proposal.objects.get().pk}/decide/", {"approve": "1"})
    assert Card.objects.get(pk=card.pk).blocked_at is not None
    audit.post(board(card), {"reason": "x"})
    assert Proposal.objects.count() == 1


def test_a_card_that_has_ended_is_not_blocked_and_one_that_works_not_unblocked() -> None:
    card = a_card(state="LOST", loss="LOST")
    client = signed_in(staff("risk"))
    client.post(board(card), {"reason": "x"})
    assert Card.objects.get(pk=card.pk).blocked_at is None
    with pytest.raises(acts.NotBlocked):
        acts._refuse_unless_blocked({"card": str(a_card().pk)})


@pytest.mark.parametrize(
    "path", ["/admin/accounts/card/?q={four}", "/admin/accounts/card/{key}/", "/admin/boards/cards/{key}/"]
)
def test_every_look_is_recorded_and_shows_no_token(path: str) -> None:
    card = a_card(last_four="7391")
    ask(question(card))
    answer = signed_in(staff("audit")).get(path.format(four=card.last_four, key=card.pk))
    assert answer.status_code == 200
    assert "7391" in answer.content.decode()
    assert (card.token or "x") not in answer.content.decode()
    assert AuditEvent.objects.filter(verb="staff.viewed", customer_id=card.customer_id).exists()


def test_a_shilling_paid_by_card_can_be_followed_by_the_processors_id_too() -> None:
    card = a_card()
    content = question(card)
    said = ask(content).json()
    ask(question(a_card(), "20.00"))
    client = signed_in(staff("audit"))
    for typed in (content["id"], said["reference"]):
        page = client.get(f"/admin/boards/where/?q={typed}").content.decode()
        assert said["reference"] in page, typed
        assert "NAIVAS" in page, typed


def test_the_uses_are_listed() -> None:
    card = a_card()
    ask(question(card))
    answer: Any = signed_in(staff("support")).get("/admin/accounts/carduse/")
    assert "NAIVAS" in answer.content.decode()
