from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "wekeza_portal.notifications"
    label = "notifications"

    def ready(self) -> None:
        from django.db.models import Q

        from wekeza_portal.notifications import delivery, services
        from wekeza_portal.rails import sms
        from wekeza_portal.registry import (
            CallbackHandler,
            EncryptedColumn,
            callback_handlers,
            encrypted_columns,
            waiting_steps,
        )

        waiting = Q(is_secret=True) & ~Q(body="")
        encrypted_columns.register("codes", EncryptedColumn("notifications.OutboxMessage", "body", waiting))
        waiting_steps.register("messages", services.deliver_due)
        callback_handlers.register("sms", CallbackHandler(parse=sms.read_report, handle=delivery.note))
