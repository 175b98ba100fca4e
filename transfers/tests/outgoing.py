"""A payment out of the bank in one line, for tests of what happens before it leaves."""

from decimal import Decimal

from accounts.models import Account, Instruction
from transfers import destinations
from transfers.outside.preparing import Wish, prepare_payment
from transfers.tests.support import as_actor, owner_of

PHONE = "0722123456"


def prepare_to_phone(sender: Account, amount: str, phone: str = PHONE) -> Instruction:
    """A draft to a wallet, as the form would make it."""
    customer = owner_of(sender)
    wish = Wish(sender.account_number, destinations.to_phone(phone, "MPESA"), Decimal(amount), typed_name="Mama")
    return prepare_payment(customer, wish, actor=as_actor(customer))
