"""What a transfer costs, from the dated rows of the bank."""

from datetime import date

from accounts.models import Fee


def internal_fee(on: date) -> Fee:
    """The fee row in force on `on` (EAT date) for a transfer to somebody else's Wekeza account.

    LookupError when the bank has set none: a missing price must stop money, not make it free.
    """
    rows = Fee.objects.filter(code=Fee.Code.INTERNAL_TRANSFER, effective_from__lte=on)
    row = rows.order_by("-effective_from", "-id").first()
    if row is None:
        raise LookupError(f"no INTERNAL_TRANSFER fee in force on {on}")
    return row
