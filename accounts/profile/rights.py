"""What a customer may do, by how well the bank knows them, and what is missing where they may not.

Source: the requirement (KYC for every service; 18 years for opening anything). Whoever has a row at the branch was
identified there and may do everything, unless two members of staff have found that the ID was never seen. The figures
are dated rows of `Limit`; the ledger asks them again for each payment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.identity import links
from accounts.ledger_errors import MayOnlyLook
from accounts.models import BranchCustomer, CustomerIdentity, Limit
from accounts.profile import details
from wekeza_portal import clock
from wekeza_portal.errors import PortalError

Code = Limit.Code
NONE = CustomerIdentity.Standing.NONE

RIGHTS: Mapping[str, Any] = {
    Code.MAY_PAY: _("Move money"),
    Code.MAY_BORROW: _("Take a loan"),
    Code.MAY_INSURE: _("Take out a policy"),
    Code.MAY_DEPOSIT: _("Open a fixed deposit"),
    Code.MAY_HAVE_CARD: _("Have a card"),
    Code.MAY_OPEN_ACCOUNT: _("Ask for another account"),
}
FOR_ADULTS = frozenset(RIGHTS) - {Code.MAY_PAY}


class NotAtThisTier(PortalError):
    code = "not_at_this_tier"
    message = _("This is not open to you yet. Your profile says what we still have to see.")


class TooYoung(PortalError):
    code = "too_young"
    message = _("This is for people of %(age)s years and older.")


class AgeUnknown(PortalError):
    """Asked for at the step that needs it; everything else stays open."""

    code = "age_unknown"
    message = _(
        "We need your date of birth for this. Send us your national ID from your profile, or show it at any branch."
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How the bank knows a customer today: tier, age, and what each right says by its figure alone."""

    is_identified: bool
    born_on: date | None
    age: int | None
    adult_age: int
    allowed: Mapping[str, bool]

    def refusal(self, right: str) -> PortalError | None:
        """Why this may not be done; None where it may."""
        if not self.allowed[right]:
            return MayOnlyLook() if right == Code.MAY_PAY else NotAtThisTier()
        if right not in FOR_ADULTS or (self.age is not None and self.age >= self.adult_age):
            return None
        return AgeUnknown() if self.age is None else TooYoung(age=self.adult_age)


def age_on(born: date, day: date) -> int:
    """Whole years of age on a day; whoever was born on 29 February grows older on 1 March where there is no 29th."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def standing_of(customer: BranchCustomer, on: date | None = None) -> Standing:
    """Everything at once, for the profile and for whoever sells something."""
    day = on or clock.today()
    identity = CustomerIdentity.objects.filter(customer_id=customer.user_id).first()
    figures = limits.figures_for(customer, [*RIGHTS, Code.ADULT_AGE], day)
    born = _born_on(customer, identity)
    return Standing(
        is_identified=identity is None or identity.standing != NONE,
        born_on=born,
        age=age_on(born, day) if born is not None else None,
        adult_age=int(figures[Code.ADULT_AGE]),
        allowed={right: bool(figures[right]) for right in RIGHTS},
    )


def require(customer: BranchCustomer, right: str, on: date | None = None) -> None:
    """For the service that opens a loan, a policy, a deposit or a card, inside its own transaction.

    Raises MayOnlyLook, NotAtThisTier, TooYoung or AgeUnknown.
    """
    refusal = standing_of(customer, on).refusal(right)
    if refusal is not None:
        raise refusal


def _born_on(customer: BranchCustomer, identity: CustomerIdentity | None) -> date | None:
    """What staff read on the ID, else the branch's file of equal national ID."""
    if identity is not None and identity.born_on is not None and identity.fingerprint == links.fingerprint(customer):
        return identity.born_on
    held = details.branch_file(customer)
    return held.born_on if held is not None else None
