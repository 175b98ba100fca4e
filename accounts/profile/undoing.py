"""The link that went to the old address: puts it back, once, within 72 hours, without signing in.

Whoever took over a login changes the address first, so that the owner hears nothing more. The old one still does.
"""

from accounts.identity import sessions, trusted
from accounts.ledger import money_operation
from accounts.models import BranchCustomer, ContactChange, User
from accounts.profile import changing, errors, telling
from accounts.profile.changing import State
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record


def find(token: str) -> ContactChange:
    """The change this link can still undo. Raises LinkIsOver, alike for every other one."""
    found = ContactChange.objects.filter(undo_digest=changing.digest(token), state=State.IN_FORCE).first()
    if found is None or found.undo_until is None or found.undo_until <= clock.now():
        raise errors.LinkIsOver()
    return found


@money_operation
def undo(token: str, actor: Actor) -> ContactChange:
    """Put the old address back, end every session and every browser's trust, and say so at old and new.

    Raises LinkIsOver, ChangedSince where the branch has written something else since, NotForYou where somebody else has
    the old one by now.
    """
    customer = BranchCustomer.objects.select_for_update().get(pk=find(token).customer_id)
    change = ContactChange.objects.select_for_update().get(pk=find(token).pk)
    if change.state != State.IN_FORCE:
        raise errors.LinkIsOver()
    if changing.held(customer, change.detail) != change.new:
        raise errors.ChangedSince()
    changing.write(customer, change.detail, change.old)
    change.state, change.undone_at = State.UNDONE, clock.now()
    change.save(update_fields=["state", "undone_at"])
    changing.give_up_waiting(customer.user_id)
    ended = sum(_end_sessions(user) for user in User.objects.filter(customer_id=customer.user_id))
    data = {"detail": change.detail, "sessions_ended": ended}
    record("contact.undone", actor=actor, customer_id=customer.user_id, subject=f"contact:{change.id}", data=data)
    telling.undone(customer, change)
    return change


def _end_sessions(user: User) -> int:
    """Trust as well: it stood on the number that is in force again, and would hold again with it."""
    trusted.forget(user)
    return sessions.end_all(user)
