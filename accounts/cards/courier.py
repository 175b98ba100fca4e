"""A card brought to its owner's home: where to, for how much, and when it is not done.

Whoever stole a phone could write another address into the profile and have a card sent there. So the address must be
older than the bank's dated figure, a code is always asked for, and nothing goes while everything is stopped or in
the 24 hours after a new password.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from accounts import limits
from accounts.cards import errors, pricing, stops
from accounts.models import BranchCustomer, Instruction, Limit
from accounts.profile import details
from wekeza_portal import clock


@dataclass(frozen=True, slots=True)
class Delivery:
    """The address on one line, and what bringing a card there costs."""

    address: str
    price: pricing.Price


def offer(customer: BranchCustomer) -> Delivery | None:
    """What a form offers; None without a home address or a price. Whether it may be had is asked when it is chosen."""
    address = home_of(customer)
    if not address:
        return None
    try:
        return Delivery(address, pricing.courier(clock.today()))
    except pricing.NoCardFee:
        return None


def home_of(customer: BranchCustomer) -> str:
    """The home address and town that the customer told the portal; empty unless there are both."""
    said = details.of(customer)
    street, town = (said.home_address.strip(), said.town.strip()) if said is not None else ("", "")
    return f"{street}, {town}" if street and town else ""


def to_home_of(customer: BranchCustomer) -> Delivery:
    """Raises CardsStopped, limits.JustBackIn, NoHomeAddress, AddressTooNew, NoCardFee."""
    stops.refuse_opening(customer)
    address, said = home_of(customer), details.of(customer)
    if not address or said is None:
        raise errors.NoHomeAddress()
    days = int(limits.value(Limit.Code.CARD_ADDRESS_DAYS, tier=customer.kyc_tier, on=clock.today()))
    if said.home_since is None or said.home_since > clock.now() - timedelta(days=days):
        raise errors.AddressTooNew(days=days)
    return Delivery(address, pricing.courier(clock.today()))


def again(instruction: Instruction) -> Delivery | None:
    """The delivery that was reviewed, asked again as it is done; None where the card is collected.

    Raises what `to_home_of` raises, and AddressChanged where the profile has another address by now.
    """
    reviewed = instruction.payload.get("delivered_to", "")
    if not reviewed:
        return None
    delivery = to_home_of(instruction.customer)
    if delivery.address != reviewed:
        raise errors.AddressChanged()
    return delivery


def payee_key(delivery: Delivery | None) -> str:
    """A receiver nobody ever paid before, so that each delivery needs a code; empty where the card is collected."""
    return f"courier:{uuid.uuid4().hex}" if delivery is not None else ""
