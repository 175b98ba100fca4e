from django.apps import AppConfig


class UploadsConfig(AppConfig):
    name = "wekeza_portal.uploads"
    label = "uploads"

    def ready(self) -> None:
        from wekeza_portal.registry import worker_steps
        from wekeza_portal.uploads import housekeeping

        worker_steps.register("tidy-uploads", housekeeping.tidy)
