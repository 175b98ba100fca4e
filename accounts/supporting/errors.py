"""Why a look is not there, in the words of whoever reads it."""

from django.utils.translation import gettext_lazy as _

from wekeza_portal.errors import PortalError


class AnotherLook(PortalError):
    code = "another_look"
    message = _("%(helper)s has asked this customer already. One look at a time.")


class NoOnlineAccess(PortalError):
    code = "no_online_access"
    field = "customer"
    message = _("This customer has no online access, so there is nothing to look at.")


class NotOnTheStaffList(PortalError):
    code = "not_on_the_staff_list"
    message = _("Your code is not on the branch's staff list, so the customer could not be told your name.")


class LookIsOver(PortalError):
    code = "look_is_over"
    message = _("This request is over or was answered already. Nobody sees your pages because of it.")
