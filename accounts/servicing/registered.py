"""What services give to the rest of the portal: called once, when the apps are ready."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.identity.links import fingerprint
from accounts.ledger import Kind, register_kind
from accounts.models import ApprovalRequest, BankLetter, BranchCustomer, ServiceDone
from accounts.servicing import checking, demo, doing, kinds, letters, papers, ties
from wekeza_portal import registry
from wekeza_portal.documents.kinds import paper_kinds
from wekeza_portal.export import columns_of, labels, rows
from wekeza_portal.registry import Exporter
from wekeza_portal.staff import switches


def register_all() -> None:
    doing.register()
    register_kind(letters.KIND, Kind(is_capped=True))
    registry.instruction_kinds.register(letters.KIND, kinds.PAYMENT)
    registry.ledger_checks.register("letters", checking.differences)
    registry.account_ties.register("cards", ties.CARDS)
    registry.exporters.register("services", Exporter(labels([BankLetter, ServiceDone]), _exported))
    registry.demo_seeders.register("97-services", demo.seed)
    registry.message_links.register("letter", _("See the letter"))
    paper_kinds.register(papers.LETTER, papers.letter_kind())
    paper_kinds.register(papers.RECEIPT, papers.receipt_kind())
    switches.guarded(switches.SERVICES)


def _exported(customer: BranchCustomer) -> dict[str, Any]:
    """Letters, and when a service that was asked for was given; who of the staff it was is the bank's to know."""
    own = BankLetter.objects.filter(customer_id=customer.user_id, fingerprint=fingerprint(customer))
    asked = ApprovalRequest.objects.filter(customer=customer, created_at__gte=customer.created_at)
    given = ServiceDone.objects.filter(request__in=asked)
    return {
        "letters": rows(own, *columns_of(BankLetter, "customer_id", "fingerprint")),
        "services_given": rows(given, "request_id", "at"),
    }
