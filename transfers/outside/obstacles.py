"""What stands in the way of services and rails now: switched off, not set up, or not answering of late."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db.models import DateField, TextField, Value
from django.db.models.functions import Cast

from transfers.outside.errors import RailNotSetUp
from transfers.outside.rails import TITLES
from wekeza_portal import clock
from wekeza_portal.rails import credentials
from wekeza_portal.rails.circuit import REST
from wekeza_portal.rails.models import RailCircuit
from wekeza_portal.staff import switches
from wekeza_portal.staff.models import PortalSwitch

_NO_DAY = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Obstacles:
    """`off`: the notices of what is switched off or not set up, by code. Names of rails in capitals:

    `resting` are to be left alone now, `absent` were never set up.
    """

    off: dict[str, str]
    resting: set[str]
    absent: set[str] = field(default_factory=set)

    def works(self, rail: str) -> bool:
        return rail not in self.off and rail not in self.resting


def look(codes: Collection[str], rails: Collection[str]) -> Obstacles:
    """Both in one query, for pages: `codes` of switches and names of rails in capitals."""
    off = PortalSwitch.objects.filter(code__in=codes, is_on=False)
    since = clock.now() - REST
    rests = RailCircuit.objects.filter(rail__in=[name.lower() for name in rails], opened_at__gt=since)
    nothing = Cast(Value(""), TextField())
    rows = off.annotate(
        what=Cast("code", TextField()), en=Cast("notice_en", TextField()), sw=Cast("notice_sw", TextField()),
        day=Cast("since", DateField()),
    ).values_list("what", "en", "sw", "day")  # fmt: skip
    slow = rests.annotate(
        what=Cast("rail", TextField()), en=nothing, sw=nothing, day=Cast(Value(_NO_DAY), DateField())
    ).values_list("what", "en", "sw", "day")
    found = Obstacles({}, set())
    for what, notice_en, notice_sw, day in rows.union(slow, all=True):
        if what.islower():
            found.resting.add(what.upper())
        else:
            row = PortalSwitch(code=what, notice_en=notice_en, notice_sw=notice_sw, since=day)
            found.off[what] = switches.notice_of(row)
    for name in rails:
        if not credentials.may_be_offered(name.lower()):
            found.absent.add(name)
            found.off.setdefault(name, str(RailNotSetUp(rail=TITLES[name])))
    return found
