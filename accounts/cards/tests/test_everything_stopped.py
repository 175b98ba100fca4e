"""Who stops everything stops the cards with it."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from accounts.cards import authorising, errors, opening, ordering, rules
from accounts.cards.tests.scenes import a_card, actor_of, balance, owner, use, with_a_code
from accounts.freezing import stopping
from accounts.ledger import money_operation
from accounts.models import Card, Freeze, Posting, User
from tests.support import sign_in
from wekeza_portal import clock

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
LOST = {
    "kind": "VIRTUAL",
    "state": "LOST",
    "loss": "LOST",
    "lost_reference": "7KQ2-M9XD-4TWR",
    "lost_at": clock.now(),
}


def stop(card: Card) -> None:
    stopping.stop(card.customer_id, by=Freeze.By.INSIDE, actor=actor_of(card))


def test_a_stop_freezes_every_card_and_no_use_is_approved() -> None:
    card = a_card()
    other = a_card(customer=owner(card))
    stop(card)
    assert Card.objects.filter(frozen_at__isnull=False).count() == 2
    for each in (card, other):
        assert authorising.authorise(use(each))["decision"] == "REFUSED"
    assert not Posting.objects.exists()


def test_a_card_that_is_not_frozen_itself_is_refused_all_the_same() -> None:
    card = a_card()
    stop(card)
    Card.objects.update(frozen_at=None)
    assert authorising.authorise(use(card))["decision"] == "REFUSED"


def test_while_everything_is_stopped_no_card_is_unfrozen() -> None:
    card = a_card()
    stop(card)
    card.refresh_from_db()
    with pytest.raises(errors.CardsStopped):
        with_a_code(opening.draft(owner(card), opening.UNFREEZE, card))
    card.refresh_from_db()
    assert card.frozen_at is not None


def test_a_draft_from_before_the_stop_unfreezes_nothing() -> None:
    card = a_card(frozen_at=clock.now())
    draft = opening.draft(owner(card), opening.UNFREEZE, card)
    stop(card)
    with pytest.raises(errors.CardsStopped):
        with_a_code(draft)
    card.refresh_from_db()
    assert card.frozen_at is not None


def test_what_cards_were_to_be_allowed_later_is_given_up_and_what_has_begun_stays() -> None:
    waits = {"to": "1", "from": (clock.now() + timedelta(hours=20)).isoformat()}
    begun = {"to": "1", "from": (clock.now() - timedelta(hours=1)).isoformat()}
    card = a_card(abroad=False, gambling=False, wishes={"abroad": begun, "gambling": waits})
    frozen = a_card(customer=owner(card), abroad=False, frozen_at=clock.now(), wishes={"abroad": waits})
    stop(card)
    for row in (card, frozen):
        row.refresh_from_db()
    assert (card.abroad, card.gambling, card.wishes) == (True, False, {})
    assert (frozen.abroad, frozen.wishes) == (False, {})
    with time_machine.travel(clock.now() + timedelta(days=2)):
        assert not rules.controls_at(card, clock.now()).gambling


def test_while_everything_is_stopped_no_card_is_ordered() -> None:
    card = a_card()
    wish = {"kind": Card.Kind.VIRTUAL, "account": card.account_number, "branch": ""}
    draft = ordering.prepare_order(owner(card), **wish)
    stop(card)
    with pytest.raises(errors.CardsStopped):
        ordering.prepare_order(owner(card), **wish)
    draft.refresh_from_db()
    with pytest.raises(errors.CardsStopped):
        money_operation(ordering.execute_order)(draft, actor_of(card))
    assert Card.objects.count() == 1


def test_nor_is_one_paid_for_in_the_place_of_a_lost_one() -> None:
    card = a_card(**LOST)
    wish = {"account": card.account_number, "branch": ""}
    draft = ordering.prepare_replacement(owner(card), card.pk, **wish)
    stop(card)
    with pytest.raises(errors.CardsStopped):
        ordering.prepare_replacement(owner(card), card.pk, **wish)
    draft.refresh_from_db()
    with pytest.raises(errors.CardsStopped):
        money_operation(ordering.execute_replacement)(draft, actor_of(card))
    assert Card.objects.count() == 1
    assert balance(card) == D("100000.00")


def test_the_page_of_the_stop_says_that_the_card_is_frozen_too() -> None:
    card = a_card()
    stop(card)
    client = Client()
    sign_in(client, User.objects.get(customer_id=card.customer_id))
    assert "Your card is frozen too." in client.get("/settings/freeze/").content.decode()
