"""What the Borrow page shows. Loans are tied to their customer by account number alone, so every query starts there."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer
from accounts.selectors import accounts_of
from lending.models import LoanAccount, LoanProduct
from wekeza_portal import clock

_WORDS: dict[str, Any] = {
    LoanAccount.Status.ACTIVE: _("Being repaid"),
    LoanAccount.Status.CLOSED: _("Paid off"),
    LoanAccount.Status.DEFAULTED: _("In default: please call us"),
    LoanAccount.Status.RESTRUCTURED: _("Being repaid on new terms"),
}


@dataclass(frozen=True, slots=True)
class LoanHeld:
    """One loan as the branch holds it. Amounts in KES, the rate in percent a year."""

    number: str
    product: str
    account_number: str
    principal: Decimal
    outstanding: Decimal
    rate: Decimal
    monthly: Decimal
    months: int
    next_payment: date | None
    ends: date | None
    status: str

    @property
    def is_open(self) -> bool:
        return self.status != LoanAccount.Status.CLOSED

    @property
    def is_past_due(self) -> bool:
        """The branch never moves the date on by itself, so a past one may be an instalment already paid there."""
        return self.is_open and self.next_payment is not None and self.next_payment < clock.today()

    @property
    def in_words(self) -> Any:
        """The status as a customer would say it; the branch's own word, made readable, if it is a new one."""
        return _WORDS.get(self.status) or self.status.replace("_", " ").capitalize()


def loans_of(customer: BranchCustomer) -> list[LoanHeld]:
    """The loans on the customer's own accounts: open ones first, the newest first among each."""
    numbers = [account.number for account in accounts_of(customer)]
    rows = LoanAccount.objects.filter(account_number__in=numbers).order_by("-disbursement_date", "loan_id")
    return sorted((_held(row) for row in rows), key=lambda loan: not loan.is_open)


def products() -> list[LoanProduct]:
    """What the branch offers to persons today, in the branch's own order."""
    persons = Q(target_customer=LoanProduct.Target.INDIVIDUAL) | Q(target_customer=LoanProduct.Target.BOTH)
    return list(LoanProduct.objects.filter(persons, is_active=True).order_by("product_id"))


def _held(row: LoanAccount) -> LoanHeld:
    return LoanHeld(
        number=row.loan_id,
        product=row.loan_type,
        account_number=row.account_number,
        principal=row.principal_amount,
        outstanding=row.outstanding_balance,
        rate=row.interest_rate,
        monthly=row.monthly_payment,
        months=row.tenure_months,
        next_payment=row.next_payment_date,
        ends=row.maturity_date,
        status=row.status,
    )
