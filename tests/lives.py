"""A payment out of the bank in every state it can be in, made as the worker makes them: claimed, sent, answered."""

from decimal import Decimal

from accounts import instructions
from accounts.models import Account, Instruction
from transfers import destinations
from transfers.destinations import Destination
from transfers.models import Broker, Payment
from transfers.outside import working
from transfers.outside.preparing import Wish, prepare_payment
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.rails.base import Outcome, Status

PAID = Outcome(Status.PAID, receipt="SKQ4XYZ123")
REFUSED = Outcome(Status.REFUSED, code="17", customer="wrong_account")
TAKEN = Outcome(Status.ACCEPTED)
SILENT = Outcome(Status.UNKNOWN, code="ReadTimeout")
STATES: dict[str, tuple[str, bool]] = {
    "moving": ("RECEIVED", False),
    "held": ("RECEIVED", False),
    "taken": ("SENT", False),
    "unknown": ("UNKNOWN", False),
    "with_staff": ("UNKNOWN", True),
    "arrived": ("SETTLED", False),
    "by_phone": ("SETTLED", False),
    "returned": ("RETURNED", False),
}
"""By name: the state it ends in, and whether people have to look at it."""


def payments_out(account: Account, actor: Actor) -> dict[str, Instruction]:
    """One of each name of STATES, and `outside`, which is not confirmed yet. KES 2,000 each."""
    phone = destinations.to_phone("0722 345 678", "MPESA")
    made = {"outside": draft(account, phone, actor), "moving": paid(account, phone, actor)}
    broker = Broker.objects.filter(is_active=True).exclude(paybill="").first()
    assert broker is not None
    for name, destination, outcome in (
        ("taken", destinations.to_bank("01", "1109876543"), TAKEN),
        ("unknown", destinations.to_phone("0722 456 789", "MPESA"), SILENT),
        ("with_staff", destinations.to_phone("0722 567 890", "MPESA"), SILENT),
        ("arrived", destinations.to_broker(broker.code, "123456", "LI"), PAID),
        ("by_phone", destinations.to_bank_by_phone("0711 456 789"), PAID),
        ("returned", destinations.to_bank("01", "1102345678"), REFUSED),
    ):
        made[name] = paid(account, destination, actor)
        working.take_note(_claimed(made[name]), outcome, asked=False)
    _ask_in_vain(made["with_staff"])
    made["held"] = paid(account, phone, actor)
    Payment.objects.filter(pk=made["held"].id).update(held_at=clock.now(), due_at=None)
    return made


def draft(account: Account, destination: Destination, actor: Actor) -> Instruction:
    assert account.customer is not None
    name = "" if destination.name else "Jane Wambui"  # whose name is known is not asked for
    wish = Wish(account.account_number, destination, Decimal("2000.00"), "School trip", typed_name=name)
    return prepare_payment(account.customer, wish, actor=actor)


def paid(account: Account, destination: Destination, actor: Actor) -> Instruction:
    """Confirmed by its payer: the bank has it, and nobody else."""
    customer = account.customer
    assert customer is not None
    instruction = draft(account, destination, actor)
    instructions.approve(customer=customer, instruction_id=instruction.id)
    instructions.confirm(customer=customer, instruction_id=instruction.id, actor=actor)
    return instruction


def _claimed(instruction: Instruction) -> Payment:
    """As a worker holds it once its order has left; by name, where the worker takes what is due first."""
    row = Payment.objects.get(pk=instruction.id)
    row.state, row.sends, row.sent_at, row.due_at = Payment.State.SENDING, 1, clock.now(), clock.now() + working.CLAIM
    row.save(update_fields=["state", "sends", "sent_at", "due_at"])
    return row


def _ask_in_vain(instruction: Instruction) -> None:
    """Until people have to look at it."""
    for asked in range(1, len(working.ASK_AGAIN) + 1):
        Payment.objects.filter(pk=instruction.id).update(enquiries=asked)
        working.take_note(Payment.objects.get(pk=instruction.id), SILENT, asked=True)
