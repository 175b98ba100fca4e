from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import demo, registered, tail
        from accounts.approvals import details, watching
        from accounts.identity import housekeeping, locknotices
        from wekeza_portal.registry import approval_executors, demo_seeders, worker_steps

        demo_seeders.register("10-accounts", demo.seed)
        worker_steps.register("tidy-identity", housekeeping.tidy)
        worker_steps.register("lock-notices", locknotices.deliver)
        worker_steps.register("decisions", watching.watch)
        worker_steps.register("branch-movements", tail.follow)
        approval_executors.register(details.KIND, details.EXECUTOR)
        registered.register_all()
