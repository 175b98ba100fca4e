"""Acts that let a card do more: unfreezing, activating, loosening a control. Each is reviewed and needs a code.

Unfreezing and activating hold at once; a looser control waits for the hours of the bank's dated figure, so that
whoever stole a phone gains nothing before its owner has read the message.
"""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from accounts import instructions, limits
from accounts.cards import rules, stops, telling
from accounts.cards.acts import locked, note, refuse_above_bank, refuse_if_over, write
from accounts.cards.errors import CardBlocked, ControlsChanged, NotThere
from accounts.models import BranchCustomer, Card, Instruction, Limit
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.money import ZERO
from wekeza_portal.staff import switches

UNFREEZE, ACTIVATE, LOOSEN = "CARD_UNFREEZE", "CARD_ACTIVATE", "CARD_LOOSEN"


def draft(customer: BranchCustomer, kind: str, card: Card, payload: Mapping[str, Any] | None = None) -> Instruction:
    """An act on one card, to be reviewed. Raises SwitchedOff, CardsStopped, JustBackIn."""
    switches.require_on(switches.CARDS)
    stops.refuse_opening(customer)
    about = {"card": str(card.pk), "last_four": card.last_four, **(payload or {})}
    return instructions.draft(
        customer=customer, kind=kind, payload=about, amount=ZERO, fee=ZERO, fee_row_id=None, payee_key=""
    )


def card_id_of(instruction: Instruction) -> uuid.UUID:
    return uuid.UUID(instruction.payload["card"])


def card_to_open(instruction: Instruction) -> Card:
    """The reviewed card, locked and asked again.

    Raises SwitchedOff, Http404, CardIsOver, CardBlocked, CardsStopped, JustBackIn.
    """
    switches.require_on(switches.CARDS)
    card = locked(instruction.customer, card_id_of(instruction))
    refuse_if_over(card)
    if card.blocked_at is not None:
        raise CardBlocked()
    stops.refuse_opening(instruction.customer)
    return card


def unfreeze(instruction: Instruction, actor: Actor) -> None:
    """Let the card pay again."""
    card = card_to_open(instruction)
    if card.frozen_at is None:
        return
    card.frozen_at = None
    card.save(update_fields=["frozen_at"])
    note("card.unfrozen", card, actor)
    telling.changed(card, "unfrozen", instruction.id)


def activate(instruction: Instruction, actor: Actor) -> None:
    """Its owner has it in their hands. Raises NotThere for one that has not arrived."""
    card = card_to_open(instruction)
    if card.state == Card.State.ACTIVE:
        return
    if card.state != Card.State.ARRIVED:
        raise NotThere()
    card.state, card.activated_at = Card.State.ACTIVE, clock.now()
    card.save(update_fields=["state", "activated_at"])
    note("card.activated", card, actor)
    telling.changed(card, "activated", instruction.id)


def draft_loosening(customer: BranchCustomer, card: Card, looser: Mapping[str, Any]) -> Instruction:
    """What would be allowed more; what is in force now stands in it, so that nobody approves another step."""
    now = rules.controls_at(card, clock.now())
    return draft(
        customer,
        LOOSEN,
        card,
        {
            "before": {name: rules.text_of(getattr(now, name)) for name in looser},
            "after": {name: rules.text_of(value) for name, value in looser.items()},
            "hours": str(hours_to_wait(customer)),
        },
    )


def hours_to_wait(customer: BranchCustomer) -> int:
    """Hours until a looser control holds: the bank's dated figure."""
    return int(limits.value(Limit.Code.CARD_LOOSEN_HOURS, tier=customer.kyc_tier, on=clock.today()))


def loosen(instruction: Instruction, actor: Actor) -> None:
    """Let the wishes begin to wait. Raises ControlsChanged where others are in force by now, AboveBankLimit."""
    card, payload, now = card_to_open(instruction), instruction.payload, clock.now()
    in_force = rules.controls_at(card, now)
    if {name: rules.text_of(getattr(in_force, name)) for name in payload["before"]} != payload["before"]:
        raise ControlsChanged()
    if rules.ATM_DAILY in payload["after"]:
        refuse_above_bank(rules.value_of(rules.ATM_DAILY, payload["after"][rules.ATM_DAILY]), instruction.customer)
    begins = now + timedelta(hours=hours_to_wait(instruction.customer))
    write(card, now, {}, drop=list(payload["after"]))
    card.wishes |= {name: {"to": text, "from": begins.isoformat()} for name, text in payload["after"].items()}
    card.save(update_fields=["wishes"])
    note("card.loosened", card, actor, **payload["after"], begins=begins.isoformat())
    telling.changed(card, "loosened", instruction.id, begins=begins)
