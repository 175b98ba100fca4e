"""Who came back in by a new password gets no further with cards than with payments, for 24 hours."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts import limits
from accounts.cards import acts, authorising, opening, ordering, showing
from accounts.cards.rules import Why
from accounts.cards.tests.scenes import a_card, actor_of, balance, owner, question, report, use, with_a_code
from accounts.models import Card, CardUse, Instruction, LimitUsage, User
from tests.factories import AccountFactory
from tests.payments import pay
from tests.support import all_the_money, sign_in
from tests.together import at_once
from wekeza_portal import clock

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def back_in(card: Card) -> limits.Recovery:
    return limits.begin_recovery(owner(card))


def left(card: Card) -> Decimal:
    room = limits.recovery(owner(card))
    assert room is not None
    return room.left


def test_a_use_above_the_cap_is_refused_and_one_within_it_takes_from_it() -> None:
    card = a_card()
    back_in(card)
    refused = authorising.authorise(use(card, "20000.01"))
    assert (refused["decision"], refused["code"]) == ("REFUSED", "61")
    assert CardUse.objects.get(processor_id=refused["id"]).why == Why.RECOVERY
    assert not Instruction.objects.exists()
    assert balance(card) == D("100000.00")
    assert authorising.authorise(use(card, "20000.00"))["decision"] == "APPROVED"
    assert left(card) == D("0.00")
    assert authorising.authorise(use(card, "0.01"))["code"] == "61"
    assert balance(card) == D("80000.00")


def test_cards_and_payments_take_from_one_cap_in_either_order() -> None:
    card = a_card()
    back_in(card)
    to = AccountFactory(balance=D("0.00"))
    pay(card.account, to, D("12000.00"))
    assert authorising.authorise(use(card, "8000.01"))["code"] == "61"
    assert authorising.authorise(use(card, "5000.00"))["decision"] == "APPROVED"
    with pytest.raises(limits.RecoveryCapExceeded) as refusal:
        pay(card.account, to, D("3000.01"))
    assert refusal.value.left == D("3000.00")


def test_a_use_counts_against_the_cap_alone() -> None:
    card = a_card()
    back_in(card)
    authorising.authorise(use(card, "5000.00"))
    assert [row.used for row in LimitUsage.objects.all()] == [D("5000.00")]


def test_without_a_new_password_a_use_leaves_no_counter_behind() -> None:
    card = a_card()
    assert authorising.authorise(use(card, "60000.00"))["decision"] == "APPROVED"
    assert not LimitUsage.objects.exists()


def test_after_24_hours_cards_pay_as_before() -> None:
    card = a_card()
    with time_machine.travel(clock.now() - timedelta(hours=24), tick=False):
        back_in(card)
    assert authorising.authorise(use(card, "60000.00"))["decision"] == "APPROVED"


def test_a_use_that_is_taken_back_gives_its_part_back_once() -> None:
    card = a_card()
    back_in(card)
    asked = question(card, "20000.00")
    authorising.authorise(authorising.read_use(asked))
    before = sum(all_the_money().values())
    for _time in range(3):
        report({**asked, "type": "REVERSAL"})
    assert left(card) == D("20000.00")
    assert balance(card) == D("100000.00")
    assert sum(all_the_money().values()) == before + D("20000.00")


def test_one_from_before_gives_nothing_to_the_cap() -> None:
    card = a_card()
    asked = question(card, "9000.00")
    with time_machine.travel(clock.now() - timedelta(hours=1), tick=False):
        authorising.authorise(authorising.read_use(asked))
    back_in(card)
    authorising.authorise(use(card, "20000.00"))
    report({**asked, "type": "REVERSAL"})
    assert left(card) == D("0.00")


def test_the_refusal_is_told_in_words_on_the_page_of_its_uses() -> None:
    card = a_card()
    back_in(card)
    authorising.authorise(use(card, "30000.00"))
    client = Client()
    sign_in(client, User.objects.get(customer_id=card.customer_id))
    assert "in the 24 hours after a new password" in client.get(f"/settings/cards/{card.pk}/uses/").content.decode()


OPENING: list[tuple[Callable[[Card], Any], dict[str, Any]]] = [
    (lambda card: opening.draft(owner(card), opening.UNFREEZE, card), {"frozen_at": clock.now()}),
    (lambda card: opening.draft(owner(card), opening.ACTIVATE, card), {"state": "ARRIVED"}),
    (lambda card: opening.draft_loosening(owner(card), card, {"gambling": True}), {}),
    (lambda card: showing.draft_look(owner(card), card), {}),
]


@pytest.mark.parametrize(("drafted", "changes"), OPENING, ids=["unfreeze", "activate", "loosen", "show"])
def test_nothing_that_opens_a_card_is_begun(drafted: Callable[[Card], Any], changes: dict[str, Any]) -> None:
    card = a_card(**changes)
    cap = back_in(card)
    with pytest.raises(limits.JustBackIn) as refusal:
        drafted(card)
    assert cap.until_text in str(refusal.value)
    assert not Instruction.objects.exists()


@pytest.mark.parametrize(("drafted", "changes"), OPENING, ids=["unfreeze", "activate", "loosen", "show"])
def test_nor_is_done_what_was_begun_before(drafted: Callable[[Card], Any], changes: dict[str, Any]) -> None:
    """Or whoever is signed in drafts first, and lets a stolen phone get the new password afterwards."""
    card = a_card(**changes)
    draft = drafted(card)
    back_in(card)
    with pytest.raises(limits.JustBackIn):
        with_a_code(draft)
    after = Card.objects.get(pk=card.pk)
    assert (after.frozen_at, after.state, after.wishes) == (card.frozen_at, card.state, card.wishes)


def test_a_look_that_was_allowed_before_shows_nothing() -> None:
    card = a_card()
    draft = showing.draft_look(owner(card), card)
    with_a_code(draft)
    back_in(card)
    with pytest.raises(limits.JustBackIn):
        showing.look(owner(card), draft.id, actor_of(card))


def test_what_stops_a_card_is_done_all_the_same() -> None:
    card = a_card()
    back_in(card)
    acts.freeze(owner(card), card.pk, actor_of(card))
    assert acts.report_lost(owner(card), card.pk, Card.Loss.STOLEN, actor_of(card))


def test_the_page_says_until_when() -> None:
    card = a_card(frozen_at=clock.now())
    cap = back_in(card)
    client = Client()
    sign_in(client, User.objects.get(customer_id=card.customer_id))
    answer = client.post(f"/settings/cards/{card.pk}/unfreeze/", follow=True).content.decode()
    until = cap.until.astimezone(clock.NAIROBI)
    assert f"Try again on {until:%d/%m/%Y, %H:%M}" in answer


def test_a_lost_card_is_replaced_all_the_same() -> None:
    """The branch hands it out to whoever shows the ID, and it can't be activated before."""
    card = a_card(state="LOST", loss="LOST", lost_reference="7KQ2-M9XD-4TWR", lost_at=clock.now(), kind="VIRTUAL")
    back_in(card)
    number = card.account_number
    assert ordering.prepare_replacement(owner(card), card.pk, account=number, branch="")


@pytest.mark.mariadb
def test_many_uses_in_parallel_take_no_more_than_the_cap() -> None:
    card = a_card()
    back_in(card)
    uses = [use(card, "1999.99") for _time in range(30)]
    answers = at_once([lambda each=each: authorising.authorise(each) for each in uses])
    assert sum(answer["decision"] == "APPROVED" for answer in answers) == 10
    assert left(card) == D("0.10")
    assert balance(card) == D("80000.10")
