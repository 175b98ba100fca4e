from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransfersConfig(AppConfig):
    name = "transfers"

    def ready(self) -> None:
        _register_payments()
        _register_payees()
        _register_standing_orders()
        _register_requests_and_files()


def _register_payments() -> None:
    """Payments inside the bank and out of it: how each is done, checked, printed and switched off."""
    from django.db.models import Q

    from accounts.ledger import Kind as PostingRules
    from accounts.ledger import register_kind
    from transfers import demo, demo_payments, exports, ties
    from transfers.collecting import registering as collecting
    from transfers.destinations import Kind
    from transfers.kinds import outside_kind, own_kind, transfer_kind
    from transfers.outside import amending, callbacks, checking, heldkind, working
    from transfers.outside.kinds import KINDS
    from transfers.outside.papers import BROKER_NOTE, broker_note_kind
    from transfers.outside.rails import TITLES as RAIL_TITLES
    from transfers.papers import RECEIPT, receipt_kind
    from wekeza_portal.documents.kinds import paper_kinds
    from wekeza_portal.registry import (
        EncryptedColumn,
        demo_seeders,
        encrypted_columns,
        instruction_kinds,
        ledger_checks,
        message_links,
        support_pages,
        waiting_steps,
    )
    from wekeza_portal.staff import switches

    instruction_kinds.register("TRANSFER_INTERNAL", transfer_kind())
    instruction_kinds.register("TRANSFER_OWN", own_kind())
    heldkind.register()
    for kind in Kind.values:
        register_kind(kind, PostingRules(counts=True))
        instruction_kinds.register(kind, outside_kind())
    for code in (switches.INTERNAL_TRANSFERS, *{kind.switch for kind in KINDS.values()}, *RAIL_TITLES):
        switches.guarded(code)
    bought = EncryptedColumn("transfers.Payment", "token", ~Q(token=""))
    encrypted_columns.register("bought-tokens", bought)
    waiting_steps.register("payments", working.work)
    for module in (callbacks, collecting, amending):
        module.register()
    ledger_checks.register("payments-out", checking.differences)
    paper_kinds.register(RECEIPT, receipt_kind())
    paper_kinds.register(BROKER_NOTE, broker_note_kind())
    message_links.register("payment_receipt", _("See the receipt"))
    for name, words in {"payment_receipt": _("A payment"), "received": _("Money that came in")}.items():
        support_pages.register(name, words)
    demo_seeders.register("30-transfers", demo.seed)
    demo_seeders.register("99-payments", demo_payments.seed)
    ties.register()
    exports.register_all()


def _register_payees() -> None:
    """Keeping a payee, the limit of one, and forgetting one."""
    from transfers.payees import demo
    from transfers.payees.acts import keep_kind, limit_kind, remove_kind
    from transfers.payees.keeping import KEEP, RAISE_LIMIT, REMOVE
    from wekeza_portal.registry import demo_seeders, instruction_kinds, message_links

    instruction_kinds.register(KEEP, keep_kind())
    instruction_kinds.register(RAISE_LIMIT, limit_kind())
    instruction_kinds.register(REMOVE, remove_kind())
    message_links.register("payee", _("See the payee"))
    message_links.register("payees", _("See your payees"))
    demo_seeders.register("35-payees", demo.seed)


def _register_standing_orders() -> None:
    """Standing orders and later payments: set up once, paid by a job on each date."""
    from transfers.standing import demo, due, frozen, jobs
    from transfers.standing.kind import standing_kind
    from transfers.standing.setting import KIND
    from wekeza_portal.registry import (
        FreezeStop,
        demo_seeders,
        due_sources,
        freeze_stops,
        instruction_kinds,
        message_links,
        support_pages,
    )

    instruction_kinds.register(KIND, standing_kind())
    stop = FreezeStop(frozen.pause_young, "transfers/standing/frozen.html", frozen.shown)
    freeze_stops.register("standing-orders", stop)
    jobs.register()
    due_sources.register("standing", due.SOURCE)
    message_links.register("standing_order", _("See the standing order"))
    support_pages.register("standing", _("Standing orders"))
    support_pages.register("standing_order", _("A standing order"))
    message_links.register("standing_pay", _("Pay now"))
    demo_seeders.register("60-standing", demo.seed)


def _register_requests_and_files() -> None:
    """Asking another customer for money, and paying many people from one file."""
    from transfers.asking import delivering
    from transfers.asking import demo as demo_requests
    from transfers.kinds import file_kind
    from transfers.many import demo as demo_files
    from transfers.many import files, paying
    from wekeza_portal.registry import demo_seeders, instruction_kinds, message_links, waiting_steps, worker_steps

    worker_steps.register("money-requests", delivering.deliver)
    message_links.register("money_requests", _("See who asks you for money"))
    demo_seeders.register("31-money-requests", demo_requests.seed)
    instruction_kinds.register(files.KIND, file_kind())
    waiting_steps.register("payment-files", paying.work)
    message_links.register("payment_file", _("See the file"))
    demo_seeders.register("32-payment-files", demo_files.seed)
