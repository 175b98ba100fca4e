from django.apps import AppConfig


class LendingConfig(AppConfig):
    name = "lending"

    def ready(self) -> None:
        from lending import demo
        from wekeza_portal.registry import demo_seeders

        demo_seeders.register("30-lending", demo.seed)
