"""Demo data: deposits by prompt and payments to the paybill, told to the code that M-Pesa's callbacks reach.

Made once the demo bank is filled: money operations are transactions of their own.
"""

from collections.abc import Callable
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from accounts import instructions
from accounts.ledger import money_operation
from accounts.models import BranchCustomer, User
from transfers.collecting import callbacks, working
from transfers.collecting.preparing import Wish, own_msisdn, prepare_deposit
from transfers.models import Deposit
from transfers.outside.working import CLAIM
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.branch.demobank.bank import DemoBank, DemoCustomer
from wekeza_portal.rails import credentials
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.rails.mpesa_messages import Paid

CANCELLED = Outcome(Status.REFUSED, "1032", "cancelled by the payer", "cancelled")


def seed(bank: DemoBank) -> None:
    """Runs in the transaction that fills the demo bank; none where nothing plays M-Pesa."""
    if credentials.may_be_offered("mpesa"):
        transaction.on_commit(lambda: _make_all(bank))


def _make_all(bank: DemoBank) -> None:
    emmanuel, nuria = bank.customer("emmanuel"), bank.customer("nuria")
    _deposit(emmanuel, "5000", _paid("SKP41Q7ZD2"))
    _deposit(emmanuel, "1200", lambda deposit: CANCELLED)
    _deposit(nuria, "3500", _paid("SKP52W8XE3"))
    _to_paybill(nuria.accounts[0].number, "2500.00", "SKP63E9YF4", "PETER KAMAU")
    _to_paybill("ACC100000", "1800.00", "SKP74R1ZG5", "JANE WANJIKU")


def _paid(receipt: str) -> Callable[[Deposit], Outcome]:
    return lambda deposit: Outcome(Status.PAID, "0", receipt=receipt, amount=deposit.amount)


def _deposit(who: DemoCustomer, amount: str, outcome: Callable[[Deposit], Outcome]) -> None:
    customer = BranchCustomer.objects.get(pk=who.user_id)
    actor = Actor(kind="customer", id=str(User.objects.get(customer=customer).pk), customer_id=customer.user_id)
    wish = Wish(who.accounts[0].number, own_msisdn(customer), Decimal(amount))
    instruction = prepare_deposit(customer, wish, actor=actor)
    instructions.confirm(customer=customer, instruction_id=instruction.id, actor=actor)
    if _hand_over(Deposit.objects.get(pk=instruction.id)):
        deposit = Deposit.objects.get(pk=instruction.id)
        working.take_note(deposit, outcome(deposit), asked=False)


def _hand_over(deposit: Deposit) -> bool:
    """As if the worker had asked the phone; False where it was quicker."""
    now = clock.now()
    ours = Deposit.objects.filter(pk=deposit.pk, state=Deposit.State.ASKED)
    return bool(ours.update(state=Deposit.State.PROMPTED, sent_at=now, due_at=now + CLAIM))


def _to_paybill(typed: str, amount: str, receipt: str, payer: str) -> None:
    paid = Paid(receipt, clock.now(), Decimal(amount), typed, settings.MPESA_SHORTCODE, payer, "2547 ***** 126")
    money_operation(callbacks.note_paid)(paid)
