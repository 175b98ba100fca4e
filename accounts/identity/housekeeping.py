"""What identity and undone instructions need not keep: deleted once an hour, as a job."""

from datetime import date, timedelta

from django.contrib.sessions.models import Session

from accounts import instructions
from accounts.identity import codes, keptforms, passwordchange, resetlinks, sessions
from accounts.identity.factors import app, passkeys
from accounts.models import KeptForm
from wekeza_portal import clock, errands, ratelimit
from wekeza_portal.notifications import inbox

DAY = timedelta(days=1)
ENDED_SESSIONS_LIFE = 90 * DAY


def tidy(business_date: date) -> int:
    """Delete old codes, counters, forms, messages, undone errands and dead sessions; how many rows. A job."""
    now = clock.now()
    deleted = codes.forget_old(now - DAY) + ratelimit.forget_old(now - 2 * DAY) + errands.forget_old(now - DAY)
    deleted += sessions.forget_old(now - ENDED_SESSIONS_LIFE) + instructions.forget_undone(now - 30 * DAY)
    deleted += inbox.forget_old(now) + passwordchange.forget_old(now - DAY)
    deleted += resetlinks.forget_old(now - DAY)
    deleted += app.forget_unproven(now - DAY) + passkeys.forget_old(now - DAY)
    deleted += KeptForm.objects.filter(created_at__lt=now - keptforms.LIFE).delete()[0]
    return deleted + Session.objects.filter(expire_date__lt=now).delete()[0]
