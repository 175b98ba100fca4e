from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "wekeza_portal.audit"
    label = "audit"

    def ready(self) -> None:
        from wekeza_portal.audit import checks, sealing, watching  # noqa: F401 - importing registers the system check
        from wekeza_portal.registry import worker_steps

        worker_steps.register("seal-audit", sealing.seal_waiting)
        worker_steps.register("watch-audit", watching.watch)
