"""What deposits from M-Pesa give to the rest of the portal; called once, when the apps are ready."""

from django.utils.translation import gettext_lazy as _

from transfers.collecting import callbacks, checking, demo, kinds, returning, working
from transfers.collecting.kind import deposit_kind
from transfers.collecting.papers import RECEIVED, received_kind
from wekeza_portal.documents.kinds import paper_kinds
from wekeza_portal.registry import demo_seeders, instruction_kinds, ledger_checks, message_links, waiting_steps


def register() -> None:
    kinds.register()
    callbacks.register()
    instruction_kinds.register(kinds.ASK, deposit_kind())
    waiting_steps.register("deposits", working.work)
    waiting_steps.register("money-given-back", returning.work)
    ledger_checks.register("money-in", checking.differences)
    demo_seeders.register("99-deposits", demo.seed)
    paper_kinds.register(RECEIVED, received_kind())
    message_links.register("received", _("See the receipt"))
    message_links.register("deposit_page", _("See the deposit"))
