"""The stop: one transaction after which nothing leaves the customer and nobody is signed in as them any more."""

from accounts.freezing import telling
from accounts.identity import sessions, trusted
from accounts.ledger import lock_accounts, money_operation
from accounts.models import Account, BranchCustomer, Freeze, User
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.registry import freeze_stops

By = Freeze.By


@money_operation
def stop(customer_id: int, *, by: By, actor: Actor, staff_code: str = "", reason: str = "") -> Freeze:
    """Stop everything that leaves this customer, end every session and every browser's trust, hold back what is not
    sent yet, tell the customer.

    At once and for everybody who may ask for it: tightening waits for nothing. Asking again ends the sessions again and
    calls off a wish to lift it; the moment since when it holds stays the first. `staff_code` and `reason` where the
    staff do it: then they alone lift it. BranchCustomer.DoesNotExist where there is no such customer.
    """
    _wait_for_what_is_being_paid(customer_id)
    freeze = Freeze.objects.select_for_update().filter(open_for=customer_id).first()
    is_new = freeze is None
    if freeze is None:
        freeze = Freeze(customer_id=customer_id, open_for=customer_id, since=clock.now(), begun_by=by)
    was_staffs, was_to_end = freeze.is_the_banks, freeze.lift_at is not None
    freeze.by_staff, freeze.reason = freeze.by_staff or staff_code, freeze.reason or reason[:300]
    freeze.lift_asked_at = freeze.lift_at = None
    freeze.save(force_insert=is_new, update_fields=None if is_new else _CHANGED)
    held = sum(part.hold(customer_id) for _name, part in freeze_stops.items())
    ended = _end_sessions(customer_id)
    facts = {"by": str(by), "held_back": held, "sessions_ended": ended, "again": not is_new, "reason": reason[:300]}
    record("freeze.begun", actor=actor, customer_id=customer_id, subject=f"freeze:{freeze.id}", data=facts)
    if is_new or (freeze.is_the_banks and not was_staffs):
        telling.stopped(freeze)
    elif was_to_end:
        telling.lift_called_off(freeze)
    return freeze


_CHANGED = ["by_staff", "reason", "lift_asked_at", "lift_at"]


def _wait_for_what_is_being_paid(customer_id: int) -> None:
    """Every payment holds the lock of its paying account: with all of them in hand none is under way.

    The customer first, so that two stops at once come one after the other where there is no account.
    """
    BranchCustomer.objects.select_for_update().get(pk=customer_id)
    ids = Account.objects.filter(customer_id=customer_id).order_by("account_id")
    lock_accounts(list(ids.values_list("account_id", flat=True)))


def _end_sessions(customer_id: int) -> int:
    user = User.objects.filter(customer_id=customer_id).first()
    if user is None:
        return 0
    trusted.forget(user)
    return sessions.end_all(user)
