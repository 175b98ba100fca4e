from django.apps import AppConfig


class TransfersConfig(AppConfig):
    name = "transfers"

    def ready(self) -> None:
        from transfers.kinds import transfer_kind
        from transfers.papers import RECEIPT, receipt_kind
        from wekeza_portal.documents.kinds import paper_kinds
        from wekeza_portal.registry import instruction_kinds
        from wekeza_portal.staff import switches

        for name in ("TRANSFER_INTERNAL", "TRANSFER_OWN"):
            instruction_kinds.register(name, transfer_kind())
        paper_kinds.register(RECEIPT, receipt_kind())
        switches.guarded(switches.INTERNAL_TRANSFERS)
