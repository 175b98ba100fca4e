from django.apps import AppConfig


class LendingConfig(AppConfig):
    name = "lending"

    def ready(self) -> None:
        from lending import demo, due, exports, ties
        from wekeza_portal.registry import account_ties, demo_seeders, due_sources

        demo_seeders.register("30-lending", demo.seed)
        due_sources.register("lending", due.SOURCE)
        account_ties.register("loans", ties.TIES)
        exports.register_all()
