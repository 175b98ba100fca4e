from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatementsConfig(AppConfig):
    name = "statements"

    def ready(self) -> None:
        from wekeza_portal.registry import message_links

        message_links.register("movement", _("See the movement"))
