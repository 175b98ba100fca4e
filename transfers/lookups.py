"""How many strangers' accounts a customer may ask about in a day: names must not be had by trying numbers."""

from datetime import date

from django.db import transaction

from accounts import limits
from accounts.models import BranchCustomer, Limit
from transfers.errors import PayeeLookupLimit
from transfers.models import PayeeLookup
from wekeza_portal import clock
from wekeza_portal.crypto import keyed_digest


def count_lookup(customer: BranchCustomer, number: str) -> None:
    """Note that the customer asks about `number` today; each account counts once, unknown numbers too.

    Commits on its own, so that a look-up counts even when the page that asked is refused afterwards. The customer's
    row is locked while counting: parallel questions wait for each other. Raises PayeeLookupLimit.
    """
    today = clock.today()
    asked = {
        "customer_id": customer.user_id,
        "day": today,
        "account_number_digest": keyed_digest("payee-lookup", number.upper()),
    }
    most = int(limits.value(Limit.Code.PAYEE_LOOKUPS, tier=customer.kyc_tier, on=today))
    with transaction.atomic():
        _wait_for_ones_turn(customer)
        if PayeeLookup.objects.filter(**asked).exists():
            return
        if _asked_about(customer, today) >= most:
            raise PayeeLookupLimit(limit=most)
        PayeeLookup.objects.create(**asked)


def _wait_for_ones_turn(customer: BranchCustomer) -> None:
    """Lock the customer's row until the end of the transaction."""
    BranchCustomer.objects.select_for_update().get(user_id=customer.user_id)


def _asked_about(customer: BranchCustomer, today: date) -> int:
    return PayeeLookup.objects.filter(customer_id=customer.user_id, day=today).count()
