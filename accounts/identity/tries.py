"""How often somebody may try to sign in. Counted before the password is looked at.

Strangers share the budgets of their address, their network and the account. A browser this very customer signed in
from before has one of its own: whoever fills the others, far away or behind the same carrier's address, cannot lock
the owner out. A device cookie counts only for its own account, so it gives a guesser nothing.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest

from accounts.identity import devices, locknotices
from accounts.identity.backends import normalise_email
from wekeza_portal import ratelimit
from wekeza_portal.ratelimit import Policy, TooMany, client_address, neighbourhood

HALF_AN_HOUR = timedelta(minutes=30)
LOGIN_DEVICE = Policy("login-device", 10, HALF_AN_HOUR)
LOGIN_ACCOUNT = Policy("login-account", 10, HALF_AN_HOUR)
LOGIN_ADDRESS = Policy("login-address", 50, HALF_AN_HOUR)
LOGIN_NETWORK = Policy("login-network", 200, HALF_AN_HOUR)


@dataclass(frozen=True, slots=True)
class Counted:
    """One try and where it was counted: at `who` (policy and key) and at the wider budgets of `where`."""

    who: tuple[Policy, str]
    where: tuple[tuple[Policy, str], ...]


def count(request: HttpRequest, email: str) -> Counted:
    """Count one try, alike for addresses we don't know.

    Raises TooMany at the first budget that is used up and leaves the wider ones alone: a blocked visitor must not use
    up what the neighbours share. The customer is told about a closed account, later, by the worker.
    """
    counted = _budgets(request, normalise_email(email))
    for policy, key in counted.where:
        ratelimit.consume(policy, key)
    try:
        ratelimit.consume(*counted.who)
    except TooMany:
        locknotices.leave(request, normalise_email(email))
        raise
    return counted


def take_back(counted: Counted) -> None:
    """The password was right: forget the wrong ones before it, and this try."""
    for policy, key in counted.where:
        ratelimit.give_back(policy, key)
    ratelimit.reset(*counted.who)


def _budgets(request: HttpRequest, email: str) -> Counted:
    token = devices.token_of(request)
    if devices.is_known_for(email, token):
        return Counted((LOGIN_DEVICE, f"{devices.digest(token)}|{email}"), ())
    address = client_address(request)
    where = ((LOGIN_ADDRESS, address or "unknown"), (LOGIN_NETWORK, neighbourhood(address)))
    return Counted((LOGIN_ACCOUNT, email), where)
