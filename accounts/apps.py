from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import demo
        from wekeza_portal.registry import demo_seeders

        demo_seeders.register("10-accounts", demo.seed)
