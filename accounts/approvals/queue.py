"""One row in the branch's `authorization_queue`, written so that the branch's software can read all of it.

Source: the branch's maker-checker protocol. Its reader tries JSON and falls back to evaluating the text as Python, so
`operation_data` stays inside what both read alike: numbers, double-quoted strings, 1/0 for yes and no, nothing null.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import simplejson
from django.db import IntegrityError, transaction

from accounts.models import AuthorizationItem, BranchCustomer
from wekeza_portal import clock
from wekeza_portal.identifiers import CROCKFORD
from wekeza_portal.money import ZERO, exact

TYPES = frozenset({"LOAN_APPLICATION", "LOAN_RESTRUCTURING", "CLAIMS_PROCESSING", "ACCOUNT_MAINTENANCE", "OTHER"})
"""All that the portal ever asks the branch for. Nothing the branch would pay out by itself is among them."""
LARGEST_DATA = 60_000
"""Bytes; the branch's column holds 65,535."""
MOST_TRIES = 5
BRANCH = "ONLINE"


@dataclass(frozen=True, slots=True)
class Item:
    """What goes into the queue. `data` becomes operation_data, `amount` (KES) is for display and priority only."""

    transaction_type: str
    data: Mapping[str, Any]
    description: str
    amount: Decimal = ZERO
    reference_id: str = ""


def maker_of(customer: BranchCustomer) -> str:
    """Whose request it is, in the branch's way; compared whole, never by LIKE."""
    return f"CUSTOMER_{customer.user_id}"


def write(customer: BranchCustomer, item: Item) -> AuthorizationItem:
    """Put one PENDING row into the queue, in the caller's transaction.

    ValueError for a type that is not ours to ask for, or data the branch could not read.
    """
    if item.transaction_type not in TYPES:
        raise ValueError(f"the portal does not queue {item.transaction_type}")
    data = operation_data(item.data)
    for attempt in range(1, MOST_TRIES + 1):
        row = _row(customer, item, data)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            if attempt == MOST_TRIES or not AuthorizationItem.objects.filter(queue_id=row.queue_id).exists():
                raise
        else:
            return row
    raise AssertionError("unreachable")


def operation_data(data: Mapping[str, Any]) -> str:
    """Strict JSON with amounts as numbers. ValueError for floats, what is not finite, or more than fits the column."""
    text = simplejson.dumps(_readable(data), use_decimal=True, allow_nan=False, ensure_ascii=False)
    if len(text.encode()) > LARGEST_DATA:
        raise ValueError("operation_data does not fit the branch's column")
    return str(text)


def priority(transaction_type: str, amount: Decimal) -> str:
    """How urgent the branch's own portals make a customer's request of this kind and size (KES)."""
    if transaction_type == "CLAIMS_PROCESSING":
        return "URGENT" if amount > 500_000 else "HIGH"
    if transaction_type == "LOAN_APPLICATION":
        return "HIGH" if amount > 100_000 else "MEDIUM"
    if amount > 1_000_000:
        return "URGENT"
    return "HIGH" if amount > 100_000 else "MEDIUM"


def new_queue_id() -> str:
    """AQ, the date, ten random characters: 20 in all, as many as fit (the branch's own six collide within a day)."""
    return f"AQ{clock.today():%Y%m%d}" + "".join(secrets.choice(CROCKFORD) for _ in range(10))


def _row(customer: BranchCustomer, item: Item, data: str) -> AuthorizationItem:
    queue_id = new_queue_id()
    return AuthorizationItem(
        queue_id=queue_id,
        transaction_type=item.transaction_type,
        reference_id=item.reference_id or queue_id,
        maker_id=maker_of(customer),
        maker_name=f"Customer Self-Service - {customer.full_name}"[:255],
        amount=exact(item.amount),
        description=item.description,
        branch_code=BRANCH,
        status=AuthorizationItem.Status.PENDING,
        priority=priority(item.transaction_type, item.amount),
        operation_data=data,
        created_at=clock.now(),
    )


def _readable(value: Any) -> Any:
    """The same value within what JSON and Python's literals share: yes and no as 1 and 0, nothing that is null."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Mapping):
        return {str(name): _readable(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_readable(inner) for inner in value if inner is not None]
    if isinstance(value, Decimal) and value.is_finite():
        return exact(value)
    if isinstance(value, int | str):
        return value
    raise ValueError(f"the branch can't read {type(value).__name__} in operation_data")
