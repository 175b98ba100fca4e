"""Why a standing order is refused."""

from django.utils.translation import gettext_lazy as _

from transfers.errors import TransferRefused
from wekeza_portal.errors import PortalError


class BeginsTooEarly(TransferRefused):
    code = "begins_too_early"
    field = "begins"
    message = _("The first payment can be tomorrow (%(first)s) or later. To pay today, pay now.")


class AlreadyPast(TransferRefused):
    """Moved to the working day before, the first payment would have been due already."""

    code = "already_past"
    field = "begins"
    message = _("With your choice for weekends and holidays, the first payment would be too early. Begin later.")


class NeverDue(TransferRefused):
    code = "never_due"
    field = "until"
    message = _("No payment falls between the first day and the last one. Choose a later last day.")


class NeverWithinTheLimit(TransferRefused):
    code = "never_within_the_limit"
    field = "amount"
    message = _("Your daily limit is %(limit)s, so this amount could never be sent. Choose a smaller one.")


class OrderChanged(TransferRefused):
    """Another tab was quicker: what was reviewed is not what would be changed."""

    code = "order_changed"
    message = _("This order has changed since you opened it. Nothing was changed now. Please start again.")


class AccessClosed(PortalError):
    """The customer could not sign in now, so nothing is paid in their name either."""

    code = "access_closed"
    message = _("Your online access is closed or has to be activated again.")
