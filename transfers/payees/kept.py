"""What stands in the way of paying a kept payee: another name, another owner, the customer's own limit."""

from decimal import Decimal

from accounts.models import BranchCustomer, Instruction
from transfers.errors import AboveOwnLimit, NameChanged, OwnerChanged
from transfers.models import SavedPayee
from transfers.payees.guards import guard_key
from transfers.rules import same_name
from wekeza_portal import clock
from wekeza_portal.money import format_kes


def refuse_above_own_limit(customer_id: int, payee_key: str, amount: Decimal) -> None:
    """Raises AboveOwnLimit for more than the customer's own limit of one payment to this person, over any of their
    wallets and accounts that are kept."""
    if not payee_key:
        return
    rows = SavedPayee.objects.filter(customer_id=customer_id, guard_key=guard_key(payee_key), own_limit__isnull=False)
    lowest = min((row.own_limit for row in rows if row.own_limit is not None), default=None)
    if lowest is not None and amount > lowest:
        raise AboveOwnLimit(limit=format_kes(lowest))


def refuse_if_named_otherwise(customer_id: int, payee_key: str) -> None:
    """Raises NameChanged where the rail named somebody else when the last payment arrived: some give no name before."""
    row = SavedPayee.objects.filter(customer_id=customer_id, payee_key=payee_key).exclude(renamed_to="").first()
    if row is not None:
        raise NameChanged(before=row.confirmed_name, now=row.renamed_to)


def note_name(instruction: Instruction, name: str) -> None:
    """A payment has arrived, and the rail says at whom: that confirms a kept payee, or stops the next payment to it.

    In the transaction that settles. Nothing where the rail names nobody.
    """
    rows = SavedPayee.objects.select_for_update().filter(customer_id=instruction.customer_id)
    row = rows.filter(payee_key=instruction.payee_key).first() if name else None
    if row is None:
        return
    if not row.confirmed_name:
        row.confirmed_name, row.confirmed_at = name[:100], clock.now()
        row.save(update_fields=["confirmed_name", "confirmed_at"])
    elif not same_name(row.confirmed_name, name):
        row.renamed_to = name[:100]
        row.save(update_fields=["renamed_to"])


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
    if not same_name(row.confirmed_name, name):
        raise NameChanged(before=row.confirmed_name, now=name)
