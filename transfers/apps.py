from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransfersConfig(AppConfig):
    name = "transfers"

    def ready(self) -> None:
        from accounts.ledger import Kind as PostingRules
        from accounts.ledger import register_kind
        from transfers import demo, exports
        from transfers.destinations import Kind
        from transfers.kinds import outside_kind, transfer_kind
        from transfers.outside import callbacks, checking, working
        from transfers.outside.kinds import KINDS
        from transfers.outside.rails import TITLES as RAIL_TITLES
        from transfers.papers import RECEIPT, receipt_kind
        from wekeza_portal.documents.kinds import paper_kinds
        from wekeza_portal.registry import (
            demo_seeders,
            instruction_kinds,
            ledger_checks,
            message_links,
            worker_steps,
        )
        from wekeza_portal.staff import switches

        for name in ("TRANSFER_INTERNAL", "TRANSFER_OWN"):
            instruction_kinds.register(name, transfer_kind())
        for kind in Kind.values:
            register_kind(kind, PostingRules(counts=True))
            instruction_kinds.register(kind, outside_kind())
        worker_steps.register("payments", working.work)
        callbacks.register()
        ledger_checks.register("payments-out", checking.differences)
        demo_seeders.register("30-transfers", demo.seed)
        paper_kinds.register(RECEIPT, receipt_kind())
        message_links.register("payment_receipt", _("See the receipt"))
        exports.register_all()
        for code in (switches.INTERNAL_TRANSFERS, *{kind.switch for kind in KINDS.values()}, *RAIL_TITLES):
            switches.guarded(code)
