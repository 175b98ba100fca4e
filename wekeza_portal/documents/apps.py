from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "wekeza_portal.documents"
    label = "documents"
