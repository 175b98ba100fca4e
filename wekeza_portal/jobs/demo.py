"""Demo data of the calendar and the jobs, made by the portal's own services."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model

from wekeza_portal import calendar, clock
from wekeza_portal.actors import Actor
from wekeza_portal.jobs import holidays
from wekeza_portal.jobs.models import JobState
from wekeza_portal.registry import jobs
from wekeza_portal.staff import demo as staff_demo
from wekeza_portal.staff import proposals, roles

OUTAGE = timedelta(days=3)


def seed(bank: Any) -> None:
    """Runs once, after the staff's: the worker then makes up for three days, and two days wait for the gazette."""
    started = clock.midnight(clock.today() - OUTAGE) - timedelta(seconds=1)
    for name, _job in jobs.items():
        JobState.objects.create(name=name, planned_until=started)
    days = calendar.current()
    first = days.next_business_day(clock.today() + timedelta(days=20))
    second = days.next_business_day(first + timedelta(days=30))
    maker, checker = _operators()
    settled = _propose(maker, first, "National day of tree planting", "Siku ya Kitaifa ya Kupanda Miti")
    proposals.approve(settled.pk, user=checker, actor=Actor(kind="staff", id=str(checker.pk)))
    _propose(maker, second, "Day of thanksgiving", "Siku ya Shukrani")


def _operators() -> tuple[Any, Any]:
    codes = [person.code for person in staff_demo.STAFF if person.role == roles.OPERATIONS]
    maker, checker = get_user_model().objects.filter(username__in=codes).order_by("username")
    return maker, checker


def _propose(maker: Any, day: Any, name_en: str, name_sw: str) -> Any:
    typed = {"change": "ADD", "day": day, "name_en": name_en, "name_sw": name_sw}
    return proposals.propose(
        holidays.KIND,
        holidays.payload_of(typed),
        reason="Kenya Gazette, special issue",
        user=maker,
        actor=Actor(kind="staff", id=str(maker.pk)),
    )
