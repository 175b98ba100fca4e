"""Telling a customer that sign-in was closed after too many tries.

The request leaves the same errand for every address, known or not, and the worker looks up whose it is: answering
"too many" takes the same statements and the same time for everybody.
"""

from datetime import datetime, timedelta

from django.http import HttpRequest

from accounts.identity import alerts, sessions
from accounts.identity.backends import user_by_email
from accounts.models import SignInAttempt
from wekeza_portal import clock, errands, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.ratelimit import Policy, TooMany, client_address

ONCE_PER_CLOSING = Policy("lock-notice", 1, timedelta(minutes=30))
ERRAND = "lock-notice"


def leave(request: HttpRequest, email: str) -> None:
    """Leave word that sign-in with `email` (normalised) was closed: once per closing, not once per try."""
    try:
        ratelimit.consume(ONCE_PER_CLOSING, email)
    except TooMany:
        return
    errands.leave(
        ERRAND,
        {
            "email": email,
            "at": clock.now().isoformat(),
            "ip": client_address(request) or "",
            "user_agent": sessions.user_agent(request),
            "request_id": getattr(request, "request_id", ""),
        },
    )


def deliver() -> int:
    """Note every closing in its customer's history and tell the customer. A worker step; how many were looked at."""
    return errands.run(ERRAND, _deliver)


def _deliver(what: dict[str, str]) -> None:
    user = user_by_email(what["email"])
    if user is None:
        return
    ip = what["ip"] or None
    attempt = SignInAttempt.objects.create(
        user=user,
        at=datetime.fromisoformat(what["at"]),
        outcome=SignInAttempt.Outcome.BLOCKED,
        ip=ip,
        user_agent=what["user_agent"],
    )
    alerts.blocked(user, attempt)
    record("sign_in.blocked", actor=Actor("customer", str(user.pk), user.customer_id, what["request_id"], ip))
