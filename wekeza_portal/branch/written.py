"""Every branch column the portal writes. docs/branch-columns.md says who and why; a test keeps the two together."""

from collections.abc import Mapping

WRITTEN: Mapping[str, frozenset[str]] = {
    "accounts": frozenset({"balance"}),
    "transactions": frozenset(
        {"transaction_id", "account_id", "txn_type", "amount", "reference_code", "description", "created_at"}
    ),
    "users": frozenset({"password_hash"}),
}
WRITTEN_IF_THERE: Mapping[str, frozenset[str]] = {"users": frozenset({"updated_at"})}
"""Columns that one lineage lacks, written by `introspection.stamp_updated_at` where they are."""
INSERTED: frozenset[str] = frozenset({"transactions"})
"""Tables into which the portal inserts rows: an unknown column there that demands a value would stop it."""
