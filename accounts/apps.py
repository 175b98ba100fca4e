from datetime import time

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import demo, demofactors, registered, tail
        from accounts.approvals import details, watching
        from accounts.cards import registered as cards
        from accounts.freezing import acts as freezing_acts
        from accounts.freezing import demo as freezing_demo
        from accounts.freezing import lifting
        from accounts.identity import housekeeping, knowncontacts, locknotices, outside, resetlinks
        from accounts.identity.factors import acts
        from accounts.privacy import registered as privacy
        from accounts.profile import acts as profile_acts
        from accounts.profile import changing, documents
        from accounts.profile import demo as profile_demo
        from accounts.proofs import making
        from accounts.servicing import registered as servicing
        from wekeza_portal.jobs.schedules import Daily, Every
        from wekeza_portal.registry import (
            Job,
            approval_executors,
            demo_codes,
            demo_seeders,
            instruction_kinds,
            jobs,
            request_pages,
            worker_steps,
        )
        from wekeza_portal.staff import switches

        switches.guarded(switches.SMS_CODES)
        switches.guarded(switches.EMAIL_CODES)
        switches.guarded(switches.TOTP_CODES)
        switches.guarded(switches.BACKUP_CODES)
        switches.guarded(switches.PASSKEYS)
        switches.guarded(switches.TRUSTED_DEVICES)
        acts.register()
        demo_seeders.register("10-accounts", demo.seed)
        demo_codes.register("10-customers", demofactors.codes)
        demo_seeders.register("95-stops-and-calls", freezing_demo.seed)
        demo_seeders.register("11-profile", profile_demo.seed)
        worker_steps.register("lock-notices", locknotices.deliver)
        worker_steps.register("outside-codes", outside.deliver)
        worker_steps.register("unfreeze", lifting.lift_due)
        instruction_kinds.register(lifting.KIND, freezing_acts.lift_kind())
        worker_steps.register("reset-links", resetlinks.deliver)
        worker_steps.register("contacts", knowncontacts.watch)
        worker_steps.register("decisions", watching.watch)
        worker_steps.register("branch-movements", tail.follow)
        jobs.register("tidy-identity", Job(_("Delete old codes, forms and sessions"), Every(60), housekeeping.tidy))
        proofs = Job(_("Prove the day before"), Daily(time(0, 20)), making.make_missing)
        jobs.register("proof-sheets", proofs)
        ending = Job(_("Remind of papers that end"), Daily(time(9, 0)), documents.remind)
        jobs.register("paper-reminders", ending)
        approval_executors.register(details.KIND, details.EXECUTOR)
        request_pages.register(details.KIND, details.PAGES)
        instruction_kinds.register(changing.KIND, profile_acts.CHANGE)
        registered.register_all()
        cards.register_all()
        servicing.register_all()
        privacy.register_all()
