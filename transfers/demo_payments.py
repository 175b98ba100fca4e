"""Payments out of the bank that the demo customers have made: some that arrived, one that came back, one on its way.

Made through the portal's own services, once the demo bank is filled: its money operations are transactions of their
own. What the rails answered is told to the code that a callback reaches. M-Pesa only ever took its two: the simulator
was never given them, so it never reports them and knows nothing when it is asked, and they stay on their way. After the
last enquiry, in a bit over an hour, they are the staff's to look into, as such payments are.
"""

import uuid
from decimal import Decimal

from django.db import transaction

from accounts import instructions
from accounts.models import BranchCustomer, User
from transfers import destinations
from transfers.destinations import Destination
from transfers.models import Payment
from transfers.outside import working
from transfers.outside.preparing import Wish, prepare_payment
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.branch.demobank.bank import DemoBank, DemoCustomer
from wekeza_portal.rails import credentials
from wekeza_portal.rails.base import Outcome, Status

RAILS = ("bills", "mpesa", "pesalink")
ARRIVED = Outcome(Status.PAID, receipt="BP26K7Q2M4", token="41772093518264071935")  # noqa: S106 - a demo meter's token
ARRIVED_AT_BANK = Outcome(Status.PAID, receipt="PL260019473")
BOUNCED = Outcome(Status.REFUSED, code="AC01", reason="no such account", customer="wrong_account")
TAKEN = Outcome(Status.ACCEPTED, code="0")
DOWN = Outcome(Status.REFUSED, code="96", reason="system malfunction", customer="later")


def seed(bank: DemoBank) -> None:
    """Runs in the transaction that fills the demo bank; the payments are made as soon as it is committed.

    None where nothing plays the other companies: a bank made without the simulator can't pay through them.
    """
    if all(credentials.may_be_offered(rail) for rail in RAILS):
        transaction.on_commit(lambda: _pay_all(bank))


def _pay_all(bank: DemoBank) -> None:
    emmanuel, nuria = bank.customer("emmanuel"), bank.customer("nuria")
    meter = destinations.to_biller("KPLC_PREPAID", "14221234567")
    there = destinations.to_bank("01", "1102345678")
    _make(emmanuel, meter, "1500.00", "Tokens for the house", outcome=ARRIVED)
    _make(emmanuel, there, "3000.00", "Rent deposit", name="Peter Kamau", outcome=BOUNCED)
    market, brian = destinations.to_phone("0722 345 678", "MPESA"), destinations.to_phone("0711 222 333", "MPESA")
    _make(emmanuel, market, "2537.00", "For the market", name="Mama Achieng", outcome=TAKEN)
    cousin = destinations.to_bank_by_phone("0711 456 789")
    _make(emmanuel, cousin, "4500.00", "For the clinic", name="Amina Hassan", outcome=ARRIVED_AT_BANK)
    _make(nuria, there, "2000.00", "School trip", name="Grace Njeri", outcome=ARRIVED_AT_BANK)
    _make(nuria, cousin, "1800.00", "Chama", name="Amina Hassan", outcome=ARRIVED_AT_BANK)
    _make(nuria, meter, "750.00", "", outcome=DOWN)
    _make(nuria, brian, "1299.00", "", name="Brian Otieno", outcome=TAKEN)


def _make(
    who: DemoCustomer,
    destination: Destination,
    amount: str,
    note: str,
    *,
    name: str = "",
    outcome: Outcome,
) -> None:
    customer = BranchCustomer.objects.get(pk=who.user_id)
    actor = Actor(kind="customer", id=str(User.objects.get(customer=customer).pk), customer_id=customer.user_id)
    account = who.accounts[0].number
    wish = Wish(account, destination, Decimal(amount), note, typed_name=name)
    instruction = prepare_payment(customer, wish, actor=actor)
    instructions.approve(customer=customer, instruction_id=instruction.id)
    instructions.confirm(customer=customer, instruction_id=instruction.id, actor=actor)
    _tell(instruction.id, outcome)


def _tell(payment_id: uuid.UUID, outcome: Outcome) -> None:
    """What the rail said, to the code that a callback reaches; nothing where the worker was quicker."""
    if _hand_over(payment_id):
        working.take_note(Payment.objects.get(pk=payment_id), outcome, asked=False)


@transaction.atomic
def _hand_over(payment_id: uuid.UUID) -> bool:
    """Claim it as the worker does before it calls a rail."""
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    if payment.state != Payment.State.RECEIVED:
        return False
    now = clock.now()
    payment.state, payment.sent_at, payment.sends = Payment.State.SENDING, now, 1
    payment.due_at = now + working.CLAIM
    payment.save(update_fields=["state", "sent_at", "sends", "due_at"])
    return True
