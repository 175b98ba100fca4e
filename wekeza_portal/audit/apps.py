from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "wekeza_portal.audit"
    label = "audit"
