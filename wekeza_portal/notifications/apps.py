from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "wekeza_portal.notifications"
    label = "notifications"

    def ready(self) -> None:
        from wekeza_portal.notifications import delivery, services
        from wekeza_portal.rails import sms
        from wekeza_portal.registry import CallbackHandler, callback_handlers, waiting_steps

        waiting_steps.register("messages", services.deliver_due)
        callback_handlers.register("sms", CallbackHandler(parse=sms.read_report, handle=delivery.note))
