"""Who stands behind a request, for the ledger and the audit trail."""

from django.http import HttpRequest

from wekeza_portal.actors import Actor
from wekeza_portal.ratelimit import client_address


def actor_from(request: HttpRequest) -> Actor:
    """The signed-in customer, or an anonymous one with an address, as the actor of this request."""
    customer = getattr(request, "customer", None)
    user = getattr(request, "user", None)
    return Actor(
        kind="customer",
        id=str(user.pk) if user is not None and user.is_authenticated else "",
        customer_id=customer.user_id if customer is not None else None,
        request_id=getattr(request, "request_id", ""),
        ip=client_address(request),
    )
