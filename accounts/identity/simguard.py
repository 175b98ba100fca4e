"""The phone number of a customer may be somebody else's since yesterday: a SIM swapped, a number changed at the branch.

The branch's row is the truth for the number; the portal remembers which one it knew and when it first saw another. For
72 hours from then codes by SMS still sign in, but confirm no payment and no change: whoever took the number over needs
something else too.
"""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identity import knowncontacts
from accounts.models import User
from wekeza_portal import clock, dates
from wekeza_portal.errors import PortalError

SETTLED_AFTER = timedelta(hours=72)


class NumberIsNew(PortalError):
    code = "number_is_new"
    message = gettext_lazy(
        "Your phone number was changed on %(day)s. Until %(until)s codes by SMS confirm no payments and no changes,"
        " in case it was not you. Use another way, or wait."
    )


def refuse_while_new(user: User) -> None:
    """Raises NumberIsNew within 72 hours of the moment when we first saw the number; it is looked at now."""
    knowncontacts.note(user)
    if user.phone_changed_at is not None and clock.now() < user.phone_changed_at + SETTLED_AFTER:
        raise NumberIsNew(**_when(user))


def notice(user: User) -> str:
    """What the customer reads while the number is new, in the active language; "" once it is settled."""
    try:
        refuse_while_new(user)
    except NumberIsNew as refusal:
        return str(refusal)
    return ""


def _when(user: User) -> dict[str, str]:
    assert user.phone_changed_at is not None
    begins = user.phone_changed_at.astimezone(clock.NAIROBI)
    ends = begins + SETTLED_AFTER
    at = _("%(day)s, %(time)s")
    return {
        "day": at % {"day": dates.shown(begins, "j M Y"), "time": f"{begins:%H:%M}"},
        "until": at % {"day": dates.shown(ends, "j M Y"), "time": f"{ends:%H:%M}"},
    }
