"""Which way a customer is asked first."""

from accounts.identity.factors.ways import Ways
from accounts.models import User, Way
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record


def begin_with(user: User, way: Way, ways: Ways, actor: Actor) -> None:
    """Ask this user for `way` first from now on. ValueError for one they don't have or the bank has closed.

    No code is asked for: every way the customer has opens as much as the others.
    """
    if way not in ways.may_come_first:
        raise ValueError(f"{way} is not a way of this customer")
    before = user.preferred_way
    if before != way:
        User.objects.filter(pk=user.pk).update(preferred_way=way)
        record("factor.first", actor=actor, data={"before": before, "after": str(way)})
