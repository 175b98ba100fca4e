from django.apps import AppConfig


class LendingConfig(AppConfig):
    name = "lending"

    def ready(self) -> None:
        from lending import demo, due, exports
        from wekeza_portal.registry import demo_seeders, due_sources

        demo_seeders.register("30-lending", demo.seed)
        due_sources.register("lending", due.SOURCE)
        exports.register_all()
