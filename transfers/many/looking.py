"""What is wrong with the rows of a file, all of it at once: whatever takes no money and no question to others.

What is left for later hangs on others or on the account of the day: names, balance, limits.
"""

from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import BranchCustomer
from transfers import services
from transfers.many import strangers
from transfers.many.rows import Order, faults_of, order_of, refusal_of
from transfers.outside import preparing
from transfers.outside.preparing import Wish
from wekeza_portal.actors import Actor

Table = list[tuple[int, dict[str, str]]]


def problems(table: Table, customer: BranchCustomer, from_number: str, actor: Actor) -> dict[int, str]:
    """All that is wrong with each row that is wrong, by its number, in the active language.

    `from_number` is an account of the customer's that can pay; "" where another was chosen, which is said elsewhere.
    """
    seen: dict[tuple[str, Decimal], int] = {}
    found: dict[int, str] = {}
    for number, typed in table:
        words = faults_of(typed)
        if not words:
            order = order_of(typed)
            words = [_repeated(order, number, seen), strangers.missing_name(customer, order.to_number, order.name)]
            words += [_refused(order, customer, from_number, actor)] if from_number else []
        if said := " ".join(dict.fromkeys(word for word in words if word)):
            found[number] = said
    return found


def _repeated(order: Order, number: int, seen: dict[tuple[str, Decimal], int]) -> str:
    first = seen.setdefault((order.key, order.amount), number)
    return (
        "" if first == number else _("The same payment stands in row %(first)s. Put both into one.") % {"first": first}
    )


def _refused(order: Order, customer: BranchCustomer, from_number: str, actor: Actor) -> str:
    """What the bank's own rules say against it: services that are off, bounds, whole shillings, the payee's limit."""
    if order.destination is not None:
        wish = Wish(from_number, order.destination, order.amount, order.note, order.name)
        return refusal_of(lambda: preparing.possible_source(customer, wish, actor=actor))
    return refusal_of(
        lambda: services.possible_source(
            customer, from_number, order.to_number, amount=order.amount, note=order.note, actor=actor
        )
    )
