"""Every branch column the portal writes. docs/branch.md says who and why; a test keeps the two together."""

from collections.abc import Mapping

WRITTEN: Mapping[str, frozenset[str]] = {
    "accounts": frozenset({"balance"}),
    "transactions": frozenset(
        {"transaction_id", "account_id", "txn_type", "amount", "reference_code", "description", "created_at"}
    ),
    "authorization_queue": frozenset(
        {
            "queue_id",
            "transaction_type",
            "reference_id",
            "maker_id",
            "maker_name",
            "amount",
            "description",
            "branch_code",
            "status",
            "priority",
            "operation_data",
            "created_at",
            "approved_by",
            "approved_at",
            "rejection_reason",
        }
    ),
    "users": frozenset({"password_hash", "email", "phone_number"}),
}
WRITTEN_IF_THERE: Mapping[str, frozenset[str]] = {"users": frozenset({"updated_at"})}
"""Columns that one lineage lacks, written by `introspection.stamp_updated_at` where they are."""
INSERTED: frozenset[str] = frozenset({"transactions", "authorization_queue"})
"""Tables into which the portal inserts rows: an unknown column there that demands a value would stop it."""
