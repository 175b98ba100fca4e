"""What cards give to the rest of the portal: called once, when the apps are ready."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.cards import (
    acts,
    authorising,
    checking,
    demo,
    kinds,
    papers,
    reports,
    staff,
    stops,
    trail,
    usepaper,
    working,
)
from accounts.freezing.state import freeze_of
from accounts.ledger import Kind, register_kind
from accounts.models import BranchCustomer, Card, CardSight, CardUse
from wekeza_portal import actors, registry
from wekeza_portal.documents.kinds import paper_kinds
from wekeza_portal.export import columns_of, labels, rows
from wekeza_portal.rails import cards as processor
from wekeza_portal.registry import Exporter, FreezeStop
from wekeza_portal.staff import switches


def register_all() -> None:
    register_kind(authorising.KIND, Kind(is_capped=True))
    for name, payment in kinds.PAYMENTS.items():
        register_kind(name, Kind())
        registry.instruction_kinds.register(name, payment)
    for name, act in kinds.ACTS.items():
        registry.instruction_kinds.register(name, act)
    stops.stops.register("freeze", lambda customer_id: freeze_of(customer_id) is not None)
    registry.freeze_stops.register("cards", FreezeStop(_freeze_all, "cards/frozen_with_all.html", _frozen_with_all))
    registry.question_handlers.register(processor.AUTHORISE, authorising.answer)
    registry.callback_handlers.register(processor.REPORT, reports.HANDLER)
    registry.waiting_steps.register("cards", working.work)
    registry.ledger_checks.register("cards", checking.differences)
    registry.money_trails.register("cards", trail.TRAIL)
    registry.message_links.register("card", _("See the card"))
    registry.demo_seeders.register("98-cards", demo.seed)
    registry.exporters.register("cards", Exporter(labels([Card, CardUse]), _exported))
    paper_kinds.register(papers.RECEIPT, papers.receipt_kind())
    paper_kinds.register(usepaper.CARD_USES, usepaper.uses_kind())
    switches.guarded(switches.CARDS)
    staff.register_kind()


def _freeze_all(customer_id: int) -> int:
    return acts.freeze_all(customer_id, actor=actors.system("freeze"))


def _frozen_with_all(customer: BranchCustomer) -> int | None:
    """How many cards stand still while everything is stopped; None without any."""
    if freeze_of(customer.user_id) is None:
        return None
    return Card.objects.filter(customer_id=customer.user_id, frozen_at__isnull=False).count() or None


def _exported(customer: BranchCustomer) -> dict[str, Any]:
    """Without the processor's tokens: they name the card to whoever holds them."""
    own = Card.objects.filter(customer_id=customer.user_id, ordered_at__gte=customer.created_at)
    uses = CardUse.objects.filter(card__in=own)
    return {
        "cards": rows(own, *columns_of(Card, "token", "due_at", "customer_id")),
        "uses": rows(uses, *columns_of(CardUse, "digest", "processor_id", "customer_id")),
        "looks_at_secrets": rows(CardSight.objects.filter(card__in=own), "card_id", "what", "used_at"),
    }
