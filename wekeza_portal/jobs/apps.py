from datetime import time

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """What runs when: the business calendar, the engine, its history."""

    name = "wekeza_portal.jobs"
    label = "jobs"
    verbose_name = _("Calendar and scheduled jobs")

    def ready(self) -> None:
        from wekeza_portal.jobs import demo, engine, holidays
        from wekeza_portal.jobs.schedules import Daily
        from wekeza_portal.registry import Job, demo_seeders, jobs, worker_steps

        holidays.register_kind()
        worker_steps.register("jobs", engine.work)
        jobs.register(
            "forget-job-history", Job(_("Delete old runs and markers"), Daily(time(3, 10)), engine.forget_old)
        )
        demo_seeders.register("95-jobs", demo.seed)
