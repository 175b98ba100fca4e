from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "wekeza_portal.documents"
    label = "documents"

    def ready(self) -> None:
        from wekeza_portal.registry import EncryptedColumn, encrypted_columns

        encrypted_columns.register("files", EncryptedColumn("documents.StoredFile", "content"))
