"""Orders of a test's own, set up through the same door as the customer's, and time that passes."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts import instructions
from accounts.models import Account, Instruction
from transfers.models import StandingOrder
from transfers.standing import setting
from transfers.standing import what as whats
from transfers.standing.setting import Plan
from transfers.tests.support import as_actor, owner_of, say_own_idea
from wekeza_portal import clock

TOMORROW = timedelta(days=1)


def plan(**changes: Any) -> Plan:
    """Monthly from tomorrow on, paid, without end."""
    values: dict[str, Any] = {
        "rhythm": "MONTHLY",
        "begins": clock.today() + TOMORROW,
        "until": None,
        "times": None,
        "on_holiday": "SAME",
        "mode": "PAY",
    }
    return Plan(**{**values, **changes})


def draft(sender: Account, receiver: Account, amount: str = "500.00", **changes: Any) -> Instruction:
    customer = owner_of(sender)
    what = whats.transfer(
        customer,
        from_number=sender.account_number,
        to_number=receiver.account_number,
        amount=Decimal(amount),
        note="Rent",
        actor=as_actor(customer),
    )
    return setting.prepare(customer, what, plan(**changes))


def confirm(instruction: Instruction, sender: Account) -> StandingOrder:
    """Set up with a code, after "it is my own idea" where that is asked."""
    customer = owner_of(sender)
    say_own_idea(instruction)
    instructions.approve(customer=customer, instruction_id=instruction.id)
    instructions.confirm(customer=customer, instruction_id=instruction.id, actor=as_actor(customer))
    return StandingOrder.objects.get(public_id=instruction.payload["order"] or instruction.id)


def an_order(sender: Account, receiver: Account, amount: str = "500.00", **changes: Any) -> StandingOrder:
    """A standing order that was confirmed with a code."""
    return confirm(draft(sender, receiver, amount, **changes), sender)


def made_of(order: StandingOrder) -> list[tuple[date, str]]:
    """What came of its dates so far."""
    return [(run.nominal, run.state) for run in order.runs.order_by("nominal")]


def of_old(order: StandingOrder) -> StandingOrder:
    """As if it had been set up ten days ago: long before any stop."""
    long_ago = order.created_at - timedelta(days=10)
    order.created_at = order.authorized_at = long_ago
    order.save(update_fields=["created_at", "authorized_at"])
    return order
