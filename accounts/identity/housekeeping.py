"""What identity and undone instructions need not keep: deleted by the worker, once an hour whatever the workers."""

from datetime import timedelta

from django.contrib.sessions.models import Session

from accounts import instructions
from accounts.identity import codes, keptforms, sessions
from accounts.models import KeptForm
from wekeza_portal import clock, errands, ratelimit
from wekeza_portal.notifications import inbox
from wekeza_portal.ratelimit import Policy, TooMany

ONCE_AN_HOUR = Policy("tidy-identity", 1, timedelta(hours=1))
DAY = timedelta(days=1)
ENDED_SESSIONS_LIFE = 90 * DAY


def tidy() -> int:
    """Delete old codes, counters, forms, messages, undone errands, dead sessions; how many rows. A worker step."""
    if ratelimit.peek(ONCE_AN_HOUR, ""):
        return 0
    try:
        ratelimit.consume(ONCE_AN_HOUR, "")
    except TooMany:
        return 0
    now = clock.now()
    deleted = codes.forget_old(now - DAY) + ratelimit.forget_old(now - 2 * DAY) + errands.forget_old(now - DAY)
    deleted += sessions.forget_old(now - ENDED_SESSIONS_LIFE) + instructions.forget_undone(now - 30 * DAY)
    deleted += inbox.forget_old(now)
    deleted += KeptForm.objects.filter(created_at__lt=now - keptforms.LIFE).delete()[0]
    return deleted + Session.objects.filter(expire_date__lt=now).delete()[0]
