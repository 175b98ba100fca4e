"""Standing orders while their customer has stopped everything: what is young is paused, the rest waits."""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Q

from accounts.freezing.state import freeze_of
from accounts.identity.links import fingerprint
from accounts.models import BranchCustomer
from transfers.models import StandingOrder
from transfers.standing import acts
from wekeza_portal import clock
from wekeza_portal.actors import system
from wekeza_portal.audit.services import record

State, Mode = StandingOrder.State, StandingOrder.Mode
YOUNG = timedelta(days=7)
"""An order set up or changed within this time before a stop may be the work of whoever the stop is to keep out."""


class Orders(NamedTuple):
    """What the page of a stop says of orders that pay by themselves."""

    paused: list[StandingOrder]
    """Young ones: they stay so until their customer resumes them."""
    waiting: list[StandingOrder]
    """They pay again once payments may leave again."""


def pause_young(customer_id: int) -> int:
    """Pause what pays by itself and is young, in the transaction that stops everything; how many."""
    rows = StandingOrder.objects.select_for_update().filter(
        customer_id=customer_id, state=State.ACTIVE, mode=Mode.PAY, authorized_at__gt=clock.now() - YOUNG
    )
    young = list(rows.order_by("pk"))
    for order in young:
        acts.give_up_waiting(order)
        order.state = State.PAUSED
        order.save(update_fields=["state"])
        subject = f"standing:{order.public_id}"
        record("standing.paused", actor=system("freeze"), customer_id=customer_id, subject=subject)
    return len(young)


def shown(customer: BranchCustomer) -> Orders | None:
    """None where nothing is stopped, or nothing pays by itself."""
    freeze = freeze_of(customer.user_id)
    if freeze is None:
        return None
    young = Q(state=State.PAUSED, authorized_at__gt=freeze.since - YOUNG)
    rows = StandingOrder.objects.filter(young | Q(state=State.ACTIVE), customer_id=customer.user_id, mode=Mode.PAY)
    own = list(rows.filter(fingerprint=fingerprint(customer)).order_by("pk"))
    found = Orders([row for row in own if row.state == State.PAUSED], [row for row in own if row.state == State.ACTIVE])
    return found if own else None
