"""Whether what leaves a customer is stopped, as the rows stand now."""

from accounts.freezing.errors import Frozen
from accounts.models import Freeze
from wekeza_portal import sql

_rows = sql.Rows(Freeze)


def freeze_of(customer_id: int) -> Freeze | None:
    """The stop that lasts; None without one. One query by a unique key."""
    return next(iter(_rows.where("open_for = %s", [customer_id])), None)


def refuse_if_frozen(customer_id: int) -> None:
    """Raises Frozen while a stop lasts.

    Asked with the paying account locked, this is the last word: the stop is written under the lock of all the
    customer's accounts, so a payment that finds none was there before it.
    """
    freeze = freeze_of(customer_id)
    if freeze is not None:
        raise Frozen(freeze)


def notice_of(customer_id: int) -> str:
    """Why nothing can leave this customer now, in the active language; empty while nothing is stopped."""
    freeze = freeze_of(customer_id)
    return str(Frozen(freeze)) if freeze is not None else ""
