"""The bank's own changes of the holidays: proposed by one person, approved by another, for days to come."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wekeza_portal import calendar, clock
from wekeza_portal.errors import PortalError
from wekeza_portal.jobs.models import HolidayChange
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

KIND = "holiday"
Change = HolidayChange.Change
FARTHEST = timedelta(days=3 * 366)
"""What is further away is a slip of the keyboard."""


class TooLate(PortalError):
    code = "too_late"
    field = "day"
    message = gettext_lazy("The calendar can change from tomorrow on: what was paid by it must stay explained.")


class TooFar(PortalError):
    code = "too_far"
    field = "day"
    message = gettext_lazy("The day is more than three years away. Please check the year.")


class NothingToChange(PortalError):
    code = "nothing_to_change"
    field = "day"
    message = gettext_lazy("The calendar already says so for this day.")


class NameMissing(PortalError):
    code = "name_missing"
    field = "name_en"
    message = gettext_lazy("A holiday needs its name in both languages.")


class HolidayForm(forms.Form):
    """A day to make a holiday, or no longer one, and why."""

    change = forms.ChoiceField(label=gettext_lazy("What should change?"), choices=Change.choices)
    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=80, required=False)
    name_sw = forms.CharField(label=gettext_lazy("Name in Kiswahili"), max_length=80, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, help_text=gettext_lazy("For example the number of the gazette.")
    )


def payload_of(typed: dict[str, Any]) -> Payload:
    """What a proposal keeps of the form."""
    named = typed["change"] == Change.ADD
    return {
        "change": str(typed["change"]),
        "day": typed["day"].isoformat(),
        "name_en": typed["name_en"].strip() if named else "",
        "name_sw": typed["name_sw"].strip() if named else "",
    }


def refuse_if_wrong(payload: Payload) -> None:
    """Raises TooLate, TooFar, NameMissing or NothingToChange. Asked again when it is approved."""
    day, adds = date.fromisoformat(payload["day"]), payload["change"] == Change.ADD
    if day <= clock.today():
        raise TooLate()
    if day > clock.today() + FARTHEST:
        raise TooFar()
    if adds and not (payload["name_en"] and payload["name_sw"]):
        raise NameMissing()
    if bool(calendar.current().holiday(day)) == adds:
        raise NothingToChange()


def describe(payload: Payload) -> str:
    """ "Friday 18 December 2026 becomes a holiday: Jamhuri Day moved"."""
    day = date_format(date.fromisoformat(payload["day"]), "l j F Y")
    if payload["change"] == Change.REMOVE:
        return _("%(day)s becomes an ordinary day") % {"day": day}
    name = payload["name_sw"] if calendar.language() == "sw" else payload["name_en"]
    return _("%(day)s becomes a holiday: %(name)s") % {"day": day, "name": name}


def apply(proposal: Proposal) -> None:
    """Add the row, naming maker and checker."""
    payload = proposal.payload
    HolidayChange.objects.create(
        day=date.fromisoformat(payload["day"]),
        change=payload["change"],
        name_en=payload["name_en"],
        name_sw=payload["name_sw"],
        created_at=clock.now(),
        created_by=f"{proposal.made_by_code}, {proposal.decided_by_code}"[:60],
    )


def register_kind() -> None:
    """Once, when the apps are ready."""
    proposals.kinds.register(
        KIND,
        ProposalKind(
            title=gettext_lazy("Change of the holidays"),
            make_permission="jobs.propose_holiday",
            check_permission="jobs.approve_holiday",
            describe=describe,
            refuse_if_wrong=refuse_if_wrong,
            apply=apply,
        ),
    )
