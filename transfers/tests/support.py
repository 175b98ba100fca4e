"""The cast of every transfer test: a payer, a payee and a stranger, and a payment in one line."""

from datetime import timedelta
from decimal import Decimal

from accounts import instructions
from accounts.ledger import Receipt
from accounts.models import Account, AccountTransaction, BranchCustomer, Instruction, Posting
from tests.factories import AccountFactory, CustomerFactory
from transfers.models import KnownPayee, ScamPause
from transfers.payees import pausing
from transfers.payees.guards import guard_key
from transfers.selectors import payee_key
from transfers.services import prepare_transfer
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.notifications.models import InboxItem, OutboxMessage


def an_account(name: str, balance: str = "10000.00", **values: object) -> Account:
    """An account of a new personal customer called `name`."""
    account: Account = AccountFactory(customer=CustomerFactory(full_name=name), balance=Decimal(balance), **values)
    return account


def owner_of(account: Account) -> BranchCustomer:
    owner = account.customer
    assert isinstance(owner, BranchCustomer)
    return owner


def as_actor(customer: BranchCustomer) -> Actor:
    return Actor(kind="customer", id="1", customer_id=customer.user_id)


def prepare(sender: Account, receiver: Account | str, amount: str = "500.00", note: str = "Rent") -> Instruction:
    """A draft as the form would make it."""
    customer = owner_of(sender)
    return prepare_transfer(
        customer,
        from_number=sender.account_number,
        to_number=receiver if isinstance(receiver, str) else receiver.account_number,
        amount=Decimal(amount),
        note=note,
        actor=as_actor(customer),
    )


def confirm(instruction: Instruction, *, with_code: bool = True) -> Receipt:
    """Confirm as the payer; with the right code given first unless told otherwise, and after "it is my own idea"."""
    customer = BranchCustomer.objects.get(user_id=instruction.customer_id)
    if with_code:
        say_own_idea(instruction)
        instructions.approve(customer=customer, instruction_id=instruction.id)
    return instructions.confirm(customer=customer, instruction_id=instruction.id, actor=as_actor(customer))


def confirm_unasked(instruction: Instruction) -> Receipt:
    """With the right code given, and no question answered."""
    customer = BranchCustomer.objects.get(user_id=instruction.customer_id)
    instructions.approve(customer=customer, instruction_id=instruction.id)
    return instructions.confirm(customer=customer, instruction_id=instruction.id, actor=as_actor(customer))


def say_own_idea(instruction: Instruction) -> None:
    """Answer the question before a large payment to somebody new, where it is asked."""
    customer = BranchCustomer.objects.get(user_id=instruction.customer_id)
    try:
        instructions.refuse_while_held(instruction)
    except instructions.Held:
        pausing.answer(customer, instruction.id, ScamPause.Answer.OWN_IDEA, as_actor(customer))


def known_for_long(sender: Account, receiver: Account) -> None:
    """As if the sender had kept the receiver a month ago: the cap of the first 24 hours is over."""
    long_ago = clock.now() - timedelta(days=30)
    key = {"customer_id": sender.customer_id, "guard_key": guard_key(payee_key(receiver))}
    KnownPayee.objects.update_or_create(**key, defaults={"first_at": long_ago})


def pay(sender: Account, receiver: Account, amount: str = "500.00", note: str = "Rent") -> Instruction:
    """A posted transfer."""
    instruction = prepare(sender, receiver, amount, note)
    confirm(instruction)
    instruction.refresh_from_db()
    return instruction


def balance(account: Account) -> Decimal:
    """What is booked now."""
    return Account.objects.get(pk=account.pk).balance or Decimal("0.00")


def what_was_written() -> tuple[int, int, int, int, int]:
    """Instructions, postings, branch rows, messages sent and kept: the same as before means nothing was written."""
    return (
        Instruction.objects.count(),
        Posting.objects.count(),
        AccountTransaction.objects.count(),
        OutboxMessage.objects.count(),
        InboxItem.objects.count(),
    )
