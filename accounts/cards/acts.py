"""What is done to cards at once, without a code: stopping one or all, and tightening what one may do.

Each takes the locks that an authorisation takes: once it returns, no use passes that it forbids.
"""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import Http404

from accounts import limits
from accounts.cards import rules, telling
from accounts.cards.authorising import lock_cards
from accounts.cards.errors import AboveBankLimit, CardIsOver
from accounts.models import BranchCustomer, Card, Limit
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.identifiers import new_reference
from wekeza_portal.money import format_kes


@transaction.atomic
def freeze_all(customer_id: int, *, actor: Actor) -> int:
    """Freeze every card of a customer that could still work; how many were not frozen before. What they were to be
    allowed later is given up: whoever is to be kept out may have asked for it.

    For a freeze of everything: in the caller's transaction, under the lock that each use takes. Writes no message.
    Lifting it unfreezes no card: the owner does that one by one, with a code.
    """
    living = [card for card in lock_cards(customer_id) if not _is_over(card)]
    for card in living:
        _give_up_wishes(card, actor)
    fresh = [card for card in living if card.frozen_at is None]
    for card in fresh:
        _freeze(card, actor, by="all")
    return len(fresh)


def _give_up_wishes(card: Card, actor: Actor) -> None:
    if not card.wishes:
        return
    before = set(card.wishes)
    write(card, clock.now(), {}, drop=list(card.wishes))
    note("card.loosening_given_up", card, actor, wishes=", ".join(sorted(before)))


@transaction.atomic
def freeze(customer: BranchCustomer, card_id: uuid.UUID, actor: Actor) -> None:
    """Freeze one card; nothing happens to one that is frozen. Raises Http404, CardIsOver."""
    card = locked(customer, card_id)
    refuse_if_over(card)
    if card.frozen_at is None:
        _freeze(card, actor, by="owner")


def _freeze(card: Card, actor: Actor, by: str) -> None:
    card.frozen_at = clock.now()
    card.save(update_fields=["frozen_at"])
    note("card.frozen", card, actor, by=by)


@transaction.atomic
def report_lost(customer: BranchCustomer, card_id: uuid.UUID, loss: str, actor: Actor) -> str:
    """Block a card for good, at once; the reference of the report, the same when it is reported again.

    Nobody waits for the processor: we refuse every use from here on, and the worker tells it. Raises Http404, and
    CardIsOver for one that has ended otherwise.
    """
    card = locked(customer, card_id)
    if card.state == Card.State.LOST:
        return card.lost_reference
    if card.state == Card.State.REFUSED:
        raise CardIsOver()
    card.state, card.loss, card.lost_at = Card.State.LOST, Card.Loss(loss), clock.now()
    card.lost_reference, card.due_at = new_reference(), card.lost_at
    card.save(update_fields=["state", "loss", "lost_at", "lost_reference", "due_at"])
    note("card.lost", card, actor, loss=card.loss, reference=card.lost_reference)
    telling.changed(card, "lost", card.pk, reference=card.lost_reference)
    return card.lost_reference


@transaction.atomic
def tighten(
    customer: BranchCustomer, card_id: uuid.UUID, wanted: rules.Controls, actor: Actor
) -> tuple[Card, dict[str, Any]]:
    """Put the tighter of the wanted controls in force at once; the card, and what would be looser and needs a code.

    Raises Http404, CardIsOver, AboveBankLimit.
    """
    card = locked(customer, card_id)
    refuse_if_over(card)
    refuse_above_bank(wanted.atm_daily, customer)
    now = clock.now()
    before, waiting = rules.controls_at(card, now), rules.waiting_at(card, now)
    tighter = rules.tightened(before, wanted)
    given_up = [name for name in waiting if getattr(wanted, name) <= getattr(before, name)]
    if tighter or given_up:
        write(card, now, tighter, drop=given_up)
        note("card.tightened", card, actor, **{name: rules.text_of(getattr(wanted, name)) for name in tighter})
    looser = rules.loosened(before, wanted)
    return card, {name: value for name, value in looser.items() if waiting.get(name, (None,))[0] != value}


def write(card: Card, now: Any, controls: dict[str, Any], *, drop: Sequence[str] = ()) -> None:
    """Write controls into a locked card: first the wishes whose time has come, then these, which end their wishes."""
    begun = rules.begun_at(card, now)
    values = begun | controls
    for name, value in values.items():
        setattr(card, name, value)
    gone = {*begun, *controls, *drop}
    card.wishes = {name: wish for name, wish in card.wishes.items() if name not in gone}
    card.save(update_fields=[*values, "wishes"])


def refuse_above_bank(atm_daily: Decimal, customer: BranchCustomer) -> None:
    """Raises AboveBankLimit: nobody takes more cash a day than the bank's dated figure."""
    most = limits.value(Limit.Code.CARD_ATM_DAY, tier=customer.kyc_tier, on=clock.today())
    if atm_daily > most:
        raise AboveBankLimit(most=format_kes(most))


def locked(customer: BranchCustomer, card_id: uuid.UUID) -> Card:
    """The customer's own card, under the lock on all of them; Http404 for anybody else's and none."""
    for card in lock_cards(customer.user_id):
        if card.pk == card_id and card.ordered_at >= customer.created_at:
            return card
    raise Http404


def refuse_if_over(card: Card) -> None:
    """Raises CardIsOver."""
    if _is_over(card):
        raise CardIsOver()


def _is_over(card: Card) -> bool:
    return rules.is_over(rules.standing_of(card, clock.today()))


def note(verb: str, card: Card, actor: Actor, **data: str) -> None:
    """Into the trail."""
    record(verb, actor=actor, customer_id=card.customer_id, subject=f"card:{card.pk}", data=data)
