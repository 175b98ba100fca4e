from django.apps import AppConfig


class RailsConfig(AppConfig):
    """The outside world: companies that carry money or messages, what they call us with, whether they answer."""

    name = "wekeza_portal.rails"
    label = "rails"
    verbose_name = "Rails"

    def ready(self) -> None:
        from django.db.models import Q

        from wekeza_portal.rails import callbacks
        from wekeza_portal.rails.airtel_money import AirtelMoney
        from wekeza_portal.rails.base import rails
        from wekeza_portal.rails.bills import Bills
        from wekeza_portal.rails.cdsc import Cdsc
        from wekeza_portal.rails.mpesa import Payouts
        from wekeza_portal.rails.pesalink import PesaLink
        from wekeza_portal.rails.tkash import TKash
        from wekeza_portal.registry import EncryptedColumn, encrypted_columns, worker_steps

        encrypted_columns.register("rail-tokens", EncryptedColumn("rails.RailToken", "token", ~Q(token="")))
        worker_steps.register("callbacks", callbacks.work_through)
        rails.register("airtel_money", AirtelMoney())
        rails.register("bills", Bills())
        rails.register("cdsc", Cdsc())
        rails.register("mpesa", Payouts())
        rails.register("pesalink", PesaLink())
        rails.register("tkash", TKash())
