from datetime import time

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import demo, registered, tail
        from accounts.approvals import details, watching
        from accounts.cards import registered as cards
        from accounts.identity import housekeeping, locknotices
        from accounts.proofs import making
        from wekeza_portal.jobs.schedules import Daily, Every
        from wekeza_portal.registry import Job, approval_executors, demo_seeders, jobs, request_pages, worker_steps
        from wekeza_portal.staff import switches

        switches.guarded(switches.SMS_CODES)
        switches.guarded(switches.EMAIL_CODES)
        demo_seeders.register("10-accounts", demo.seed)
        worker_steps.register("lock-notices", locknotices.deliver)
        worker_steps.register("decisions", watching.watch)
        worker_steps.register("branch-movements", tail.follow)
        jobs.register("tidy-identity", Job(_("Delete old codes, forms and sessions"), Every(60), housekeeping.tidy))
        proofs = Job(_("Prove the day before"), Daily(time(0, 20)), making.make_missing)
        jobs.register("proof-sheets", proofs)
        approval_executors.register(details.KIND, details.EXECUTOR)
        request_pages.register(details.KIND, details.PAGES)
        registered.register_all()
        cards.register_all()
