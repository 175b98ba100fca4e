from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class StaffConfig(AppConfig):
    """The staff's side: Django admin behind a second factor, roles, proposals, switches, boards."""

    name = "wekeza_portal.staff"
    label = "staff"

    def ready(self) -> None:
        from wekeza_portal.registry import EncryptedColumn, demo_codes, demo_seeders, encrypted_columns
        from wekeza_portal.staff import boards, demo, switches

        encrypted_columns.register("staff-apps", EncryptedColumn("staff.StaffTotp", "encrypted_key"))
        boards.register()
        switches.register()
        demo_seeders.register("90-staff", demo.seed)
        demo_codes.register("90-staff", demo.codes)
        # Each app's admin.py registers its tables, boards, figures and what the roles may do with them.
        autodiscover_modules("admin")
        # Django itself makes the permissions in this moment; the groups can only be filled after it.
        post_migrate.connect(_install_roles, dispatch_uid="wekeza_portal.staff.roles")


def _install_roles(app_config: Any, using: str, **kwargs: Any) -> None:
    from wekeza_portal.staff import roles

    roles.install(app_config.label, using=using)
