"""What pages show of a customer's accounts. Every query is scoped to the customer it is given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import IntegerField, QuerySet
from django.http import Http404

from accounts import limits, rules, wording
from accounts.models import Account, AccountTerms, BranchCustomer, Limit
from accounts.preferences.chosen import default_account
from wekeza_portal import clock
from wekeza_portal.money import ZERO
from wekeza_portal.prepared import Prepared, Slot

FIGURE_IS_KEPT_FOR = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """One account as its owner sees it. Amounts in KES."""

    account_id: int
    number: str
    kind: str
    booked: Decimal
    minimum: Decimal
    available: Decimal
    status: str
    opened_at: datetime
    has_balance: bool = True
    """False where the branch's balance is NULL: unknown, to be shown as such and never as zero."""
    low_below: Decimal = ZERO
    """A balance to spend under this is worth a word (the savings minimum, KES)."""

    @property
    def can_pay(self) -> bool:
        return self.status == Account.Status.ACTIVE and self.available > 0

    @property
    def is_overdrawn(self) -> bool:
        return self.booked < 0

    @property
    def is_active(self) -> bool:
        return self.status == Account.Status.ACTIVE

    @property
    def is_low(self) -> bool:
        return self.has_balance and not self.is_overdrawn and self.available < self.low_below

    @property
    def kind_words(self) -> Any:
        return wording.KINDS.get(self.kind, self.kind)

    @property
    def status_help(self) -> tuple[Any, Any] | None:
        """Why money can't move and what to do about it; None while the account is active."""
        return None if self.is_active else wording.STATUS_HELP.get(self.status, wording.UNKNOWN_STATUS_HELP)

    @property
    def paying_help(self) -> tuple[Any, Any] | None:
        """Why nothing can be sent from here now and what to do about it; None while something can."""
        if self.can_pay or not self.is_active:
            return self.status_help
        return wording.NOTHING_TO_SEND_HELP if self.has_balance else wording.UNKNOWN_BALANCE_HELP


def accounts_of(customer: BranchCustomer) -> list[AccountSummary]:
    """The customer's own accounts, oldest first but for the active one they chose as their first. Read now."""
    minimum = _savings_minimum(customer.kyc_tier)
    found = [_summary(row, minimum) for row in _own_rows(customer_id=customer.user_id)]
    first = default_account(customer)
    return sorted(found, key=lambda each: each.number != first or not each.is_active) if first else found


def _own() -> QuerySet[Account]:
    rows = Account.objects.filter(customer_id=Slot("customer_id", IntegerField()), business__isnull=True)
    return rows.select_related("terms").order_by("account_id")


_own_rows = Prepared(_own)


def _savings_minimum(tier: str) -> Decimal:
    """KES kept on a savings account, asked once per process and day: a new figure begins tomorrow at the earliest.

    For showing. The ledger asks for the figure itself, whenever money leaves.
    """
    today = clock.today()
    key = f"savings-minimum-{tier}-{today}"
    kept: Decimal | None = cache.get(key)
    if kept is None:
        kept = limits.value(Limit.Code.SAVINGS_MINIMUM, tier=tier, on=today)
        cache.set(key, kept, FIGURE_IS_KEPT_FOR)
    return kept


def payers_among(accounts: Iterable[AccountSummary]) -> list[AccountSummary]:
    """Those that money can leave now."""
    return [account for account in accounts if account.can_pay]


def account_for(customer: BranchCustomer, number: str) -> AccountSummary:
    """The customer's account of that number; Http404 if there is none or it is somebody else's."""
    for account in accounts_of(customer):
        if account.number == number:
            return account
    raise Http404


def booked_together(accounts: Iterable[AccountSummary]) -> Decimal:
    """KES on all of these accounts together; an unknown balance counts as nothing."""
    return sum((account.booked for account in accounts), ZERO)


def kind_of(account: Account) -> str:
    """SAVINGS unless the bank has said otherwise."""
    terms: AccountTerms | None = getattr(account, "terms", None)
    return terms.kind if terms else AccountTerms.Kind.SAVINGS


def _summary(row: Account, savings_minimum: Decimal) -> AccountSummary:
    kind = kind_of(row)
    booked = row.balance if row.balance is not None else ZERO
    minimum = rules.kept_as_minimum(kind, savings_minimum)
    return AccountSummary(
        account_id=row.account_id,
        number=row.account_number,
        kind=kind,
        booked=booked,
        minimum=minimum,
        available=rules.available(booked, minimum),
        status=row.status,
        opened_at=row.created_at,
        has_balance=row.balance is not None,
        low_below=savings_minimum,
    )
