"""Which messages are this customer's."""

from accounts.models import BranchCustomer
from wekeza_portal.notifications.inbox import Owner


def reader_of(customer: BranchCustomer) -> Owner:
    """Messages older than the branch's row are a former customer's, whose id was given out again."""
    return Owner(customer.user_id, customer.created_at)
