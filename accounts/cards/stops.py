"""What else forbids every use of a customer's cards. The one hook: registered by other rooms, asked at each use."""

from collections.abc import Callable

from wekeza_portal.registry import Registry

stops: Registry[Callable[[int], bool]] = Registry("stop of cards")
"""(users.user_id) -> whether this customer's cards are to be refused now. Asked under the lock on their cards, before a
use is approved and before a card is unfrozen; one query at most."""


def is_stopped(customer_id: int) -> bool:
    """Whether anything forbids this customer's cards as a whole, such as a freeze of everything."""
    return any(asks(customer_id) for _name, asks in stops.items())
