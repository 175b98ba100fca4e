""" "This wasn't me": whoever else is in is out, is a stranger again, and has nothing under way."""

from accounts.identity import devices, passwordchange, resetlinks, sessions
from accounts.models import SignedInSession, User


def disown(user: User, keep: SignedInSession, token: str) -> int:
    """End every session but `keep`, forget every browser but that of `token`, void links and waiting passwords.

    In the caller's transaction; how many sessions were ended.
    """
    ended = sessions.end_all(user, but=keep)
    devices.forget_others(user, token)
    resetlinks.void(user)
    passwordchange.void(user)
    return ended
