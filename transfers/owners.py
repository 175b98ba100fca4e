"""Whoever confirmed something that the bank does later: are they still the same person, and may they come in?

The same question as every request of theirs is asked (accounts.identity.guard), for what is done when they are away.
"""

from accounts.identity.guard import Standing, standing_of
from accounts.identity.links import fingerprint
from accounts.models import BranchCustomer, User


def who_may_pay(customer_id: int, whose: str) -> BranchCustomer | None:
    """The customer, if they are the person of the fingerprint `whose` and could sign in now. Read afresh."""
    user = User.objects.select_related("customer").filter(customer_id=customer_id).first()
    if user is None or user.customer is None or standing_of(user) is not Standing.GOOD:
        return None
    customer: BranchCustomer = user.customer
    return customer if fingerprint(customer) == whose else None
