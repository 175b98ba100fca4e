"""The customer's data in the tables of transfers, for the export."""

from typing import Any

from accounts.models import BranchCustomer
from transfers.models import (
    BlockedAsker,
    Deposit,
    Incoming,
    KnownPayee,
    MoneyRequest,
    Payment,
    PaymentFile,
    PaymentFileRow,
    SavedPayee,
    ScamPause,
    StandingOrder,
    StandingRun,
)
from wekeza_portal.export import columns_of, labels, rows
from wekeza_portal.registry import Exporter, exporters, not_exported


def register_all() -> None:
    exporters.register("payments_out", Exporter(labels([Payment]), _payments))
    exporters.register("deposits_by_phone", Exporter(labels([Deposit, Incoming]), _deposits))
    exporters.register("payees", Exporter(labels([SavedPayee, KnownPayee, ScamPause]), _payees))
    exporters.register("standing_orders", Exporter(labels([StandingOrder, StandingRun]), _standing_orders))
    exporters.register("payment_files", Exporter(labels([PaymentFile, PaymentFileRow]), _files))
    exporters.register("requests_for_money", Exporter(labels([MoneyRequest, BlockedAsker]), _requests))
    not_exported.register(
        "transfers.RailId", "Other companies' numbers of payments, which stand in the payments themselves."
    )
    not_exported.register("transfers.PayeeLookup", "Only digests, to count how many strangers were looked up.")


def _payments(customer: BranchCustomer) -> list[dict[str, Any]]:
    """Without the tokens of meters: a secret worth money, shown on the payment's own page."""
    return rows(Payment.objects.filter(customer_id=customer.user_id), *columns_of(Payment, "token"))


def _deposits(customer: BranchCustomer) -> dict[str, Any]:
    """What was asked for, and what came in."""
    return {
        "asked_for": rows(Deposit.objects.filter(customer_id=customer.user_id), *columns_of(Deposit)),
        "received": rows(Incoming.objects.filter(customer_id=customer.user_id), *columns_of(Incoming)),
    }


def _payees(customer: BranchCustomer) -> dict[str, Any]:
    return {
        model._meta.model_name or "": rows(
            model._default_manager.filter(customer_id=customer.user_id), *columns_of(model)
        )
        for model in (SavedPayee, KnownPayee, ScamPause)
    }


def _standing_orders(customer: BranchCustomer) -> dict[str, Any]:
    """Without the digests that guard them."""
    runs = StandingRun.objects.filter(order__customer_id=customer.user_id)
    orders = StandingOrder.objects.filter(customer_id=customer.user_id)
    return {
        "orders": rows(orders, *columns_of(StandingOrder, "fingerprint", "content_hash")),
        "dates": rows(runs, *columns_of(StandingRun)),
    }


def _requests(customer: BranchCustomer) -> dict[str, Any]:
    """What was asked, without what would tell the asker whose a number is or that somebody said no."""
    told = ("to_account", "payer_number", "amount", "note", "created_at", "expires_at")
    asked_of = MoneyRequest.objects.filter(payer_id=customer.user_id)
    return {
        "asked_by_you": rows(MoneyRequest.objects.filter(asker_id=customer.user_id), *told),
        "asked_of_you": rows(asked_of, "amount", "note", "state", "created_at", "ended_at", "instruction_id"),
        "not_to_ask_you": rows(BlockedAsker.objects.filter(customer_id=customer.user_id), "created_at"),
    }


def _files(customer: BranchCustomer) -> dict[str, Any]:
    told = columns_of(PaymentFileRow, "payee_key", "content_hash")
    return {
        "files": rows(
            PaymentFile.objects.filter(customer_id=customer.user_id),
            *columns_of(PaymentFile, "claimed_until", "fingerprint"),
        ),
        "rows": rows(PaymentFileRow.objects.filter(file__customer_id=customer.user_id), *told),
    }
