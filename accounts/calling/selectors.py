"""What a customer reads about calls: who is on the phone now, who was before."""

from accounts.models import BankCall, BranchCustomer
from wekeza_portal import clock

MOST_SHOWN = 50


def open_call_of(customer_id: int) -> BankCall | None:
    """The call that runs at this moment; None when nobody of the bank is calling."""
    return BankCall.objects.filter(open_for=customer_id, expires_at__gt=clock.now()).first()


def calls_of(customer: BranchCustomer) -> list[BankCall]:
    """Calls to this person, newest first: the branch gives ids out again, so none from before the branch's row."""
    rows = BankCall.objects.filter(customer_id=customer.user_id, opened_at__gte=customer.created_at)
    return list(rows.order_by("-opened_at")[:MOST_SHOWN])


def past(calls: list[BankCall]) -> list[BankCall]:
    """Those that are over."""
    now = clock.now()
    return [call for call in calls if call.ended_at is not None or call.expires_at <= now]


def latest(staff_id: int | None = None) -> list[BankCall]:
    """The newest calls, of one member of staff or of all."""
    rows = BankCall.objects.all() if staff_id is None else BankCall.objects.filter(staff_id=staff_id)
    return list(rows.order_by("-opened_at")[:MOST_SHOWN])
