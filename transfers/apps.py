from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransfersConfig(AppConfig):
    name = "transfers"

    def ready(self) -> None:
        from transfers.kinds import transfer_kind
        from transfers.papers import RECEIPT, receipt_kind
        from wekeza_portal.documents.kinds import paper_kinds
        from wekeza_portal.registry import instruction_kinds, message_links, not_exported
        from wekeza_portal.staff import switches

        for name in ("TRANSFER_INTERNAL", "TRANSFER_OWN"):
            instruction_kinds.register(name, transfer_kind())
        paper_kinds.register(RECEIPT, receipt_kind())
        message_links.register("payment_receipt", _("See the receipt"))
        not_exported.register("transfers.PayeeLookup", "Only digests, to count how many strangers were looked up.")
        switches.guarded(switches.INTERNAL_TRANSFERS)
