"""What a transfer costs, from the dated rows of the bank."""

from datetime import date

from accounts.models import Fee
from wekeza_portal import sql

_fees = sql.Rows(Fee)


def internal_fee(on: date) -> Fee:
    """The fee row in force on `on` (EAT date) for a transfer to somebody else's Wekeza account.

    LookupError when the bank has set none: a missing price must stop money, not make it free.
    """
    begins = sql.prepared(Fee._meta.get_field("effective_from"), on)
    newest = "code = %s AND effective_from <= %s ORDER BY effective_from DESC, id DESC LIMIT 1"
    for row in _fees.where(newest, [Fee.Code.INTERNAL_TRANSFER, begins]):
        return row
    raise LookupError(f"no INTERNAL_TRANSFER fee in force on {on}")
