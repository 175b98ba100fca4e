"""When orders are done: in the morning, once more in the evening, and a word the day before a large one."""

from datetime import date, time, timedelta

from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.models import Limit
from transfers.models import StandingOrder
from transfers.standing import messages, paying
from wekeza_portal import clock
from wekeza_portal.jobs.dueitems import for_each_due
from wekeza_portal.jobs.schedules import Daily
from wekeza_portal.registry import Job, jobs

MORNING, AFTERNOON = time(7, 0), time(16, 0)


def register() -> None:
    jobs.register("standing-orders", Job(_("Pay standing orders"), Daily(MORNING), paying.pay_due))
    again = Job(_("Try standing orders again that could not be paid"), Daily(paying.EVENING), paying.try_again)
    jobs.register("standing-orders-again", again)
    jobs.register("standing-orders-soon", Job(_("Announce large standing orders"), Daily(AFTERNOON), announce))


def announce(day: date) -> int:
    """Tell about tomorrow's large payments: those from which on a code is asked for. Too late, it is left out."""
    tomorrow = day + timedelta(days=1)
    if day < clock.today():
        return 0
    large = limits.value(Limit.Code.STEP_UP_ALLOWANCE, tier="", on=day)
    rows = StandingOrder.objects.filter(
        state=StandingOrder.State.ACTIVE, mode=StandingOrder.Mode.PAY, next_due=tomorrow, amount__gte=large
    )
    return for_each_due("standing soon", tomorrow, rows, messages.soon).done
