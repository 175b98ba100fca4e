"""What runs when: holidays the bank adds or takes away, planned runs, rows already done for a date."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HolidayChange(models.Model):
    """One day made a holiday, or no longer one, by maker and checker. The newest row of a day holds.

    Rows are added, never edited: what was paid on a day stays explained by the calendar of that time.
    """

    class Change(models.TextChoices):
        ADD = "ADD", _("Make it a holiday")
        REMOVE = "REMOVE", _("Make it an ordinary day")

    day = models.DateField()
    change = models.CharField(max_length=6, choices=Change.choices)
    name_en = models.CharField(max_length=80, blank=True, help_text="As gazetted.")
    name_sw = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60, help_text="Codes of maker and checker.")

    class Meta:
        db_table = "portal_holiday_change"
        default_permissions = ("view",)
        permissions = [
            ("propose_holiday", "Can propose a change of the holidays"),
            ("approve_holiday", "Can approve a change of the holidays"),
        ]
        indexes = [models.Index(fields=["day"], name="portal_holiday_change_day")]

    def __str__(self) -> str:
        return f"{self.change} {self.day}"


class JobState(models.Model):
    """How far one job has been planned. Its lock lets one runner at a time plan or begin a run of the job."""

    name = models.CharField(max_length=60, primary_key=True)
    planned_until = models.DateTimeField(help_text="Every slot up to here has its run.")

    class Meta:
        db_table = "portal_job_state"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class JobRun(models.Model):
    """One job for one slot. `next_at` is when a runner may take it: a claim moves it on, a death lets it pass."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        RUNNING = "RUNNING", _("Running")
        FAILED = "FAILED", _("Failed, is tried again")
        PARTIAL = "PARTIAL", _("Some failed, those are tried again")
        DONE = "DONE", _("Done")

    job = models.CharField(max_length=60, help_text="A name in wekeza_portal.registry.jobs.")
    slot = models.CharField(max_length=16, help_text="The business date, with hours and minutes for frequent jobs.")
    business_date = models.DateField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0, help_text="Claims so far; tells a late runner that it lost its.")
    tries = models.PositiveIntegerField(default=0, help_text="Failures since the last success, for the back-off.")
    next_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, help_text="Of the first claim.")
    finished_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0, help_text="Rows done.")
    failed = models.PositiveIntegerField(default=0, help_text="Rows that failed in this try.")
    progress = models.JSONField(default=dict, help_text="How far an unfinished try came, by work.")
    error = models.CharField(max_length=200, blank=True, help_text="Kind and place of the last failure; no data.")

    class Meta:
        db_table = "portal_job_run"
        default_permissions = ("view",)
        permissions = [("rerun_job", "Can run a job again")]
        constraints = [models.UniqueConstraint(fields=["job", "slot"], name="portal_job_run_once")]
        indexes = [
            models.Index(fields=["state", "next_at"], name="portal_job_run_open"),
            models.Index(fields=["job", "due_at"], name="portal_job_run_order"),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.slot}"


class DueDone(models.Model):
    """One row's work for one date is done. Written in the transaction of the work: both happened or neither."""

    work = models.CharField(max_length=40)
    key = models.CharField(max_length=40, help_text="Primary key of the row.")
    due_on = models.DateField()
    done_at = models.DateTimeField()

    class Meta:
        db_table = "portal_due_done"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["work", "due_on", "key"], name="portal_due_done_once")]

    def __str__(self) -> str:
        return f"{self.work} {self.key} {self.due_on}"
