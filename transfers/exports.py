"""The customer's data in the tables of transfers, for the export."""

from typing import Any

from accounts.models import BranchCustomer
from transfers.models import KnownPayee, Payment, SavedPayee
from wekeza_portal.export import columns_of, labels, rows
from wekeza_portal.registry import Exporter, exporters, not_exported


def register_all() -> None:
    exporters.register("payments_out", Exporter(labels([Payment]), _payments))
    exporters.register("payees", Exporter(labels([SavedPayee, KnownPayee]), _payees))
    not_exported.register(
        "transfers.RailId", "Other companies' numbers of payments, which stand in the payments themselves."
    )
    not_exported.register("transfers.PayeeLookup", "Only digests, to count how many strangers were looked up.")


def _payments(customer: BranchCustomer) -> list[dict[str, Any]]:
    """Without the tokens of meters: a secret worth money, shown on the payment's own page."""
    return rows(Payment.objects.filter(customer_id=customer.user_id), *columns_of(Payment, "token"))


def _payees(customer: BranchCustomer) -> dict[str, Any]:
    return {
        model._meta.model_name or "": rows(
            model._default_manager.filter(customer_id=customer.user_id), *columns_of(model)
        )
        for model in (SavedPayee, KnownPayee)
    }
