from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "wekeza_portal.notifications"
    label = "notifications"
