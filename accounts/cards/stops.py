"""What else forbids every use of a customer's cards. The one hook: registered by other rooms, asked at each use."""

from collections.abc import Callable

from accounts import limits
from accounts.cards.errors import CardsStopped
from accounts.models import BranchCustomer
from wekeza_portal.registry import Registry

stops: Registry[Callable[[int], bool]] = Registry("stop of cards")
"""(users.user_id) -> whether this customer's cards are to be refused now. Asked under the lock on their cards, before a
use is approved and before a card is unfrozen; one query at most."""


def is_stopped(customer_id: int) -> bool:
    """Whether anything forbids this customer's cards as a whole, such as a freeze of everything."""
    return any(asks(customer_id) for _name, asks in stops.items())


def refuse_if_stopped(customer_id: int) -> None:
    """While everything stands still nobody gets another card either. Raises CardsStopped."""
    if is_stopped(customer_id):
        raise CardsStopped()


def refuse_opening(customer: BranchCustomer) -> None:
    """What lets a card do more, or shows its secrets, also waits until the cap after a way back in has ended.

    Raises CardsStopped, limits.JustBackIn.
    """
    refuse_if_stopped(customer.user_id)
    limits.refuse_just_back_in(customer)
