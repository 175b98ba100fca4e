from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatementsConfig(AppConfig):
    name = "statements"

    def ready(self) -> None:
        from statements import demo
        from statements.disputes import asking
        from statements.year.paper import YEAR_SUMMARY, year_kind
        from wekeza_portal.documents.kinds import paper_kinds
        from wekeza_portal.registry import approval_executors, demo_seeders, message_links, request_pages, support_pages

        message_links.register("movement", _("See the movement"))
        support_pages.register("view", _("History"))
        support_pages.register("movement", _("A movement"))
        support_pages.register("balance_history", _("Balance, 90 days"))
        approval_executors.register(asking.KIND, asking.EXECUTOR)
        request_pages.register(asking.KIND, asking.PAGES)
        paper_kinds.register(YEAR_SUMMARY, year_kind())
        demo_seeders.register("80-statements", demo.seed)
