from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransfersConfig(AppConfig):
    name = "transfers"

    def ready(self) -> None:
        from accounts.ledger import Kind as PostingRules
        from accounts.ledger import register_kind
        from transfers import demo, demo_payments, exports
        from transfers.asking import delivering
        from transfers.asking import demo as demo_requests
        from transfers.collecting import registering as collecting
        from transfers.destinations import Kind
        from transfers.kinds import file_kind, outside_kind, transfer_kind
        from transfers.many import demo as demo_files
        from transfers.many import files, paying
        from transfers.outside import amending, callbacks, checking, working
        from transfers.outside.kinds import KINDS
        from transfers.outside.papers import BROKER_NOTE, broker_note_kind
        from transfers.outside.rails import TITLES as RAIL_TITLES
        from transfers.papers import RECEIPT, receipt_kind
        from transfers.payees import demo as payees_demo
        from transfers.payees.acts import keep_kind, limit_kind
        from transfers.payees.keeping import KEEP, RAISE_LIMIT
        from transfers.standing import demo as standing_demo
        from transfers.standing import due as standing_due
        from transfers.standing import jobs as standing_jobs
        from transfers.standing.kind import standing_kind
        from transfers.standing.setting import KIND as STANDING_ORDER
        from wekeza_portal.documents.kinds import paper_kinds
        from wekeza_portal.registry import (
            demo_seeders,
            due_sources,
            instruction_kinds,
            ledger_checks,
            message_links,
            waiting_steps,
            worker_steps,
        )
        from wekeza_portal.staff import switches

        for name in ("TRANSFER_INTERNAL", "TRANSFER_OWN"):
            instruction_kinds.register(name, transfer_kind())
        for kind in Kind.values:
            register_kind(kind, PostingRules(counts=True))
            instruction_kinds.register(kind, outside_kind())
        instruction_kinds.register(KEEP, keep_kind())
        instruction_kinds.register(RAISE_LIMIT, limit_kind())
        instruction_kinds.register(STANDING_ORDER, standing_kind())
        standing_jobs.register()
        due_sources.register("standing", standing_due.SOURCE)
        demo_seeders.register("60-standing", standing_demo.seed)
        message_links.register("standing_order", _("See the standing order"))
        message_links.register("standing_pay", _("Pay now"))
        waiting_steps.register("payments", working.work)
        instruction_kinds.register(files.KIND, file_kind())
        waiting_steps.register("payment-files", paying.work)
        message_links.register("payment_file", _("See the file"))
        worker_steps.register("money-requests", delivering.deliver)
        message_links.register("money_requests", _("See who asks you for money"))
        for module in (callbacks, collecting, amending):
            module.register()
        ledger_checks.register("payments-out", checking.differences)
        demo_seeders.register("30-transfers", demo.seed)
        demo_seeders.register("35-payees", payees_demo.seed)
        demo_seeders.register("99-payments", demo_payments.seed)
        demo_seeders.register("31-money-requests", demo_requests.seed)
        demo_seeders.register("32-payment-files", demo_files.seed)
        paper_kinds.register(RECEIPT, receipt_kind())
        paper_kinds.register(BROKER_NOTE, broker_note_kind())
        message_links.register("payment_receipt", _("See the receipt"))
        message_links.register("payee", _("See the payee"))
        exports.register_all()
        for code in (switches.INTERNAL_TRANSFERS, *{kind.switch for kind in KINDS.values()}, *RAIL_TITLES):
            switches.guarded(code)
