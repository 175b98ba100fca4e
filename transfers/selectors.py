"""What the pages of Move show. Every query is scoped to the signed-in customer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import Http404

from accounts import instructions
from accounts.identity.links import fingerprint
from accounts.ledger import PostingKind
from accounts.models import Account, BranchCustomer, Instruction, Posting
from transfers import receivers
from transfers.errors import BusinessPayee, PayeeUnavailable, UnknownPayee
from transfers.lookups import count_lookup
from transfers.models import Payment
from transfers.outside import names
from transfers.outside.rails import IN_A_SENTENCE
from transfers.rules import masked_name, same_name
from wekeza_portal.money import ZERO

Counter = Callable[[BranchCustomer, str], None]
"""Counts one question about a stranger's number, or refuses."""


@dataclass(frozen=True, slots=True)
class Payee:
    """A Wekeza account money can go to, as a stranger may see it."""

    account_number: str
    masked_name: str
    is_own: bool
    account_id: int
    key: str
    """What makes it known after the first payment; empty for the customer's own account."""


@dataclass(frozen=True, slots=True)
class TransferPaper:
    """What a receipt says, on the page and in the PDF. Amounts in KES; `balance_after` of the paying account."""

    reference: str
    posted_at: datetime
    from_number: str
    to_number: str
    to_name: str
    note: str
    amount: Decimal
    fee: Decimal
    total: Decimal
    balance_after: Decimal | None
    is_own: bool
    is_returned: bool
    to_at: str = ""
    """Where the money went outside the bank; empty for a Wekeza account."""
    excise: Decimal = ZERO
    """The duty inside the fee."""
    is_open: bool = False
    """Whether it is still to be known what became of it outside."""
    receipt: str = ""
    """The other side's own reference."""
    said_name: str = ""
    """Whom the other side named when it arrived, where that is not `to_name`."""
    said_by: str = ""
    """Who that is, in words."""
    is_as_typed: bool = False
    """Whether `to_name` is what the payer typed, and nobody confirmed it."""
    payee: str = ""
    """The receiver as the review's button named them, in the active language."""
    shared_payee: str = ""
    """Likewise without a number."""
    kept_payee: str = ""
    """Likewise in no language, to be kept in papers."""
    company: str = ""
    """The biller or broker that got the money; empty where a person did."""
    payment: Payment | None = None
    """What carried it out of the bank; None for what stayed inside."""

    @property
    def arrived_at(self) -> str:
        """At whom or what it arrived: a name only where somebody else than the payer said it."""
        if self.company:
            return self.payee
        return self.said_name or ("" if self.is_as_typed else self.to_name) or self.to_number

    @property
    def goes_to(self) -> str:
        """To whom or what it is on its way."""
        return self.payee if self.company else self.to_name or self.payee


def payee_key(account: Account) -> str:
    """How a Wekeza receiver is known once paid: the account and who owns it.

    Branch scripts drop accounts and give their numbers out again: a new owner is a new payee.
    """
    owner = fingerprint(account.customer) if account.customer else ""
    return f"wekeza:{account.account_number}:{owner[:32]}"


def find_account(number: str) -> Account | None:
    """The account of that number whoever owns it, in either case of letters."""
    spellings = {number, number.upper(), number.lower()}
    found = Account.objects.select_related("customer").filter(account_number__in=spellings)
    # The branch's collations ignore accents and trailing blanks; an account has one number.
    return next((account for account in found if account.account_number in spellings), None)


def refuse_unless_payable(account: Account) -> None:
    """Raises BusinessPayee or PayeeUnavailable; the second says not why, for that is its owner's business."""
    owner = account.customer
    if account.business_id is not None or (owner is not None and owner.business_id is not None):
        raise BusinessPayee()
    is_open = account.status == Account.Status.ACTIVE and account.currency == "KES"
    if owner is None or not owner.is_active or not is_open:
        raise PayeeUnavailable()


def is_known_account(customer: BranchCustomer, number: str) -> bool:
    """Whether that is the customer's own account, or one whose owner they paid before. Counts nothing."""
    account = find_account(number)
    if account is None:
        return False
    return account.customer_id == customer.user_id or instructions.has_paid(customer.user_id, payee_key(account))


def look_up_payee(customer: BranchCustomer, number: str, count: Counter = count_lookup) -> Payee:
    """Whose account `number` is, masked. Strangers' accounts are counted, by default against the day's look-ups.

    Raises PayeeLookupLimit, UnknownPayee, BusinessPayee or PayeeUnavailable.
    """
    account = find_account(number)
    is_own = account is not None and account.customer_id == customer.user_id
    if not is_own and (account is None or not instructions.has_paid(customer.user_id, payee_key(account))):
        count(customer, account.account_number if account else number)
    if account is None:
        raise UnknownPayee()
    refuse_unless_payable(account)
    name = masked_name(account.customer.full_name) if account.customer else ""
    key = "" if is_own else payee_key(account)
    return Payee(account.account_number, name, is_own, account.account_id, key)


def paper_of(instruction: Instruction) -> TransferPaper:
    """The receipt of a posted transfer; Http404 when it has not been posted, or is no transfer."""
    if "to_number" not in instruction.payload:
        raise Http404
    receipt = instructions.receipt(instruction)
    payload = instruction.payload
    returned = Posting.objects.filter(reverses__instruction_id=instruction.id).exists()
    outside = Payment.objects.filter(pk=instruction.id).first()
    return TransferPaper(
        reference=receipt.reference,
        posted_at=receipt.posted_at,
        from_number=payload["from_number"],
        to_number=payload["to_number"],
        to_name=payload["to_name"],
        note=payload["note"],
        amount=instruction.amount,
        fee=instruction.fee,
        total=instruction.amount + instruction.fee,
        balance_after=receipt.balance_after(int(payload["from_account_id"])),
        is_own=instruction.kind == PostingKind.TRANSFER_OWN,
        is_returned=returned,
        to_at=payload.get("to_at", ""),
        excise=Decimal(payload.get("excise", "0.00")),
        is_open=outside is not None and outside.is_open,
        receipt=outside.receipt if outside else "",
        said_name=names.said_at_arrival(outside, payload["to_name"]),
        said_by=IN_A_SENTENCE.get(outside.rail, "") if outside else "",
        is_as_typed=payload.get("to_name_by") == "customer" and not _is_confirmed(outside, payload["to_name"]),
        payee=receivers.in_short(payload),
        shared_payee=receivers.without_number(payload),
        kept_payee=receivers.in_any_language(payload),
        company=receivers.company_of(payload),
        payment=outside,
    )


def _is_confirmed(payment: Payment | None, name: str) -> bool:
    """Whether the rail named this very receiver when the payment arrived."""
    arrived = payment is not None and payment.state == Payment.State.SETTLED
    return arrived and same_name(payment.receiver_name, name)  # type: ignore[union-attr] # there, or it did not arrive
