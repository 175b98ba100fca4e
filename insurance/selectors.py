"""What the Insure page shows. Policies are tied to their customer by account number alone; queries start there."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer
from accounts.selectors import accounts_of
from insurance.models import InsurancePolicy, InsuranceProduct, PremiumPayment
from wekeza_portal import clock
from wekeza_portal.money import ZERO

_WORDS: dict[str, Any] = {
    "ACTIVE": _("In force"),
    "CANCELLED": _("Cancelled"),
    "EXPIRED": _("Ended"),
    "LAPSED": _("Lapsed: premiums were not paid"),
}
_FREQUENCIES: dict[str, Any] = {
    "MONTHLY": _("Paid every month"),
    "QUARTERLY": _("Paid every three months"),
    "SEMI-ANNUAL": _("Paid twice a year"),
    "ANNUAL": _("Paid once a year"),
}


@dataclass(frozen=True, slots=True)
class PolicyHeld:
    """One policy as the branch holds it. Amounts in KES; the branch leaves dates and beneficiary empty at times."""

    number: str
    product: str
    account_number: str
    cover: Decimal
    annual_premium: Decimal
    frequency: str
    starts: date | None
    ends: date | None
    beneficiary: str
    last_paid: date | None
    last_amount: Decimal
    status: str

    @property
    def is_over(self) -> bool:
        """Past its end. The branch never changes the status by itself, so ACTIVE alone proves nothing."""
        return self.status == "ACTIVE" and self.ends is not None and self.ends < clock.today()

    @property
    def in_words(self) -> Any:
        if self.is_over:
            return _WORDS["EXPIRED"]
        return _WORDS.get(self.status) or self.status.replace("_", " ").capitalize()

    @property
    def frequency_in_words(self) -> Any:
        return _FREQUENCIES.get(self.frequency.upper()) or self.frequency


def policies_of(customer: BranchCustomer) -> list[PolicyHeld]:
    """The policies on the customer's own accounts: those in force first, the newest first among each."""
    numbers = [account.number for account in accounts_of(customer)]
    rows = list(InsurancePolicy.objects.filter(account_number__in=numbers).order_by("-policy_id"))
    latest = _latest_premiums([row.policy_number for row in rows])
    held = [_held(row, latest.get(row.policy_number)) for row in rows]
    return sorted(held, key=lambda policy: policy.status != "ACTIVE" or policy.is_over)


def products() -> list[InsuranceProduct]:
    """What the branch lists for sale, in its own order."""
    return list(InsuranceProduct.objects.filter(is_active=True).order_by("product_id"))


def _latest_premiums(numbers: list[str]) -> dict[str, PremiumPayment]:
    """The last premium recorded for each policy. The one taken with a sale leaves no row in the branch."""
    payments = PremiumPayment.objects.filter(policy_number__in=numbers).order_by("payment_date", "payment_id")
    return {payment.policy_number: payment for payment in payments}


def _held(row: InsurancePolicy, last: PremiumPayment | None) -> PolicyHeld:
    return PolicyHeld(
        number=row.policy_number,
        product=row.policy_type or "",
        account_number=row.account_number,
        cover=row.coverage_amount,
        annual_premium=row.annual_premium,
        frequency=row.payment_frequency or "",
        starts=row.start_date,
        ends=row.maturity_date,
        beneficiary=row.beneficiary_name or "",
        last_paid=last.payment_date if last else None,
        last_amount=last.payment_amount if last else ZERO,
        status=row.status.upper(),
    )
