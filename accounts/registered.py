"""What accounts gives to others through the registry: links of messages, panels, its data for export."""

from django.utils.translation import gettext_lazy as _

from accounts import due, exported
from accounts.approvals import services as requests
from accounts.identity import passwordchange
from accounts.notices import lowbalance, wishes
from accounts.ownlimits import changing, kind
from accounts.profile import changing as contacts
from accounts.supporting import acts, demo, ending, services
from wekeza_portal import actors, registry
from wekeza_portal.registry import DashboardPanel, EncryptedColumn, FreezeStop

PAGES = {
    "home": _("Home"),
    "requests": _("Requests"),
    "request_page": _("A request"),
    "cards": _("Cards"),
    "card": _("A card"),
    "card_uses": _("Payments with a card"),
    "own_limits": _("Limits"),
}
"""What staff may look at with the customer's consent."""


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
    registry.freeze_stops.register("requests", FreezeStop(_take_back_requests))
    registry.freeze_stops.register("own-limits", FreezeStop(changing.call_off))
    coming_up = DashboardPanel(_("Coming up"), "accounts/coming_up.html", due.coming_up)
    registry.dashboard_panels.register("10-coming-up", coming_up)
    registry.message_links.register("support_view", _("See the look at your pages"))
    registry.instruction_kinds.register(services.KIND, acts.AGREE)
    registry.demo_seeders.register("96-looks", demo.seed)
    registry.worker_steps.register("support-views", ending.end_due)
    for name, words in PAGES.items():
        registry.support_pages.register(name, words)
    apps_keys = EncryptedColumn("accounts.AuthenticatorApp", "encrypted_key")
    registry.encrypted_columns.register("customers-apps", apps_keys)
    registry.encrypted_columns.register("kept-forms", EncryptedColumn("accounts.KeptForm", "data"))
    passwordchange.register()
    exported.register_all()


def _take_back_requests(customer_id: int) -> int:
    return requests.take_back_guarded(customer_id, actors.system("freeze"))
