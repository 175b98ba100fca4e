from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import demo
        from accounts.identity import housekeeping
        from wekeza_portal.registry import demo_seeders, worker_steps

        demo_seeders.register("10-accounts", demo.seed)
        worker_steps.register("tidy-identity", housekeeping.tidy)
