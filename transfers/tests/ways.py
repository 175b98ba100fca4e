"""Paying out of the bank in the tests: every rail that is simulated, and the whole way a payment takes."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.models import Account, Instruction, PostingLeg
from transfers import destinations
from transfers.destinations import Destination
from transfers.models import Payment
from transfers.outside import working
from transfers.outside.preparing import Wish, prepare_payment
from transfers.tests.support import as_actor, confirm, owner_of
from wekeza_portal.rails import callbacks
from wekeza_portal.rails.simulator.server import Simulator

State = Payment.State
NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Way:
    """One rail as a customer meets it: whom one pays, and the fee with the duty inside it at 1,400 to 1,499 KES."""

    rail: str
    receiver: Callable[[], Destination]
    fee: Decimal
    excise: Decimal
    calls_back: bool = True
    answers_later: bool = False
    """Whether a question about a payment is answered by a callback too."""

    def known_as(self, payment: Payment) -> str:
        """Our payment's id as this company writes it."""
        return str(payment.pk) if self.rail == "mpesa" else str(payment.pk.hex)

    def __str__(self) -> str:
        return self.rail


PESALINK = Way("pesalink", lambda: destinations.to_bank("01", "1234567890"), Decimal("150.00"), Decimal("19.57"))
CDSC = Way("cdsc", lambda: destinations.to_broker("DYER_BLAIR", "1234567", "LI"), Decimal("100.00"), Decimal("13.04"))
BILLS = Way("bills", lambda: destinations.to_biller("NAIROBI_WATER", "1234567"), Decimal("50.00"), Decimal("6.52"))
TKASH = Way("tkash", lambda: destinations.to_phone("0770000111", "TKASH"), Decimal("29.00"), Decimal("3.78"))
AIRTEL = Way(
    "airtel_money",
    lambda: destinations.to_phone("0733000111", "AIRTEL_MONEY"),
    Decimal("29.00"),
    Decimal("3.78"),
    calls_back=False,
)
MPESA = Way(
    "mpesa",
    lambda: destinations.to_phone("0722000111", "MPESA"),
    Decimal("29.00"),
    Decimal("3.78"),
    answers_later=True,
)
WAYS = (PESALINK, CDSC, BILLS, TKASH, AIRTEL, MPESA)
CALLING_BACK = tuple(way for way in WAYS if way.calls_back)


def prepared(sender: Account, receiver: Destination, amount: Any = "1450.00", typed: str = "Mama Njeri") -> Instruction:
    """A draft as the form would make it."""
    customer = owner_of(sender)
    wish = Wish(sender.account_number, receiver, Decimal(str(amount)).quantize(NOTHING), "Rent", typed)
    return prepare_payment(customer, wish, actor=as_actor(customer))


def ordered(sender: Account, way: Way, amount: Any = "1450.00") -> Payment:
    """A confirmed payment over this rail that no worker has touched yet."""
    instruction = prepared(sender, way.receiver(), amount)
    confirm(instruction)
    return Payment.objects.get(pk=instruction.pk)


def called_back(sim: Simulator) -> int:
    """Every waiting callback goes to the portal's own view and is worked through; how many were handled."""
    sim.courier.deliver()
    return callbacks.work_through()


def state_of(payment: Payment) -> str:
    return Payment.objects.get(pk=payment.pk).state


def internal() -> dict[str, Decimal]:
    """What stands on the bank's internal accounts, those at zero left out."""
    sums: dict[str, Decimal] = {}
    for leg in PostingLeg.objects.exclude(internal_account=""):
        if leg.account_id is None:
            sums[leg.internal_account] = sums.get(leg.internal_account, NOTHING) + leg.amount
    return {name: amount for name, amount in sums.items() if amount != NOTHING}


def waiting(way: Way, amount: Decimal) -> dict[str, Decimal]:
    """The internal accounts while nobody knows what became of one payment."""
    return {f"rail.{way.rail}": amount, "fees.pending": way.fee}


def settled(way: Way, amount: Decimal) -> dict[str, Decimal]:
    """The internal accounts once one payment has arrived."""
    return {f"nostro.{way.rail}": amount, "fees.income": way.fee - way.excise, "tax.excise": way.excise}


def work() -> int:
    return working.work()


def asked(sim: Simulator, way: Way) -> int:
    """The worker asks about what is due and hears the answer, however it is given; how many it asked about."""
    sim.store.set_fault(way.rail, "lost", 0)
    handled = work()
    if way.answers_later:
        called_back(sim)
    return handled
