"""Why something is refused because of a stop, in the customer's words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Freeze
from wekeza_portal import clock, dates
from wekeza_portal.errors import PortalError


def moment(freeze: Freeze) -> str:
    """Since when, as "25 November 2026, 10:32", in the active language."""
    return dates.shown(freeze.since.astimezone(clock.NAIROBI), "j F Y, H:i")


class Frozen(PortalError):
    """Nothing leaves this customer now. Says since when, in the language of whoever reads it."""

    code = "frozen"
    message = _("Everything is stopped since %(since)s, so nothing can leave your accounts. Nothing was sent.")

    def __init__(self, freeze: Freeze) -> None:
        super().__init__()
        self.freeze = freeze

    def __str__(self) -> str:
        values: dict[str, Any] = {"since": moment(self.freeze)}
        return str(self.message) % values


class NotFrozen(PortalError):
    code = "not_frozen"
    message = _("Nothing is stopped any more: there is nothing to lift.")


class LiftedByStaffOnly(PortalError):
    code = "lifted_by_staff_only"
    message = _("The bank stopped this with you. Call us or visit a branch with your ID: two of our people lift it.")
