from django.apps import AppConfig


class SavingsConfig(AppConfig):
    name = "savings"

    def ready(self) -> None:
        from savings import demo
        from wekeza_portal.registry import demo_seeders

        demo_seeders.register("50-savings", demo.seed)
