"""A message to try a channel with: through the same outbox as every other, and told by its row alone."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import BranchCustomer, User
from accounts.notices.wishes import reach
from wekeza_portal import ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.models import Channel, OutboxMessage
from wekeza_portal.notifications.services import enqueue

TESTS = ratelimit.Policy("test-messages", 5, timedelta(hours=24))
CAUSE = "test-message:"


class NoAddress(PortalError):
    code = "no_address"
    message = gettext_lazy("We have no such address of yours, so nothing was sent.")


def send(user: User, customer: BranchCustomer, channel: Channel, actor: Actor) -> OutboxMessage:
    """Put one into the outbox, in the customer's language. Raises NoAddress, or ratelimit.TooMany: five a day."""
    address = reach(customer).get(channel)
    if address is None:
        raise NoAddress()
    ratelimit.consume(TESTS, str(customer.user_id))
    with transaction.atomic(), translation.override(user.language):
        body = _("%(bank)s: this is the test message that you asked for. It has reached you.")
        message = enqueue(
            cause=f"{CAUSE}{uuid.uuid4()}",
            event=Event.ASKED,
            channel=channel,
            to=address,
            customer_id=customer.user_id,
            subject=_("Test message from %(bank)s") % {"bank": settings.BANK_NAME},
            body=body % {"bank": settings.BANK_NAME},
        )
        record("messages.tested", actor=actor, customer_id=customer.user_id, data={"channel": channel.value})
    return message


def get(customer: BranchCustomer, message_id: uuid.UUID) -> OutboxMessage:
    """One test message of this customer; Http404 for any other message, and for one of a former owner of the id."""
    own = OutboxMessage.objects.filter(customer_id=customer.user_id, cause__startswith=CAUSE, pk=message_id)
    if customer.created_at is not None:
        own = own.filter(created_at__gte=customer.created_at)
    message = own.first()
    if message is None:
        raise Http404
    return message
