"""What staff do about a card: block it, one person and at once; unblock it, two."""

import uuid

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.cards import rules, telling
from accounts.cards.acts import note
from accounts.cards.authorising import lock_cards
from accounts.cards.errors import CardIsOver, CardRefused
from accounts.models import Card
from wekeza_portal import clock
from wekeza_portal.actors import Actor, system
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

UNBLOCK = "card_unblock"
PROPOSE, APPROVE = "accounts.propose_card_unblock", "accounts.approve_card_unblock"


class NotBlocked(CardRefused):
    code = "card_not_blocked"
    message = gettext_lazy("The bank has not blocked this card.")


@transaction.atomic
def block(card_id: uuid.UUID, *, reason: str, actor: Actor) -> None:
    """Block a card at once: one person is enough to make something safer. Raises Http404, CardIsOver."""
    card = _locked(card_id)
    if rules.is_over(rules.standing_of(card, clock.today())):
        raise CardIsOver()
    if card.blocked_at is not None:
        return
    card.blocked_at = clock.now()
    card.save(update_fields=["blocked_at"])
    note("card.blocked", card, actor, reason=reason)
    telling.changed(card, "blocked", uuid.uuid4())


def _locked(card_id: uuid.UUID) -> Card:
    owner = Card.objects.filter(pk=card_id).values_list("customer_id", flat=True).first()
    for card in lock_cards(owner) if owner is not None else []:
        if card.pk == card_id:
            return card
    raise Http404


def _refuse_unless_blocked(payload: Payload) -> None:
    card = Card.objects.filter(pk=payload["card"]).first()
    if card is None or card.blocked_at is None:
        raise NotBlocked()


def _describe(payload: Payload) -> str:
    return _("Unblock card ...%(four)s of customer %(customer)s") % payload


def _unblock(proposal: Proposal) -> None:
    card = _locked(uuid.UUID(proposal.payload["card"]))
    if card.blocked_at is None:
        raise NotBlocked()
    card.blocked_at = None
    card.save(update_fields=["blocked_at"])
    note("card.unblocked", card, system("proposals"), proposal=str(proposal.pk), by=proposal.decided_by_code)
    telling.changed(card, "unblocked", proposal.pk)


def register_kind() -> None:
    """Once, when the apps are ready."""
    proposals.kinds.register(
        UNBLOCK,
        ProposalKind(
            title=gettext_lazy("Unblock a card"),
            make_permission=PROPOSE,
            check_permission=APPROVE,
            describe=_describe,
            refuse_if_wrong=_refuse_unless_blocked,
            apply=_unblock,
        ),
    )
