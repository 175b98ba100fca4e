"""Every look a member of staff takes at a customer is written down."""

from django.http import HttpRequest

from wekeza_portal.audit.services import record
from wekeza_portal.staff.door import actor_from


def record_view(request: HttpRequest, customer_id: int | None, what: str) -> None:
    """Record "staff.viewed": who looked at which customer's data. `what` names it, as "accounts.account:17".

    Nothing for rows that are nobody's: None, or the bank's own number for that, which is negative.
    """
    if customer_id is not None and customer_id > 0:
        record("staff.viewed", actor=actor_from(request), customer_id=customer_id, subject=what[:80])
