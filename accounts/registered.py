"""What accounts gives to others through the registry: links of messages, panels, its data for export."""

from django.utils.translation import gettext_lazy as _

from accounts import due, exported
from accounts.identity import passwordchange
from accounts.notices import lowbalance, wishes
from accounts.ownlimits import changing, kind
from accounts.profile import changing as contacts
from wekeza_portal import registry
from wekeza_portal.registry import DashboardPanel, FreezeStop


def register_all() -> None:
    registry.message_links.register("sign_in_history", _("See your sign-ins"))
    registry.message_links.register("security_settings", _("See how you confirm it is you"))
    registry.message_links.register("profile", _("See your profile"))
    registry.message_links.register("profile_papers", _("See your papers"))
    registry.message_links.register("request_page", _("See your request"))
    registry.message_links.register("stop_everything", _("See what is stopped"))
    registry.message_links.register("own_limits", _("See your limits"))
    registry.message_links.register("notifications", _("See which messages you get"))
    registry.message_wishes.register("chosen", wishes.wish_of)
    registry.movement_listeners.register("low-balance", lowbalance.watch)
    registry.instruction_kinds.register(changing.RAISE, kind.raise_kind())
    registry.freeze_stops.register("contact-changes", FreezeStop(contacts.give_up_waiting))
    registry.freeze_stops.register("own-limits", FreezeStop(changing.call_off))
    coming_up = DashboardPanel(_("Coming up"), "accounts/coming_up.html", due.coming_up)
    registry.dashboard_panels.register("10-coming-up", coming_up)
    passwordchange.register()
    exported.register_all()
