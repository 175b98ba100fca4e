"""What pages show of a customer's cards. Every query is scoped to the customer it is given."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts.cards import rules, wording
from accounts.cards.authorising import together
from accounts.cards.rules import Channel, Standing
from accounts.models import Branch, BranchCustomer, Card, CardUse
from wekeza_portal import clock

PAGE = 25


@dataclass(frozen=True, slots=True)
class CardLine:
    """A card as its owner sees it."""

    card: Card
    standing: Standing
    controls: rules.Controls
    waiting: dict[str, tuple[Any, datetime]]

    @property
    def kind_words(self) -> Any:
        return wording.KINDS[self.card.kind]

    @property
    def words(self) -> wording.Words:
        brought = wording.BY_COURIER if self.card.delivered_to else {}
        return brought.get(self.standing, wording.STANDINGS[self.standing])

    @property
    def state_words(self) -> Any:
        return self.words.word

    @property
    def tone(self) -> str:
        return self.words.tone

    @property
    def help_words(self) -> Any:
        return self.words.help

    @property
    def is_over(self) -> bool:
        return rules.is_over(self.standing)

    @property
    def can_be_frozen(self) -> bool:
        return not self.is_over and self.card.frozen_at is None and self.card.blocked_at is None

    @property
    def can_be_unfrozen(self) -> bool:
        return self.standing is Standing.FROZEN

    @property
    def can_be_activated(self) -> bool:
        return self.standing is Standing.ARRIVED

    @property
    def works(self) -> bool:
        return self.standing is Standing.ACTIVE

    @property
    def is_on_its_way(self) -> bool:
        return self.standing in {Standing.ORDERED, Standing.MAKING, Standing.SENT, Standing.ARRIVED}

    @property
    def can_be_replaced(self) -> bool:
        return self.standing in {Standing.LOST, Standing.STOLEN} and not hasattr(self.card, "replaced_by")

    @property
    def steps(self) -> list[tuple[Any, datetime | None]]:
        """How far a card is that was ordered: words, and when that was."""
        card = self.card
        if card.kind == Card.Kind.VIRTUAL:
            return []
        times = (card.ordered_at, card.made_at, card.sent_at, card.arrived_at, card.activated_at)
        steps = wording.COURIER_STEPS if card.delivered_to else wording.STEPS
        return list(zip(steps, times, strict=True))


@dataclass(frozen=True, slots=True)
class UsePage:
    """Uses newest first; `older` is the cursor of the next page, None on the last one."""

    uses: list[CardUse]
    older: uuid.UUID | None


def cards_of(customer: BranchCustomer) -> list[CardLine]:
    """The customer's cards, those that work or will first, the newest of each before."""
    rows = _own(customer).select_related("replaced_by").order_by("-ordered_at", "pk")
    lines = [line_of(row) for row in rows]
    return sorted(lines, key=lambda line: line.is_over)


def card_for(customer: BranchCustomer, card_id: uuid.UUID) -> CardLine:
    """One of them; Http404 for anybody else's and none."""
    row = _own(customer).select_related("replaced_by").filter(pk=card_id).first()
    if row is None:
        raise Http404
    return line_of(row)


def line_of(card: Card) -> CardLine:
    now = clock.now()
    standing = rules.standing_of(card, clock.today())
    return CardLine(card, standing, rules.controls_at(card, now), rules.waiting_at(card, now))


def uses_of(card: Card, before: uuid.UUID | None = None, most: int = PAGE, since: datetime | None = None) -> UsePage:
    """What was done with a card, newest first, below the one named by `before`; nothing from before `since`."""
    rows = CardUse.objects.filter(card=card).order_by("-id")
    if since is not None:
        rows = rows.filter(at__gte=since)
    if before is not None:
        edge = CardUse.objects.filter(card=card, public_id=before).values_list("pk", flat=True).first()
        rows = rows.filter(pk__lt=edge or 0)
    found = list(rows[: most + 1])
    return UsePage(found[:most], found[most - 1].public_id if len(found) > most else None)


def cash_today(customer: BranchCustomer, card: Card) -> Decimal:
    """KES taken with this card at cash machines today (Nairobi)."""
    today = CardUse.objects.filter(
        customer_id=customer.user_id, business_date=clock.today(), channel=Channel.ATM, card=card
    )
    return together(today)


def branches() -> list[Branch]:
    """Where cards can be collected."""
    return list(Branch.objects.filter(is_active=True).order_by("branch_name"))


def branch_name(code: str) -> str:
    """The branch's name, its code where the branch has no such row any more."""
    return Branch.objects.filter(branch_code=code).values_list("branch_name", flat=True).first() or code


def _own(customer: BranchCustomer) -> QuerySet[Card]:
    """Rows older than the branch's own row of this person were a former customer's, whose id was given again."""
    return Card.objects.filter(customer_id=customer.user_id, ordered_at__gte=customer.created_at)
