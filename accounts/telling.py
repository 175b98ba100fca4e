"""One way to tell a customer something that is no secret: SMS, or e-mail where the bank has no number."""

from accounts.identity.contacts import address_for
from accounts.models import BranchCustomer
from wekeza_portal.notifications.models import Channel
from wekeza_portal.notifications.services import enqueue


def tell(customer: BranchCustomer, *, cause: str, subject: str, body: str) -> None:
    """Put it into the outbox in the caller's transaction, once per `cause`; the words are in the reader's language."""
    channel, to = address_for(customer, Channel.SMS)
    if not to:
        return
    subject = subject if channel is Channel.EMAIL else ""
    enqueue(cause=cause, channel=channel, to=to, customer_id=customer.user_id, subject=subject, body=body)
