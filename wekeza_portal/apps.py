from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """What every banking domain stands on: money, time, limits on guessing, documents, messages."""

    name = "wekeza_portal"
    label = "platform"
    verbose_name = "Portal platform"

    def ready(self) -> None:
        from wekeza_portal import checks  # noqa: F401 - importing registers the system checks
        from wekeza_portal.registry import EncryptedColumn, encrypted_columns

        encrypted_columns.register("errands", EncryptedColumn("platform.Errand", "data"))
