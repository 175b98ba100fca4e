"""Between deposits and M-Pesa's client: the prompt as M-Pesa wants it. Outside any transaction."""

from collections.abc import Callable

from transfers.models import Deposit, Incoming
from wekeza_portal.rails import mpesa
from wekeza_portal.rails.base import Order, Outcome, Rail

prompts: Rail = mpesa.Prompts()


def send(deposit: Deposit, may_leave: Callable[[], bool] | None = None) -> Outcome:
    """Ask the phone for the PIN, unless `may_leave` says no when all is ready."""
    return prompts.send(_order(deposit, may_leave))


def enquire(deposit: Deposit) -> Outcome:
    """What became of the prompt, which M-Pesa knows by an id of its own."""
    return prompts.enquire(_order(deposit), {"checkout": deposit.checkout or ""})


def give_back(row: Incoming) -> Outcome:
    """Ask M-Pesa to give it back to who paid. Its receipt is M-Pesa's own key against doing it twice."""
    order = Order(id=row.pk, reference=row.reference, amount=row.amount, destination={})
    return mpesa.reverse(order, row.receipt or "")


def _order(deposit: Deposit, may_leave: Callable[[], bool] | None = None) -> Order:
    destination = {"phone": deposit.msisdn}
    return Order(deposit.pk, deposit.reference, deposit.amount, destination, may_leave=may_leave)
