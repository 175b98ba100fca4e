from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "wekeza_portal.notifications"
    label = "notifications"

    def ready(self) -> None:
        from wekeza_portal.notifications import services
        from wekeza_portal.registry import worker_steps

        worker_steps.register("messages", services.deliver_due)
