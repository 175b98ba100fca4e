from django.apps import AppConfig


class InsuranceConfig(AppConfig):
    name = "insurance"

    def ready(self) -> None:
        from insurance import demo
        from wekeza_portal.registry import demo_seeders

        demo_seeders.register("40-insurance", demo.seed)
