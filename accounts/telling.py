"""One way to tell a customer something that is no secret: in the inbox, and by SMS or else by e-mail.

A further way out (web push) is one more channel here: nobody who tells has to know of it.
"""

from django.conf import settings

from accounts.identity.contacts import address_for
from accounts.models import BranchCustomer, User
from wekeza_portal.notifications import inbox
from wekeza_portal.notifications.inbox import Category, Link
from wekeza_portal.notifications.models import Channel
from wekeza_portal.notifications.services import enqueue


def tell(
    customer: BranchCustomer,
    *,
    cause: str,
    subject: str,
    body: str,
    category: str = Category.MONEY,
    link: Link | None = None,
    in_full: str = "",
) -> None:
    """Write it into inbox and outbox in the caller's transaction, once per `cause`; in the reader's language.

    `body` fits one SMS; `in_full` is what the inbox says instead where there is more to say. `link` is the page it
    speaks of, for the inbox alone: messages that leave the bank carry no links, so that one that does is not ours.
    """
    inbox.put(
        cause=cause,
        customer_id=customer.user_id,
        category=category,
        title=subject,
        text=in_full or body,
        link=link,
    )
    channel, to = address_for(customer, Channel.SMS)
    if not to:
        return
    subject = subject if channel is Channel.EMAIL else ""
    enqueue(cause=cause, channel=channel, to=to, customer_id=customer.user_id, subject=subject, body=body)


def language_of(customer: BranchCustomer) -> str:
    """The language this customer reads; the bank's own where they never signed in."""
    language = User.objects.filter(customer_id=customer.user_id).values_list("language", flat=True).first()
    return language or settings.LANGUAGE_CODE
