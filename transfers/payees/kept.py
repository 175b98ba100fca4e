"""What stands in the way of paying a kept payee: another name, another owner, the customer's own limit."""

from decimal import Decimal

from accounts.models import BranchCustomer
from transfers.errors import AboveOwnLimit, NameChanged, OwnerChanged
from transfers.models import SavedPayee
from transfers.payees.guards import guard_key
from wekeza_portal.money import format_kes


def refuse_above_own_limit(customer_id: int, payee_key: str, amount: Decimal) -> None:
    """Raises AboveOwnLimit for more than the customer's own limit of one payment to this person, over any of their
    wallets and accounts that are kept."""
    if not payee_key:
        return
    rows = SavedPayee.objects.filter(customer_id=customer_id, guard_key=guard_key(payee_key), own_limit__isnull=False)
    lowest = min(rows.values_list("own_limit", flat=True), default=None)
    if lowest is not None and amount > lowest:
        raise AboveOwnLimit(limit=format_kes(lowest))


def refuse_if_renamed(customer: BranchCustomer, payee_key: str, name: str) -> None:
    """Raises NameChanged where the other side names somebody else than when the payee was kept."""
    row = SavedPayee.objects.filter(customer_id=customer.user_id, payee_key=payee_key).first()
    _refuse_another_name(row, name)


def refuse_unless_the_same(customer: BranchCustomer, number: str, payee_key: str, masked: str) -> None:
    """Likewise for a Wekeza account, which is also known by its owner: the branch gives numbers out again.

    Raises OwnerChanged or NameChanged.
    """
    if not payee_key:
        return
    rows = SavedPayee.objects.filter(customer_id=customer.user_id, payee_key__startswith=f"wekeza:{number}:")
    for row in rows:
        if row.payee_key != payee_key:
            raise OwnerChanged()
        _refuse_another_name(row, masked)


def _refuse_another_name(row: SavedPayee | None, name: str) -> None:
    if row is None or not row.confirmed_name or not name:
        return
    if row.confirmed_name.casefold().split() != name.casefold().split():
        raise NameChanged(before=row.confirmed_name, now=name)
