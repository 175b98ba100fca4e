"""What the Save page shows: savings accounts with what is kept as minimum, and fixed deposits."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import AccountTerms, BranchCustomer
from accounts.selectors import AccountSummary, accounts_of
from savings.models import FixedDeposit
from wekeza_portal import clock

_WORDS: dict[str, Any] = {
    FixedDeposit.Status.ACTIVE: _("Growing"),
    FixedDeposit.Status.MATURED: _("Reached its end"),
    FixedDeposit.Status.CLOSED: _("Closed"),
    FixedDeposit.Status.RENEWED: _("Renewed"),
}


@dataclass(frozen=True, slots=True)
class DepositHeld:
    """One fixed deposit as the branch holds it. Amounts in KES, the rate in percent a year, simple interest."""

    number: str
    account_number: str
    principal: Decimal
    rate: Decimal
    months: int
    starts: date
    matures: date
    at_maturity: Decimal
    status: str

    @property
    def is_open(self) -> bool:
        return self.status == FixedDeposit.Status.ACTIVE

    @property
    def has_reached_its_end(self) -> bool:
        """Past its date but still ACTIVE: the branch pays nothing out by itself, somebody has to ask."""
        return self.is_open and self.matures <= clock.today()

    @property
    def in_words(self) -> Any:
        if self.has_reached_its_end:
            return _WORDS[FixedDeposit.Status.MATURED]
        return _WORDS.get(self.status) or self.status.replace("_", " ").capitalize()


def savings_accounts_of(customer: BranchCustomer) -> list[AccountSummary]:
    """The customer's savings accounts, oldest first; current accounts are on the home page only."""
    return [account for account in accounts_of(customer) if account.kind == AccountTerms.Kind.SAVINGS]


def deposits_of(customer: BranchCustomer) -> list[DepositHeld]:
    """Fixed deposits on the customer's own accounts: open ones first, the next to mature first among each."""
    numbers = {account.account_id: account.number for account in accounts_of(customer)}
    rows = FixedDeposit.objects.filter(account_id__in=numbers).order_by("maturity_date", "fd_id")
    held = [_held(row, numbers[row.account_id]) for row in rows]
    return sorted(held, key=lambda deposit: not deposit.is_open)


def _held(row: FixedDeposit, account_number: str) -> DepositHeld:
    return DepositHeld(
        number=row.fd_number,
        account_number=account_number,
        principal=row.principal_amount,
        rate=row.interest_rate,
        months=row.term_months,
        starts=row.start_date,
        matures=row.maturity_date,
        at_maturity=row.maturity_amount,
        status=row.status,
    )
