"""The calendar and the jobs on the staff's pages, and which role may do what with them."""

from django.utils.translation import gettext_lazy as _

from wekeza_portal.jobs import boards
from wekeza_portal.staff import roles
from wekeza_portal.staff.site import portal_admin

SEE_CALENDAR, SEE_JOBS = "jobs.view_holidaychange", "jobs.view_jobrun"

portal_admin.add_board("calendar", "calendar/", boards.holidays_of_two_years, _("Business calendar"), SEE_CALENDAR)
portal_admin.add_board(
    "holiday_propose",
    "calendar/propose/",
    boards.propose_holiday,
    _("Propose a holiday or an ordinary day"),
    "jobs.propose_holiday",
)
portal_admin.add_board("jobs", "jobs/", boards.job_history, _("Scheduled jobs"), SEE_JOBS)
portal_admin.add_board("job_again", "jobs/<int:run_id>/again/", boards.run_again, _("Scheduled jobs"), "jobs.rerun_job")
portal_admin.add_panel(25, _("Scheduled jobs"), SEE_JOBS, boards.job_lines)
roles.grant_all(SEE_CALENDAR, SEE_JOBS)
roles.grant(roles.RISK, "jobs.approve_holiday")
roles.grant(roles.OPERATIONS, "jobs.propose_holiday", "jobs.approve_holiday", "jobs.rerun_job")
