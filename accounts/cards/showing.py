"""Looking at a card's PIN, or at a virtual card's number: once, after a code, on the processor's own page.

Neither ever comes here. What comes is the address of a page that shows it to whoever opens it first, within a minute;
it goes into one answer to the owner and is kept nowhere.
"""

import uuid
from datetime import timedelta

from django.db import transaction
from django.http import Http404

from accounts.cards import rules, stops, telling
from accounts.cards.acts import note
from accounts.cards.errors import CardBlocked, NotThere, ProcessorSilent, SightOver
from accounts.cards.opening import card_to_open, draft
from accounts.models import BranchCustomer, Card, CardSight, Instruction
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.rails import cards as processor
from wekeza_portal.staff import switches

SHOW = "CARD_SHOW"
LIFE = timedelta(minutes=5)
"""How long after the code a look can be had."""
What = CardSight.What


def what_of(card: Card) -> CardSight.What:
    """A virtual card has a number to be typed, the other one a PIN."""
    return What.NUMBER if card.kind == Card.Kind.VIRTUAL else What.PIN


def draft_look(customer: BranchCustomer, card: Card) -> Instruction:
    """A draft of looking at it. Raises SwitchedOff, NotThere, CardBlocked, CardsStopped, JustBackIn."""
    _refuse_unless_shown(customer, card)
    return draft(customer, SHOW, card, {"what": what_of(card)})


def allow(instruction: Instruction, actor: Actor) -> None:
    """The code was right: one look within five minutes. Raises NotThere and what forbids opening a card."""
    card = card_to_open(instruction)
    _refuse_unless_shown(instruction.customer, card)
    now = clock.now()
    CardSight.objects.create(id=instruction.id, card=card, what=what_of(card), expires_at=now + LIFE)
    note("card.look_allowed", card, actor, what=what_of(card))
    telling.changed(card, "shown", instruction.id)


def _refuse_unless_shown(customer: BranchCustomer, card: Card) -> None:
    if card.state not in {Card.State.ARRIVED, Card.State.ACTIVE} or rules.is_over(
        rules.standing_of(card, clock.today())
    ):
        raise NotThere()
    if card.blocked_at is not None:
        raise CardBlocked()
    stops.refuse_opening(customer)


def sight_for(customer: BranchCustomer, sight_id: uuid.UUID) -> CardSight:
    """The customer's own; Http404 for anybody else's and none."""
    rows = CardSight.objects.select_related("card").filter(pk=sight_id, card__customer_id=customer.user_id)
    sight = rows.first()
    if sight is None or sight.card.ordered_at < customer.created_at:
        raise Http404
    return sight


def is_open(sight: CardSight) -> bool:
    """Whether it can still be looked at."""
    return sight.used_at is None and clock.now() < sight.expires_at


def look(customer: BranchCustomer, sight_id: uuid.UUID, actor: Actor) -> str:
    """The address of the processor's page, once. Not inside a transaction: the processor is called.

    Raises SwitchedOff, SightOver, NotThere for a card that was lost meanwhile, and ProcessorSilent, which leaves the
    look as it was.
    """
    switches.require_on(switches.CARDS)
    sight = _claimed(customer, sight_for(customer, sight_id), actor)
    said = processor.look(sight.card.token or "", sight.pk, sight.what)
    if not said.url:
        CardSight.objects.filter(pk=sight.pk).update(used_at=None)
        raise ProcessorSilent()
    return said.url


@transaction.atomic
def _claimed(customer: BranchCustomer, sight: CardSight, actor: Actor) -> CardSight:
    row = CardSight.objects.select_for_update().select_related("card").get(pk=sight.pk)
    if not is_open(row):
        raise SightOver()
    _refuse_unless_shown(customer, row.card)
    row.used_at = clock.now()
    row.save(update_fields=["used_at"])
    note("card.looked_at", row.card, actor, what=row.what)
    return row
