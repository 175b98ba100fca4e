"""What the locked rows allow: status, owner, currency, balance, minimum, limits, step-up."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from accounts import limits, rules
from accounts.books.kinds import Kind
from accounts.books.legs import Leg, Side
from accounts.freezing.state import refuse_if_frozen
from accounts.ledger_errors import AccountCannotPay, AccountCannotReceive, InsufficientFunds, MayOnlyLook
from accounts.models import Account, AccountTerms, Instruction, Limit
from wekeza_portal import sql
from wekeza_portal.money import ZERO

Accounts = Mapping[int, Account]


def refuse_unless_allowed(
    instruction: Instruction, legs: Sequence[Leg], accounts: Accounts, figures: limits.Figures, *, leaves: bool
) -> None:
    """Refuse a customer's instruction that the locked accounts can't carry out, or that this customer may not give.

    Or, where the money `leaves` the customer, that they have stopped: with the account in hand this is the last word,
    as whoever stops everything waits for it, or had it before us.
    """
    if not figures[Limit.Code.MAY_PAY]:
        raise MayOnlyLook()
    refuse_unless_in_shillings(legs, accounts)
    for leg in legs:
        if leg.account_id is not None:
            _refuse_by_status(instruction, leg, accounts[leg.account_id])
    debited = _debited(legs)
    minimum = figures[Limit.Code.SAVINGS_MINIMUM]
    kinds, is_stopped = _kinds_of(list(debited), instruction.customer_id)
    if leaves and is_stopped:
        refuse_if_frozen(instruction.customer_id)
    for account_id, amount in debited.items():
        kept = rules.kept_as_minimum(kinds.get(account_id, AccountTerms.Kind.SAVINGS), minimum)
        _refuse_unless_there(accounts[account_id], amount, kept, instruction.fee)
    if sum(debited.values(), ZERO) != instruction.amount + instruction.fee:
        raise ValueError("what is debited is the instruction's amount and fee")


def refuse_unless_there(legs: Sequence[Leg], accounts: Accounts, fee: Decimal) -> None:
    """The bank's own act: status and minimum are not asked, but nobody gives back what is not there."""
    refuse_unless_in_shillings(legs, accounts)
    for account_id, amount in _debited(legs).items():
        _refuse_unless_there(accounts[account_id], amount, ZERO, fee)


def refuse_unless_it_can_receive(legs: Sequence[Leg], accounts: Accounts) -> None:
    """Money from outside goes onto active personal accounts in shillings alone. Raises AccountCannotReceive."""
    refuse_unless_in_shillings(legs, accounts)
    for account in accounts.values():
        if account.status != Account.Status.ACTIVE or account.business_id is not None or account.customer_id is None:
            raise AccountCannotReceive()


def refuse_unless_in_shillings(legs: Sequence[Leg], accounts: Accounts) -> None:
    """Without a balance of the branch's there is nothing to add to: inventing one would make money."""
    for leg in legs:
        if leg.account_id is None:
            continue
        account = accounts[leg.account_id]
        if (account.currency or "KES") != "KES" or account.balance is None:
            raise AccountCannotReceive() if leg.side is Side.CREDIT else AccountCannotPay(status=account.status)


def _refuse_by_status(instruction: Instruction, leg: Leg, account: Account) -> None:
    if leg.side is Side.DEBIT:
        if account.customer_id != instruction.customer_id or account.business_id is not None:
            raise ValueError("an instruction debits its own customer's accounts")
        if account.status != Account.Status.ACTIVE:
            raise AccountCannotPay(status=account.status)
    elif account.status != Account.Status.ACTIVE or account.business_id is not None:
        raise AccountCannotReceive()


def _debited(legs: Sequence[Leg]) -> dict[int, Decimal]:
    debited: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for leg in legs:
        if leg.account_id is not None and leg.side is Side.DEBIT:
            debited[leg.account_id] += leg.amount
    return debited


def _refuse_unless_there(account: Account, amount: Decimal, kept: Decimal, fee: Decimal) -> None:
    available = rules.available(account.balance or ZERO, kept)
    if available < amount:
        raise InsufficientFunds(available=available, fee=fee, minimum=kept)


def _kinds_of(account_ids: list[int], customer_id: int) -> tuple[dict[int, str], bool]:
    """Savings or current, of those that have a row; and whether the customer has stopped everything. One statement."""
    if not account_ids:
        return {}, False
    found = dict(
        sql.run(
            f"SELECT account_id, kind FROM portal_account_terms WHERE account_id IN ({sql.marks(account_ids)})"  # noqa: S608 - own names
            " UNION ALL SELECT 0, 'STOPPED' FROM portal_freeze WHERE open_for = %s",
            [*account_ids, customer_id],
        )
    )
    return found, found.pop(0, None) is not None


def counters_of(instruction: Instruction, kind: Kind, now: datetime) -> limits.Counters:
    """What the payment takes from, locked: before the figures are read, which nobody changes then until it is over."""
    if kind.is_capped:
        return limits.caps(instruction.customer, on=now.date())
    if not kind.counts:
        return limits.Counters({}, [])
    return limits.counters(instruction.customer, on=now.date(), stepped_up=_is_stepped_up(instruction, now))


def take_limits(instruction: Instruction, figures: limits.Figures, locked: limits.Counters, now: datetime) -> None:
    """Count the amount against the customer's limits; without a fresh code against the allowance too."""
    limits.take(
        instruction.customer,
        instruction.amount,
        on=now.date(),
        stepped_up=_is_stepped_up(instruction, now),
        figures=figures,
        locked=locked,
    )


def _is_stepped_up(instruction: Instruction, now: datetime) -> bool:
    return rules.step_up_is_fresh(instruction.stepped_up_at, now)
