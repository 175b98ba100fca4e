"""What the locked rows allow: status, owner, currency, balance, minimum, limits, step-up."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from accounts import limits, rules
from accounts.books.legs import Leg, Side
from accounts.ledger_errors import AccountCannotPay, AccountCannotReceive, InsufficientFunds, MayOnlyLook
from accounts.models import Account, AccountTerms, Instruction, Limit
from wekeza_portal import sql
from wekeza_portal.money import ZERO

Accounts = Mapping[int, Account]


def refuse_unless_allowed(
    instruction: Instruction, legs: Sequence[Leg], accounts: Accounts, figures: limits.Figures
) -> None:
    """Refuse a customer's instruction that the locked accounts can't carry out, or that this customer may not give."""
    if not figures[Limit.Code.MAY_PAY]:
        raise MayOnlyLook()
    refuse_unless_in_shillings(legs, accounts)
    for leg in legs:
        if leg.account_id is not None:
            _refuse_by_status(instruction, leg, accounts[leg.account_id])
    debited = _debited(legs)
    minimum = figures[Limit.Code.SAVINGS_MINIMUM]
    kinds = _kinds_of(list(debited))
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


def _kinds_of(account_ids: list[int]) -> dict[int, str]:
    """Savings or current, of those that have a row."""
    if not account_ids:
        return {}
    return dict(
        sql.run(
            f"SELECT account_id, kind FROM portal_account_terms WHERE account_id IN ({sql.marks(account_ids)})",  # noqa: S608 - own names
            account_ids,
        )
    )


def take_limits(instruction: Instruction, figures: limits.Figures, now: datetime) -> None:
    """Count the amount against the customer's limits; without a fresh code against the allowance too."""
    stepped_up = rules.step_up_is_fresh(instruction.stepped_up_at, now)
    limits.take(instruction.customer, instruction.amount, on=now.date(), stepped_up=stepped_up, figures=figures)
