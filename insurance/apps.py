from django.apps import AppConfig


class InsuranceConfig(AppConfig):
    name = "insurance"

    def ready(self) -> None:
        from insurance import demo, due, exports
        from wekeza_portal.registry import demo_seeders, due_sources

        demo_seeders.register("40-insurance", demo.seed)
        due_sources.register("insurance", due.SOURCE)
        exports.register_all()
