"""Why a detail is not changed, in the customer's words."""

from django.utils.translation import gettext_lazy as _

from wekeza_portal.errors import PortalError


class ChangedLately(PortalError):
    """One change of each contact in 72 hours: a second one would outrun the undo link of the first."""

    code = "changed_lately"
    message = _("You changed this less than 72 hours ago. Ask a branch if it has to change again before %(until)s.")


class OtherMeanwhile(PortalError):
    """The branch has another value by now than the one that was to be replaced."""

    code = "other_meanwhile"
    message = _("The branch has changed this in the meantime. Look at what we have now, and start again.")


class NotForYou(PortalError):
    """Another customer has it. Told to nobody but who has just read a code there."""

    code = "contact_taken"
    message = _("We can't use this for you: it is registered for other banking with us. Please ask at a branch.")


class ChangeIsOver(PortalError):
    """Given up, run out, replaced or done already."""

    code = "change_over"
    message = _("This change was given up or has run out. Nothing was changed. Please start again.")


class LinkIsOver(PortalError):
    """The undo link was used, is older than 72 hours, or never was one."""

    code = "undo_over"
    message = _("This link does not work any more. It works once, for 72 hours. Please call us.")


class ChangedSince(PortalError):
    """Whoever wrote the branch's row since, the link undoes the portal's change alone."""

    code = "changed_since"
    message = _("The bank has changed this once more since then, and the link can't undo that. Please call us.")
