"""What the customer said about data and terms, for the export."""

from typing import Any

from accounts.identity import links
from accounts.models import BranchCustomer, Consent, DataRequest, TermsAcceptance, User
from wekeza_portal.export import columns_of, labels, rows
from wekeza_portal.registry import Exporter, exporters


def register_all() -> None:
    exporters.register("privacy", Exporter(labels([Consent, DataRequest, TermsAcceptance]), _privacy))


def _privacy(customer: BranchCustomer) -> dict[str, Any]:
    consents, asked = (
        Consent.objects.filter(customer_id=customer.user_id),
        DataRequest.objects.filter(customer_id=customer.user_id),
    )
    if customer.created_at:  # what is older was a former customer's, whose id was given again
        consents, asked = consents.filter(at__gte=customer.created_at), asked.filter(made_at__gte=customer.created_at)
    own = [user.pk for user in User.objects.filter(customer=customer) if links.link_is_intact(user, customer)]
    accepted = TermsAcceptance.objects.filter(user_id__in=own)
    return {
        "consents": rows(consents, "purpose", "is_given", "text__version", "at", "how", "ip"),
        "requests": rows(asked, *columns_of(DataRequest, "customer_id", "claimed_by", "answered_by", "figure_id")),
        "terms": rows(accepted, "text__version", "accepted_at", "language", "ip", "user_agent"),
    }
