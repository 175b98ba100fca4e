"""What accounts gives to others through the registry: where messages may lead."""

from django.utils.translation import gettext_lazy as _

from wekeza_portal import registry


def register_all() -> None:
    registry.message_links.register("sign_in_history", _("See your sign-ins"))
    registry.message_links.register("request_page", _("See your request"))
