"""Preparing and confirming a deposit from M-Pesa: whose account, which phone, how much, at what price.

Any phone may be asked, since people have two: but another than the one the branch knows only after a code, and no phone
more often than anybody needs, so that nobody's is made to ring by a stranger.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.http import Http404

from accounts import instructions, limits
from accounts.ledger import Receipt, lock_same_account
from accounts.models import Account, BranchCustomer, Instruction, Limit
from accounts.selectors import AccountSummary, account_for
from transfers import phones
from transfers.collecting import errors
from transfers.collecting.kinds import ASK
from transfers.errors import AccountsChanged, DutyChanged, FeeChanged
from transfers.models import Deposit
from transfers.outside.errors import RailNotSetUp, RailRests, WholeShillings
from transfers.outside.rails import TITLES
from transfers.outside.terms import Bounds
from transfers.pricing import Quote, deposit_quote
from transfers.selectors import find_account
from wekeza_portal import clock, identifiers, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.money import ZERO, exact, format_kes, whole_around
from wekeza_portal.rails import circuit, credentials, paybill
from wekeza_portal.rails.mpesa import Prompts
from wekeza_portal.staff import switches

OFF_CODES = (switches.MOBILE_MONEY, switches.MPESA)
PROMPTS = ratelimit.Policy("deposit-prompts", 10, timedelta(hours=1))
"""Deposits that one customer may prepare: each makes a phone ring."""
ONE_PHONE = ratelimit.Policy("deposit-phone", 5, timedelta(hours=1))
"""How often one phone may be rung by whoever it is not known to be; its owner has as many of their own, so that nobody
can use them up. Counted are the rings, not the drafts."""
ONE_AT_A_TIME = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Wish:
    """`amount` KES onto the account `to_number`, from the phone `msisdn` (254 and nine digits)."""

    to_number: str
    msisdn: str
    amount: Decimal


def own_msisdn(customer: BranchCustomer) -> str:
    """The customer's own number as the branch has it, "" where that is no Kenyan mobile number."""
    try:
        return phones.msisdn(customer.phone_number or "")
    except phones.NotAPhoneNumber:
        return ""


def require_on() -> None:
    """Raises SwitchedOff, RailNotSetUp or PaybillNotConfirmed while no phone can be asked."""
    for code in OFF_CODES:
        switches.require_on(code)
    if not credentials.may_be_offered("mpesa"):
        raise RailNotSetUp(rail=TITLES["MPESA"])
    if not paybill.number():
        raise errors.PaybillNotConfirmed()


def bounds(customer: BranchCustomer) -> Bounds:
    """What one deposit may be: the bank's bounds of a payment over a phone, inside M-Pesa's own."""
    codes = [Limit.Code.MOBILE_MINIMUM, Limit.Code.MOBILE_PER_PAYMENT]
    found = limits.values(codes, tier=customer.kyc_tier, on=clock.today())
    own = Bounds(found[Limit.Code.MOBILE_MINIMUM], found[Limit.Code.MOBILE_PER_PAYMENT])
    return own.within(Prompts.limits.least, Prompts.limits.most)


def prepare_deposit(customer: BranchCustomer, wish: Wish, *, actor: Actor) -> Instruction:
    """Check everything and store a draft to be reviewed. Asks no phone.

    Raises a TransferRefused, SwitchedOff or TooMany with words for the customer.
    """
    require_on()
    if circuit.is_open("mpesa"):
        raise RailRests(TITLES["MPESA"], "")
    account = own_target(customer, wish.to_number, actor)
    refuse_odd_amount(wish.amount, bounds(customer))
    price = _price(wish.amount)
    ratelimit.consume(PROMPTS, str(customer.user_id))
    is_own = wish.msisdn == own_msisdn(customer)
    _refuse_if_rung_enough(customer.user_id, wish.msisdn, is_own=is_own)
    ratelimit.make(ONE_PHONE, wish.msisdn)
    return instructions.draft(
        customer=customer,
        kind=ASK,
        payload={
            "to_account_id": str(account.account_id),
            "to_account": account.number,
            "msisdn": wish.msisdn,
            "is_own_phone": "1" if is_own else "",
            "excise": str(price.excise),
            "to_name": "M-Pesa",
            "to_number": phones.shown(wish.msisdn),
            "note": "",
        },
        amount=wish.amount,
        fee=price.fee,
        fee_row_id=price.row_id,
        payee_key="" if is_own else f"deposit:{wish.msisdn}",  # nobody was ever paid under it: always with a code
    )


def _refuse_if_rung_enough(customer_id: int, msisdn: str, *, is_own: bool) -> None:
    """Raises TooMany where this phone was rung often enough in the last hour."""
    now = clock.now()
    rung = Deposit.objects.filter(msisdn=msisdn, is_own_phone=is_own, asked_at__gt=now - ONE_PHONE.window)
    times = list((rung.filter(customer_id=customer_id) if is_own else rung).values_list("asked_at", flat=True))
    if len(times) >= ONE_PHONE.limit:
        raise ratelimit.TooMany(max(1, int((min(times) + ONE_PHONE.window - now).total_seconds())))


def own_target(customer: BranchCustomer, number: str, actor: Actor) -> AccountSummary:
    """The customer's account that is to receive it. Raises UnknownAccount (and notes an attempt on another's) or
    AccountNotOpen."""
    try:
        account = account_for(customer, number)
    except Http404:
        if number and find_account(number) is not None:
            record("access.denied", actor=actor, subject="account", data={"tried": "deposit to another's account"})
        raise errors.UnknownAccount() from None
    if not account.is_active or not account.has_balance:
        raise errors.AccountNotOpen()
    return account


def refuse_odd_amount(amount: Decimal, allowed: Bounds) -> None:
    """Raises BelowLeast, AboveMost or WholeShillings."""
    exact(amount)
    if amount < allowed.least:
        raise errors.BelowLeast(least=format_kes(allowed.least))
    if amount > allowed.most:
        raise errors.AboveMost(most=format_kes(allowed.most))
    if amount != amount.to_integral_value():
        down, up = whole_around(amount)
        raise WholeShillings(down=format_kes(down), up=format_kes(up))


def _price(amount: Decimal) -> Quote:
    price = deposit_quote(amount, clock.today())
    if price.fee >= amount:
        raise errors.FeeEatsAll(fee=format_kes(price.fee))
    return price


def execute(instruction: Instruction, actor: Actor) -> Receipt:
    """Leave it to the worker to ask the phone; inside the money operation, which moves nothing yet. Once.

    What the review showed is asked again first. Raises SwitchedOff, FeeChanged, DutyChanged, AccountsChanged,
    StillAsking, BelowLeast or AboveMost.
    """
    found = Deposit.objects.filter(pk=instruction.id).first()
    if found is None:
        require_on()
        refuse_odd_amount(instruction.amount, bounds(instruction.customer))
        _refuse_if_price_changed(instruction)
        found = _hand_over(instruction, _the_same_account(instruction), actor)
    return Receipt(reference="", posted_at=found.asked_at, kind=ASK, legs=())


def _refuse_if_price_changed(instruction: Instruction) -> None:
    now = _price(instruction.amount)
    if now.fee != instruction.fee:
        raise FeeChanged(fee=format_kes(now.fee))
    if now.excise != Decimal(instruction.payload["excise"]):
        raise DutyChanged(excise=format_kes(now.excise))


def _the_same_account(instruction: Instruction) -> Account:
    payload = instruction.payload
    account = lock_same_account(int(payload["to_account_id"]), payload["to_account"], instruction.customer_id)
    if account is None or account.status != Account.Status.ACTIVE:
        raise AccountsChanged()
    return account


def _hand_over(instruction: Instruction, account: Account, actor: Actor) -> Deposit:
    msisdn = instruction.payload["msisdn"]
    ratelimit.hold(ONE_PHONE, msisdn)  # or two at once would ring it twice
    now, is_own = clock.now(), bool(instruction.payload["is_own_phone"])
    _refuse_if_rung_enough(instruction.customer_id, msisdn, is_own=is_own)
    ringing = Deposit.objects.filter(msisdn=msisdn, state__in=Deposit.OPEN, asked_at__gt=now - ONE_AT_A_TIME)
    if ringing.exists():
        raise errors.StillAsking()
    deposit = Deposit(
        id=instruction.id,
        customer_id=instruction.customer_id,
        account_id=account.account_id,
        account_number=account.account_number,
        reference=identifiers.new_reference(),
        msisdn=msisdn,
        is_own_phone=is_own,
        amount=instruction.amount,
        fee=instruction.fee or ZERO,
        excise=Decimal(instruction.payload["excise"]),
        asked_at=now,
        due_at=now,
    )
    deposit.save(force_insert=True)
    instruction.state, instruction.posted_at = Instruction.State.DONE, now
    instruction.save(update_fields=["state", "posted_at"])
    facts = {"amount": str(deposit.amount), "own_phone": str(deposit.is_own_phone)}
    subject = f"deposit:{deposit.reference}"
    record("deposit.asked", actor=actor, customer_id=deposit.customer_id, subject=subject, data=facts)
    return deposit
