from django.apps import AppConfig


class RailsConfig(AppConfig):
    """The outside world: companies that carry money or messages, what they call us with, whether they answer."""

    name = "wekeza_portal.rails"
    label = "rails"
    verbose_name = "Rails"

    def ready(self) -> None:
        from wekeza_portal.rails import callbacks, mpesa
        from wekeza_portal.rails.base import rails
        from wekeza_portal.registry import worker_steps

        worker_steps.register("callbacks", callbacks.work_through)
        rails.register("mpesa", mpesa.Payouts())
