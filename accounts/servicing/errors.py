"""Why a service can't be asked for, in the customer's words."""

from django.utils.translation import gettext_lazy as _

from wekeza_portal.errors import PortalError


class ServiceRefused(PortalError):
    """A service that can't be asked for as it was filled in."""


class NoPrice(ServiceRefused):
    """A missing price must stop it, not make it free."""

    code = "no_service_price"
    message = _("The bank has set no price for this, so it can't be asked for now. Nothing was paid.")


class PriceChanged(ServiceRefused):
    code = "service_price_changed"
    message = _("The fee is now %(fee)s. Nothing was sent or paid. Please fill it in again.")


class NotThisAccount(ServiceRefused):
    code = "not_this_account"
    field = "account"
    message = _("This can't be done for that account now. Choose another one.")


class StillInTheWay(ServiceRefused):
    code = "still_in_the_way"
    message = _("The account can't be closed yet: %(what)s. Nothing was sent.")


class NotTheRest(ServiceRefused):
    code = "not_the_rest"
    field = "rest"
    message = _("What is left can't go to that account. Choose another way.")


class BranchGone(ServiceRefused):
    code = "service_branch_gone"
    field = "branch"
    message = _("It can't be collected at this branch any more. Choose another one.")


class OneselfIsNoHelper(ServiceRefused):
    code = "oneself_is_no_helper"
    field = "national_id"
    message = _("That is your own national ID. A mandate is for somebody else.")


class BalanceUnknown(ServiceRefused):
    code = "balance_unknown"
    field = "account"
    message = _("The branch has not recorded a balance on this account, so none can be confirmed. Please ask there.")


class AccountGone(ServiceRefused):
    code = "service_account_gone"
    message = _("The account is not the one you chose any more. Nothing was done. Please start again.")


class NotAgreedYet(ServiceRefused):
    code = "not_agreed_yet"
    message = _("This was not approved, or it is done already.")
