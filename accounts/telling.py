"""One way to tell a customer something that is no secret: SMS, or e-mail where the bank has no number."""

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings

from accounts.identity.contacts import address_for
from accounts.models import BranchCustomer
from wekeza_portal import sql
from wekeza_portal.notifications.models import Channel
from wekeza_portal.notifications.services import Message, enqueue_all

_customers = sql.Rows(BranchCustomer)


@dataclass(frozen=True, slots=True)
class Reader:
    """A customer and the language to write to them in."""

    customer: BranchCustomer
    language: str


def readers(customer_ids: Collection[int]) -> dict[int, Reader]:
    """Customers by id, each with the language of their login; the bank's own where there is none."""
    ids = list(customer_ids)
    if not ids:
        return {}
    logins = sql.run(f"SELECT customer_id, language FROM portal_user WHERE customer_id IN ({sql.marks(ids)})", ids)  # noqa: S608
    languages: dict[int, str] = dict(logins)
    return {
        row.user_id: Reader(row, languages.get(row.user_id) or settings.LANGUAGE_CODE)
        for row in _customers.where(f"user_id IN ({sql.marks(ids)})", ids)
    }


def message_to(customer: BranchCustomer, *, cause: str, subject: str, body: str) -> Message | None:
    """The message by SMS, or by e-mail where the bank has no number; None where it has no address at all."""
    channel, to = address_for(customer, Channel.SMS)
    if not to:
        return None
    subject = subject if channel is Channel.EMAIL else ""
    return Message(cause, channel, to, customer.user_id, subject, body)


def tell(customer: BranchCustomer, *, cause: str, subject: str, body: str) -> None:
    """Put it into the outbox in the caller's transaction, once per `cause`; the words are in the reader's language."""
    message = message_to(customer, cause=cause, subject=subject, body=body)
    enqueue_all([message] if message else [])
