"""What a customer is told about a paper: accepted, refused and why, soon at its end."""

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import BranchCustomer, CustomerDocument
from accounts.telling import readers, tell
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Category, Link
from wekeza_portal.notifications.models import InboxItem

LINK = Link("profile_papers")


def tell_decided(paper: CustomerDocument) -> None:
    """In the transaction that decides."""
    reader = readers([paper.customer_id]).get(paper.customer_id)
    if reader is None:
        return
    with translation.override(reader.language):
        values = {"bank": settings.BANK_NAME, "paper": paper.get_kind_display(), "reason": paper.reason}
        longer = ""
        if paper.state == CustomerDocument.State.VERIFIED:
            subject, body = _("Your paper was accepted"), _("%(bank)s: accepted: %(paper)s.") % values
        else:
            subject, body = (
                _("Your paper was refused"),
                _("%(bank)s: we can't use this: %(paper)s. Sign in to see why."),
            )
            body %= values
            longer = _("We can't use this: %(paper)s. %(reason)s Please send another one.") % values
    cause = f"paper-decided:{paper.uuid}"
    tell(
        reader.customer,
        cause=cause,
        event=Event.REQUESTS,
        subject=subject,
        body=body,
        category=Category.REQUESTS,
        link=LINK,
        in_full=longer,
    )


def tell_ending(customer: BranchCustomer, paper: CustomerDocument, step: int) -> bool:
    """Once for each step of days; whether it was told now."""
    cause = f"paper-ending:{paper.uuid}:{step}"
    reader = readers([paper.customer_id])[customer.user_id]
    if paper.expires_on is None or InboxItem.objects.filter(cause=cause).exists():
        return False
    with translation.override(reader.language):
        day = date_format(paper.expires_on, "SHORT_DATE_FORMAT")
        values = {"bank": settings.BANK_NAME, "paper": paper.get_kind_display(), "date": day}
        subject = _("A paper of yours ends soon")
        body = _("%(bank)s: %(paper)s ends on %(date)s. Please send us the new one in your profile.") % values
    tell(
        customer,
        cause=cause,
        event=Event.REMINDERS,
        subject=subject,
        body=body,
        category=Category.REQUESTS,
        link=LINK,
    )
    return True
