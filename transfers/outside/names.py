"""Who the other side says is paid, asked before anything is sent; and what is remembered of it."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from accounts import instructions
from accounts.models import BranchCustomer
from transfers.destinations import Destination, Kind
from transfers.models import Bank, Payment
from transfers.outside import rails, reasons
from transfers.outside.errors import (
    AccountRefused,
    CdsNumberRefused,
    ExactAmount,
    PhoneRefused,
    ReceiverRefused,
)
from transfers.outside.kinds import KINDS
from transfers.payees import kept
from transfers.rules import same_name
from wekeza_portal import ratelimit
from wekeza_portal.money import format_kes
from wekeza_portal.rails.base import Receiver

LOOK_UPS = ratelimit.Policy("outside-names", 60, timedelta(hours=24))
"""Names a customer may ask of other banks and companies in a day: names must not be had by trying numbers."""
REFUSALS: dict[str, type[ReceiverRefused]] = {
    Kind.MOBILE_MONEY: PhoneRefused,
    Kind.AIRTIME: PhoneRefused,
    Kind.BANK_BY_PHONE: PhoneRefused,
    Kind.CDSC_TRANSFER: CdsNumberRefused,
}


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`name` as the other side gave it, `said_by` who said so (a rail's name); both empty where nobody was asked.

    `at` is the bank to which a phone is linked, "" where the destination says itself where it is.
    """

    name: str = ""
    said_by: str = ""
    at: str = ""


def said_at_arrival(payment: Payment | None, name: str) -> str:
    """Whom the rail named when the payment arrived, where that is not `name`; "" where it is, or nobody was named."""
    if payment is None or payment.state != Payment.State.SETTLED or same_name(payment.receiver_name, name):
        return ""
    return payment.receiver_name


def confirmed(
    customer: BranchCustomer, destination: Destination, amount: Decimal | None, budget: ratelimit.Policy = LOOK_UPS
) -> Confirmed:
    """Ask the other side who is paid, where it can be asked; counted against `budget`.

    `amount` in KES; None where nothing is being paid.

    Raises ReceiverRefused when it knows no such receiver, ExactAmount when a biller takes only another amount,
    NameChanged when it names somebody else than before, TooMany above the day's look-ups. An answer that does not come
    stops nothing: the page then says that the name could not be confirmed.
    """
    rail = KINDS[destination.kind].rail_for(destination)
    if amount is not None:
        kept.refuse_if_named_otherwise(customer.user_id, destination.key)
    if not rails.can_be_asked(rail):
        return Confirmed()
    if amount is None or not instructions.has_paid(customer.user_id, destination.key):
        ratelimit.consume(budget, str(customer.user_id))
    answer = rails.look_up(rail, destination)
    if answer is None:
        return Confirmed()
    if answer.refusal:
        refusal = REFUSALS.get(destination.kind, AccountRefused)
        raise refusal(why=reasons.reason(answer.refusal).why)
    at = _bank_behind(destination, answer)
    if amount is not None and answer.amount is not None and answer.amount != amount:
        raise ExactAmount(biller=destination.at, amount=format_kes(answer.amount))
    if amount is not None:
        kept.refuse_if_renamed(customer, destination.key, answer.name)
    return Confirmed(answer.name[:100], rail if answer.name else "", at)


def _bank_behind(destination: Destination, answer: Receiver) -> str:
    """The bank to which the phone is linked, "" where none was named. Raises PhoneRefused for one that we do not pay.

    This bank itself stands in no list of banks. A phone that leads to it is refused in the words for one that leads
    nowhere: whether somebody banks here is nobody's business but theirs.
    """
    if destination.kind != Kind.BANK_BY_PHONE or not answer.bank:
        return ""
    bank = Bank.objects.filter(code=answer.bank, is_active=True).first()
    if bank is None or bank.code != answer.bank:
        raise PhoneRefused(why=reasons.reason("phone_not_linked").why)
    return bank.name
