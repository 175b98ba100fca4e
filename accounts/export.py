"""Everything the bank holds on one customer, as data: access and portability (Data Protection Act 2019, s. 26, 38)."""

from typing import Any

from accounts.models import BranchCustomer
from wekeza_portal import clock
from wekeza_portal.export import plain
from wekeza_portal.registry import exporters, not_exported


def export_of(customer: BranchCustomer) -> dict[str, Any]:
    """JSON-able: when it was made, then one entry for each exporter, then what is left out and why.

    Amounts are KES as texts, times are Nairobi's. Holds the whole of it in memory: for one customer at a time.
    """
    return {
        "customer": customer.user_id,
        "made_at": plain(clock.now()),
        "data": {name: exporter.of(customer) for name, exporter in exporters.items()},
        "left_out": dict(not_exported.items()),
    }
