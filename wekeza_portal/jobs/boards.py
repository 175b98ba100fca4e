"""The staff's pages of this app: the calendar, and what ran when."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wekeza_portal import calendar, clock
from wekeza_portal.errors import PortalError
from wekeza_portal.jobs import engine, holidays, selectors
from wekeza_portal.staff import proposals
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin

ALARMING = 15 * 60
"""Seconds a job may be overdue before the front page says so in red."""


@require_safe
def holidays_of_two_years(request: HttpRequest) -> HttpResponse:
    """Holidays of this year and the next, and what the bank changed."""
    days, year, language = calendar.current(), clock.today().year, calendar.language()
    years = [(each, days.holidays_of(each, language)) for each in (year, year + 1)]
    context = {
        "years": years,
        "added": set(days.added),
        "changes": selectors.holiday_changes(year),
        "may_propose": request.user.has_perm("jobs.propose_holiday"),
    }
    return portal_admin.page(request, "staff/calendar.html", _("Business calendar"), **context)


@require_http_methods(["GET", "HEAD", "POST"])
def propose_holiday(request: HttpRequest) -> HttpResponse:
    """Propose that a day becomes a holiday or an ordinary day; somebody else approves it."""
    form = holidays.HolidayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        payload, reason = holidays.payload_of(form.cleaned_data), form.cleaned_data["reason"]
        try:
            proposal = proposals.propose(
                holidays.KIND, payload, reason=reason, user=request.user, actor=actor_from(request)
            )
        except PortalError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Proposed. Another person has to approve it."))
            return redirect("admin:proposal", proposal.pk)
    title = _("Propose a holiday or an ordinary day")
    about = _("Money that is due on a holiday moves to the next business day, where the product says so.")
    return portal_admin.page(request, "staff/propose.html", title, form=form, about=about)


@require_safe
def job_history(request: HttpRequest) -> HttpResponse:
    """Each job with its schedule and how it stands; below what ran, when it was due, how long it took, what failed."""
    history = selectors.history(job=request.GET.get("job", ""), before=request.GET.get("before", ""))
    may_rerun = request.user.has_perm("jobs.rerun_job")
    context = {"standing": selectors.standing(), "history": history, "may_rerun": may_rerun}
    return portal_admin.page(request, "staff/jobs.html", _("Scheduled jobs"), **context)


@require_POST
def run_again(request: HttpRequest, run_id: int) -> HttpResponse:
    """Have one run tried at the worker's next round."""
    if not selectors.exists(run_id):
        raise Http404
    run = engine.run_again(run_id, actor=actor_from(request))
    if run is None:
        messages.error(request, _("This run can't be started now: it is running, or its job is no longer there."))
    else:
        messages.success(request, _("The run waits for the worker, which begins it within seconds."))
    return redirect("admin:jobs")


def job_lines() -> list[tuple[Any, Any, bool]]:
    """How long the longest overdue job has been due, and how many runs failed."""
    seconds, failing = engine.overdue_seconds(), selectors.failing()
    late = _("Nothing is overdue") if seconds is None else _("%(minutes)s min") % {"minutes": seconds // 60}
    return [
        (_("Longest overdue job"), late, seconds is not None and seconds > ALARMING),
        (_("Runs that failed and are tried again"), failing, failing > 0),
    ]
