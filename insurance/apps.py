from django.apps import AppConfig


class InsuranceConfig(AppConfig):
    name = "insurance"

    def ready(self) -> None:
        from insurance import demo, due, exports, ties
        from wekeza_portal.registry import account_ties, demo_seeders, due_sources

        demo_seeders.register("40-insurance", demo.seed)
        due_sources.register("insurance", due.SOURCE)
        account_ties.register("policies", ties.TIES)
        exports.register_all()
