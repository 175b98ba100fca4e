from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import demo, tail
        from accounts.approvals import details, watching
        from accounts.identity import housekeeping, locknotices
        from accounts.proofs import making
        from wekeza_portal.registry import approval_executors, demo_seeders, worker_steps
        from wekeza_portal.staff import switches

        switches.guarded(switches.SMS_CODES)
        switches.guarded(switches.EMAIL_CODES)
        demo_seeders.register("10-accounts", demo.seed)
        worker_steps.register("tidy-identity", housekeeping.tidy)
        worker_steps.register("lock-notices", locknotices.deliver)
        worker_steps.register("decisions", watching.watch)
        worker_steps.register("branch-movements", tail.follow)
        worker_steps.register("proof-sheets", making.make_due)
        approval_executors.register(details.KIND, details.EXECUTOR)
