from django.apps import AppConfig


class SavingsConfig(AppConfig):
    name = "savings"

    def ready(self) -> None:
        from savings import demo, due, exports, ties
        from wekeza_portal.registry import account_ties, demo_seeders, due_sources

        demo_seeders.register("50-savings", demo.seed)
        due_sources.register("savings", due.SOURCE)
        account_ties.register("deposits", ties.TIES)
        exports.register_all()
